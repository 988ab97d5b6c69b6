//! What can go wrong with a database.

use std::io;
use std::path::PathBuf;

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL names no database that we know.
    #[error("the database's URL must be `sqlite:path/to/file.db` or `postgres://user@host/name`")]
    Url,
    /// The file of the database, or its folder, cannot be made or opened.
    #[error("cannot open the database's file {path}: {error}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database is of a newer version of Sluice.
    #[error(
        "the database has migration {version}, which this version of Sluice does not know: start the newer version that made it, or restore a backup"
    )]
    Newer {
        /// The first migration that is not known.
        version: i64,
    },
    /// A migration that was run has another text now.
    #[error(
        "migration {version} was run with another text than this version of Sluice has: start the version that ran it, or restore a backup"
    )]
    Drift {
        /// The migration.
        version: i64,
    },
    /// A migration is missing before one that was run.
    #[error(
        "migration {version} is missing in the database although later ones were run: restore a backup"
    )]
    Gap {
        /// The missing migration.
        version: i64,
    },
    /// The database has tables of ours but no record of migrations.
    #[error(
        "the database has a table `{table}` that no migration of Sluice made: use an empty database, or restore a backup"
    )]
    Foreign {
        /// One of the tables.
        table: String,
    },
    /// A migration failed. Nothing of it is left.
    #[error("migration {version} failed and was undone: {error}")]
    Migration {
        /// The migration.
        version: i64,
        /// Why.
        error: Box<Error>,
    },
    /// What is kept was written by a version of Sluice with another form. It is left as it is.
    #[error(
        "an exchange is kept in form {form}, which this version of Sluice does not know: start the newer version that wrote it"
    )]
    Form {
        /// The number of the form.
        form: u8,
    },
    /// The spool has no room.
    #[error("the spool has the {most} bytes that it may have")]
    SpoolFull {
        /// The most bytes.
        most: u64,
    },
    /// There are as many keys as there may be.
    #[error("there are {most} keys, revoked ones among them, which is as many as there may be")]
    TooManyKeys {
        /// The most keys.
        most: u64,
    },
    /// What is stored under this id was erased, or never was.
    #[error("there is no such content, or it was erased")]
    Gone,
    /// A session is on hold, so nothing of it is erased.
    #[error("the session is on hold: release it first")]
    Held,
    /// A token does not come from a page of this list.
    #[error("the page token is not valid")]
    Token,
    /// What was stored is not what was read.
    #[error("what the database returned is damaged: {0}")]
    Damaged(String),
    /// What was deleted may still stand in the database's log, because another process reads it.
    #[error(
        "everything was erased, but another process keeps the database's log from being emptied: try again later"
    )]
    LogInUse,
    /// A read was ended because it took longer than the settings allow.
    #[error(
        "the read took longer than is allowed: narrow it with filters, or search for rarer words"
    )]
    TooLong,
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
}

impl Error {
    pub(crate) fn odd(column: usize) -> Self {
        Self::Damaged(format!("column {column} has another type than expected"))
    }

    /// Whether a read was ended because it took longer than the settings allow.
    pub fn took_too_long(&self) -> bool {
        let error = match self {
            Self::TooLong => return true,
            Self::Database(sqlx::Error::Database(error)) => error,
            _ => return false,
        };
        // SQLite's "interrupted", and PostgreSQL's "query canceled".
        error
            .code()
            .is_some_and(|code| code == "9" || code == "57014")
    }

    /// Whether a file of SQLite holds what no SQLite wrote there.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().and_then(|code| code.parse::<i32>().ok());
                // The low byte is the kind: a malformed file, or one that is no database.
                code.is_some_and(|code| matches!(code & 0xff, 11 | 26))
            }
            Self::Database(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => true,
            _ => false,
        }
    }

    /// Whether the same may succeed later, without any change of what is asked for.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| passes(&code))
            }
            Self::Database(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed,
            ) => true,
            _ => false,
        }
    }
}

/// Classes and codes of PostgreSQL that are about the server and not about what is stored: connections, resources, the
/// operator's doing, locks, deadlocks, and a database that is read-only, closed, away or not ours yet.
const POSTGRES: [&str; 11] = [
    "08", "53", "57", "58", "55", "40", "28", "25006", "3D", "42P01", "42501",
];
/// The same of SQLite: no permission, busy, locked, read-only, input or output, full, cannot open.
const SQLITE: [i32; 7] = [3, 5, 6, 8, 10, 13, 14];

/// Whether a code of SQLite (a number) or of PostgreSQL (five letters and digits) is that of a state that ends.
fn passes(code: &str) -> bool {
    match code.parse::<i32>() {
        // The low byte is the kind, the rest says more.
        Ok(number) if code.len() < 5 => SQLITE.contains(&(number & 0xff)),
        _ => POSTGRES.iter().any(|class| code.starts_with(class)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_server_passes_and_what_is_about_the_exchange_does_not() {
        // Busy, its longer form for a snapshot, an input or output error in sync, a full disk.
        let pass = [
            "5", "517", "1034", "13", "08006", "57P01", "40001", "53300", "55000", "42P01",
        ];
        assert!(pass.into_iter().all(passes));
        // A broken key, a value of the wrong type, a syntax error, a text that is no UTF-8.
        let refuse = ["1", "19", "2067", "20", "23505", "22021", "42601", "54000"];
        assert!(!refuse.into_iter().any(passes));
    }
}
