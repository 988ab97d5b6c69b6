//! PostgreSQL: a server that several processes share.

use std::str::FromStr as _;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Arguments as _, Postgres, Transaction};

use super::statement::STATEMENTS;
use super::value::Value;
use crate::config::Config;
use crate::error::Error;

/// Whoever writes holds this lock until its transaction ends. The number only has to be the same everywhere.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7385903387887667059)";

/// The connections to a server: a few write, the others read.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    writing: PgPool,
    reading: PgPool,
}

/// Gets ready to connect. The first statement connects, so that a server that is away is an error like any later one.
pub(super) fn open(config: &Config) -> Result<Pools, Error> {
    let options = PgConnectOptions::from_str(&config.url).map_err(|_| Error::Url)?;
    let options = options
        .application_name("sluice")
        .statement_cache_capacity(STATEMENTS);
    let limit = config.statement.as_millis().to_string();
    let reading = options.clone().options([
        ("statement_timeout", limit.as_str()),
        ("default_transaction_read_only", "on"),
        // How to read best depends on the values: a word that nearly every block has is not looked up like a rare one.
        ("plan_cache_mode", "force_custom_plan"),
        // A scan that ends soon then always reads the same pages, which are in memory by now.
        ("synchronize_seqscans", "off"),
    ]);
    // One for the writer, one for what erases beside it.
    let writing = config.pool(PgPoolOptions::new()).max_connections(2);
    Ok(Pools {
        writing: writing.connect_lazy_with(options),
        reading: config.pool(PgPoolOptions::new()).connect_lazy_with(reading),
    })
}

impl Pools {
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, Error> {
        let mut tx = self.writing.begin().await?;
        sqlx::query(LOCK).execute(&mut *tx).await?;
        Ok(tx)
    }

    pub(super) async fn begin_reading(&self) -> Result<Transaction<'static, Postgres>, Error> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(self.reading.begin_with(begin).await?)
    }

    pub(super) async fn close(&self) {
        self.reading.close().await;
        self.writing.close().await;
    }
}

pub(super) fn arguments(values: Vec<Value>) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        let added = match value {
            Value::Int(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value.as_deref()),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
