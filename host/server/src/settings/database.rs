//! The settings of the database.

use std::str::FromStr;

use clap::Args;
use schemars::JsonSchema;
use thiserror::Error;

use super::kinds::Whole;

/// Which database it is, and how it is reached.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct RecordDatabase {
    /// The database of the record: the path of an SQLite file, or `postgres://USER@HOST/NAME`. [default: `sluice.db` in
    /// the user's data folder, `$XDG_DATA_HOME/sluice` or `~/.local/share/sluice`]
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    #[schemars(with = "String")]
    pub database: Option<Database>,
    /// The connections that read.
    #[command(flatten)]
    pub pool: Pool,
}

/// The section `pool`.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
#[schemars(inline, deny_unknown_fields)]
pub struct Pool {
    /// The most connections to the database that read. One more writes.
    #[arg(
        id = "pool.connections",
        long = "pool-connections",
        env = "SLUICE_POOL_CONNECTIONS"
    )]
    #[arg(value_name = "COUNT", default_value = "8")]
    pub connections: Whole<1, 1000>,
    /// How long a read waits for a connection.
    #[arg(id = "pool.acquire_timeout", long = "pool-acquire-timeout")]
    #[arg(
        env = "SLUICE_POOL_ACQUIRE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "5"
    )]
    pub acquire_timeout: Whole<1, 300>,
    /// After how long a connection that nobody uses is closed.
    #[arg(
        id = "pool.idle_timeout",
        long = "pool-idle-timeout",
        env = "SLUICE_POOL_IDLE_TIMEOUT"
    )]
    #[arg(value_name = "SECONDS", default_value = "600")]
    pub idle_timeout: Whole<1, 86_400>,
    /// After how long any connection is replaced.
    #[arg(
        id = "pool.lifetime",
        long = "pool-lifetime",
        env = "SLUICE_POOL_LIFETIME"
    )]
    #[arg(value_name = "SECONDS", default_value = "1800")]
    pub lifetime: Whole<1, 86_400>,
    /// How long a statement that reads may take.
    #[arg(id = "pool.statement_timeout", long = "pool-statement-timeout")]
    #[arg(
        env = "SLUICE_POOL_STATEMENT_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30"
    )]
    pub statement_timeout: Whole<1, 3600>,
}

/// Where the database of the record is, as the store takes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Database(pub Option<String>);

/// Why a text is no database.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "expected the path of an SQLite file, or a URL that begins with `sqlite:` or `postgres://`"
)]
pub struct NotADatabase;

impl FromStr for Database {
    type Err = NotADatabase;

    fn from_str(text: &str) -> Result<Self, NotADatabase> {
        let url = match text.split_once("://") {
            _ if text.is_empty() => return Ok(Self(None)),
            Some(("postgres" | "postgresql" | "sqlite", _)) => text.to_owned(),
            Some(_) => return Err(NotADatabase),
            None if text.starts_with("sqlite:") => text.to_owned(),
            None => format!("sqlite:{text}"),
        };
        Ok(Self(Some(url)))
    }
}

impl std::fmt::Debug for Database {
    /// Leaves the URL out, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_url_that_the_store_knows() {
        let read = |text: &str| text.parse::<Database>().map(|database| database.0);
        for (text, url) in [
            ("sluice.db", "sqlite:sluice.db"),
            ("/var/lib/sluice.db", "sqlite:/var/lib/sluice.db"),
            ("sqlite:x.db", "sqlite:x.db"),
            ("postgres://u@h/n", "postgres://u@h/n"),
            ("postgresql://u:p@h/n", "postgresql://u:p@h/n"),
        ] {
            assert_eq!(read(text), Ok(Some(url.to_owned())));
        }
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("mysql://u@h/n"), Err(NotADatabase));
        let shown = format!("{:?}", "postgres://u:secret@h/n".parse::<Database>());
        assert!(!shown.contains("secret"), "{shown}");
    }
}
