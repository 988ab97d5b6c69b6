//! The connections to a database, and its transactions.

use std::path::Path;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Postgres, Row as _, Sqlite, TypeInfo as _, ValueRef as _};

use super::statement::{Kind, Sql};
use super::value::{Row, Value};
use super::{postgres, sqlite};
use crate::config::Config;
use crate::error::Error;

/// An open database: connections that write, and others that read.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite(sqlite::Pools),
    Postgres(postgres::Pools),
}

/// A transaction. Dropping it undoes what it did.
pub(crate) enum Tx {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Database {
    /// Opens the database that the URL names.
    pub(crate) async fn open(config: &Config) -> Result<Self, Error> {
        let scheme = config.url.split(':').next().unwrap_or_default();
        match scheme {
            "sqlite" => Ok(Self::Sqlite(sqlite::open(config).await?)),
            "postgres" | "postgresql" => Ok(Self::Postgres(postgres::open(config)?)),
            _ => Err(Error::Url),
        }
    }

    /// Opens a file of SQLite that no other process has, and that none gets while it is open.
    pub(crate) async fn open_alone(path: &Path, wait: Duration) -> Result<Self, Error> {
        Ok(Self::Sqlite(sqlite::open_alone(path, wait).await?))
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(_) => Kind::Sqlite,
            Self::Postgres(_) => Kind::Postgres,
        }
    }

    /// Begins a transaction that writes. There is one at a time, in all processes together.
    pub(crate) async fn write(&self) -> Result<Tx, Error> {
        match self {
            Self::Sqlite(pools) => Ok(Tx::Sqlite(pools.begin().await?)),
            Self::Postgres(pools) => Ok(Tx::Postgres(pools.begin().await?)),
        }
    }

    /// Begins a transaction that only reads, and sees one state of the database.
    pub(crate) async fn read(&self) -> Result<Tx, Error> {
        match self {
            Self::Sqlite(pools) => Ok(Tx::Sqlite(pools.begin_reading().await?)),
            Self::Postgres(pools) => Ok(Tx::Postgres(pools.begin_reading().await?)),
        }
    }

    /// Makes sure that nothing of what was deleted is left in a file.
    pub(crate) async fn scrub(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(pools) => pools.scrub().await,
            // PostgreSQL's own vacuum and its log are the operator's.
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pools) => pools.close().await,
            Self::Postgres(pools) => pools.close().await,
        }
    }
}

impl Tx {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(_) => Kind::Sqlite,
            Self::Postgres(_) => Kind::Postgres,
        }
    }

    /// Runs a statement. Returns its rows.
    pub(crate) async fn rows(
        &mut self,
        sql: &(impl Sql + Sync),
        values: Vec<Value>,
    ) -> Result<Vec<Row>, Error> {
        let text = AssertSqlSafe(sql.text(self.kind()));
        match self {
            Self::Sqlite(tx) => {
                let rows = sqlx::query_with(text, sqlite::arguments(values)?).fetch(&mut **tx);
                let rows = rows.err_into().and_then(async |row| from_sqlite(row));
                rows.try_collect().await
            }
            Self::Postgres(tx) => {
                let rows = sqlx::query_with(text, postgres::arguments(values)?).fetch(&mut **tx);
                let rows = rows.err_into().and_then(async |row| from_postgres(row));
                rows.try_collect().await
            }
        }
    }

    /// Runs a statement. Returns its first row, if it has one.
    pub(crate) async fn row(
        &mut self,
        sql: &(impl Sql + Sync),
        values: Vec<Value>,
    ) -> Result<Option<Row>, Error> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs a statement. Returns how many rows it changed.
    pub(crate) async fn run(
        &mut self,
        sql: &(impl Sql + Sync),
        values: Vec<Value>,
    ) -> Result<u64, Error> {
        let text = AssertSqlSafe(sql.text(self.kind()));
        Ok(match self {
            Self::Sqlite(tx) => {
                let query = sqlx::query_with(text, sqlite::arguments(values)?);
                query.execute(&mut **tx).await?.rows_affected()
            }
            Self::Postgres(tx) => {
                let query = sqlx::query_with(text, postgres::arguments(values)?);
                query.execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Runs a script of several statements.
    pub(crate) async fn script(&mut self, text: &'static str) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => {
                sqlx::raw_sql(text).execute(&mut **tx).await?;
            }
            Self::Postgres(tx) => {
                sqlx::raw_sql(text).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// Reads the columns of a row. Each database has its own names for the three types.
macro_rules! values {
    ($row:expr, $($name:literal => $variant:ident as $type:ty),+) => {{
        let row = $row;
        let mut values = Vec::with_capacity(row.len());
        for at in 0..row.len() {
            let raw = row.try_get_raw(at)?;
            let (absent, kind) = (raw.is_null(), raw.type_info().name().to_owned());
            values.push(match &*kind {
                // SQLite knows the type of values, not of columns.
                _ if absent => Value::Int(None),
                $($name => Value::$variant(Some(row.try_get::<$type, _>(at)?.into())),)+
                other => return Err(Error::Damaged(format!("column {at} has the type {other}"))),
            });
        }
        Ok(Row(values))
    }};
}

fn from_sqlite(row: SqliteRow) -> Result<Row, Error> {
    values!(row, "INTEGER" => Int as i64, "TEXT" => Text as String, "BLOB" => Bytes as Vec<u8>)
}

fn from_postgres(row: PgRow) -> Result<Row, Error> {
    values!(row, "INT8" => Int as i64, "INT4" => Int as i32, "TEXT" => Text as String,
        "BYTEA" => Bytes as Vec<u8>)
}
