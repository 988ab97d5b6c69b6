//! The database's tables, and how they come to be.
//!
//! Migrations are numbered scripts, embedded into the program. All that are missing run in one transaction, which only
//! one process can hold: so two that start at once do not meet, and none is ever half done. What was run is kept with a
//! checksum. A database that a newer version made, or whose record does not fit, stops the start.

use bytes::Bytes;

use crate::chain::digest;
use crate::db::{Database, Kind, Row, Tx};
use crate::error::Error;
use crate::times::unix_millis;

mod statements;
#[cfg(test)]
pub(crate) use statements::ALL as STATEMENTS;

/// A script for each database.
struct Script {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! script {
    ($version:literal, $name:literal) => {
        Script {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// All of them, in order.
const SCRIPTS: [Script; 3] = [
    script!(1, "0001_exchanges"),
    script!(2, "0002_search"),
    script!(3, "0003_keys"),
];

/// A migration, and whether the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number, counted from 1.
    pub version: i64,
    /// The name of its file.
    pub name: String,
    /// When it was run, in milliseconds since 1970. `None` if it was not.
    pub applied_at: Option<u64>,
}

impl Script {
    fn text(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Sqlite => self.sqlite,
            Kind::Postgres => self.postgres,
        }
    }

    /// Line endings do not count: a checkout may change them.
    fn checksum(&self, kind: Kind) -> [u8; 32] {
        digest(self.text(kind).replace("\r\n", "\n").as_bytes())
    }
}

/// Which migrations the database has. Fails as a start would.
pub(crate) async fn status(database: &Database) -> Result<Vec<Migration>, Error> {
    let mut tx = database.write().await?;
    let applied = begin(&mut tx).await?;
    let one = |(at, script): (usize, &Script)| Migration {
        version: script.version,
        name: script.name.to_owned(),
        applied_at: applied.get(at).copied(),
    };
    Ok(SCRIPTS.iter().enumerate().map(one).collect())
}

/// Runs those that the database lacks. Returns how many.
pub(crate) async fn run(database: &Database) -> Result<usize, Error> {
    run_all(database, &SCRIPTS).await
}

async fn run_all(database: &Database, scripts: &[Script]) -> Result<usize, Error> {
    let mut tx = database.write().await?;
    let missing = scripts
        .get(begin(&mut tx).await?.len()..)
        .unwrap_or_default();
    for script in missing {
        apply(&mut tx, script)
            .await
            .map_err(|error| Error::Migration {
                version: script.version,
                error: Box::new(error),
            })?;
    }
    tx.commit().await?;
    Ok(missing.len())
}

async fn apply(tx: &mut Tx, script: &Script) -> Result<(), Error> {
    tx.script(script.text(tx.kind())).await?;
    let checksum = script.checksum(tx.kind()).to_vec();
    let values = vec![
        script.version.into(),
        script.name.into(),
        checksum.into(),
        unix_millis().into(),
    ];
    tx.run(&statements::APPLIED, values).await.map(drop)
}

/// Reads when the migrations were run, and checks that they are ours.
async fn begin(tx: &mut Tx) -> Result<Vec<u64>, Error> {
    tx.run(&statements::TABLE, vec![]).await?;
    let rows = tx.rows(&statements::LIST, vec![]).await?;
    if rows.is_empty() {
        let foreign = tx.row(&statements::FOREIGN, vec![]).await?;
        if let Some(row) = foreign {
            let table = row.need_text(0)?;
            return Err(Error::Foreign { table });
        }
    }
    check(tx.kind(), &rows)
}

fn check(kind: Kind, rows: &[Row]) -> Result<Vec<u64>, Error> {
    let mut applied = Vec::with_capacity(rows.len());
    for row in rows {
        let version = row.need_int(0)?;
        let expected = applied.len() as i64 + 1;
        let Some(script) = SCRIPTS.get(applied.len()) else {
            return Err(Error::Newer { version });
        };
        if version != expected {
            return Err(Error::Gap { version: expected });
        }
        if row.need_bytes(1)? != Bytes::copy_from_slice(&script.checksum(kind)) {
            return Err(Error::Drift { version });
        }
        applied.push(row.count(2)?);
    }
    Ok(applied)
}

/// The names of all migrations.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SCRIPTS.iter().map(|script| script.name)
}

/// Makes the tables of an earlier version, without a record of it: as many migrations as are named.
#[cfg(test)]
pub(crate) async fn tables_of(tx: &mut Tx, last: &str) -> Result<(), Error> {
    tx.run(&statements::TABLE, vec![]).await?;
    let count = SCRIPTS.iter().position(|script| script.name == last);
    for script in &SCRIPTS[..=count.expect("a migration")] {
        tx.script(script.text(tx.kind())).await?;
    }
    Ok(())
}

/// Lets a test do what only a later version would.
#[cfg(test)]
pub(crate) async fn run_broken(database: &Database) -> Result<usize, Error> {
    let broken = Script {
        version: SCRIPTS.len() as i64 + 1,
        name: "9999_broken",
        sqlite: "CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER);",
        postgres: "CREATE TABLE half (id BIGINT); CREATE TABLE half (id BIGINT);",
    };
    let mut scripts = Vec::from(SCRIPTS);
    scripts.push(broken);
    run_all(database, &scripts).await
}

#[cfg(test)]
pub(crate) async fn meddle(database: &Database, sql: &str) -> Result<(), Error> {
    let mut tx = database.write().await?;
    tx.run(&sql.to_owned(), Vec::new()).await?;
    tx.commit().await
}
