//! SQLite: a file that several processes may share.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::{
    SqliteArguments, SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode,
    SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Arguments as _, Connection as _, Sqlite, Transaction};

use super::statement::STATEMENTS;
use super::value::Value;
use crate::config::Config;
use crate::error::Error;

/// The connections to a file: one writes, the others read.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    writing: SqlitePool,
    reading: SqlitePool,
    /// How long a read may take.
    limit: Duration,
}

/// How many bytes a page has. Blocks are about 2 KB: in the usual pages of 4 KB a third of the space stays empty.
const PAGE: u32 = 8192;

/// How much of the file whoever writes keeps in memory, in KiB and negative as SQLite wants it. New rows go to places all
/// over the indexes of hashes; with the usual 2 MB most of these are read from the file again and again.
const CACHE: &str = "-32768";

/// How many steps SQLite makes before it looks at the clock.
const STEPS: i32 = 10_000;

/// Opens the file of a URL, and makes it if there is none.
pub(super) async fn open(config: &Config) -> Result<Pools, Error> {
    let path = path(&config.url)?;
    prepare(&path).map_err(|error| Error::File {
        path: path.clone(),
        error,
    })?;
    let common = SqliteConnectOptions::new()
        .filename(&path)
        .busy_timeout(config.busy)
        .statement_cache_capacity(STATEMENTS);
    let writing = durable(common.clone())
        .page_size(PAGE)
        .pragma("cache_size", CACHE);
    // These never change the file: setting its mode again would wait for whoever writes.
    let reading = common.pragma("query_only", "on");
    let pool = || config.pool(usable(SqlitePoolOptions::new()));
    let pools = Pools {
        writing: pool().max_connections(1).connect_lazy_with(writing),
        reading: pool().connect_lazy_with(reading),
        limit: config.statement,
    };
    first_connection(&pools.writing, config.busy).await?;
    Ok(pools)
}

/// Opens a file that this process has for itself for as long as it is open, and makes it if there is none. If another
/// process has it for longer than `wait`, that is an error that passes.
pub(super) async fn open_alone(path: &Path, wait: Duration) -> Result<Pools, Error> {
    prepare(path).map_err(|error| Error::File {
        path: path.to_owned(),
        error,
    })?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(wait)
        .locking_mode(SqliteLockingMode::Exclusive);
    // One connection that stays: the lock goes with it.
    let pool = usable(SqlitePoolOptions::new())
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(durable(options));
    let pools = Pools {
        writing: pool.clone(),
        reading: pool,
        limit: Duration::MAX,
    };
    first_connection(&pools.writing, wait).await?;
    Ok(pools)
}

/// Options for a file in which nothing that was committed is lost, and nothing that was deleted is left.
fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // What is deleted is overwritten.
        .pragma("secure_delete", "on")
}

/// Replaces connections whose transaction SQLite ended by itself, as it does when the disk is full. sqlx takes them for
/// being in it for ever, and begins no other.
fn usable(options: SqlitePoolOptions) -> SqlitePoolOptions {
    options.before_acquire(|connection, _| {
        let usable = !connection.is_in_transaction();
        Box::pin(async move { Ok(usable) })
    })
}

/// Opens the first connection. Of two processes that turn a new file into WAL mode at once, SQLite turns one away
/// without waiting, so we wait.
async fn first_connection(pool: &SqlitePool, limit: Duration) -> Result<(), Error> {
    let begun = Instant::now();
    loop {
        match pool.acquire().await.map_err(Error::from) {
            Ok(_) => return Ok(()),
            Err(error) if error.passes() && begun.elapsed() < limit => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// `sqlite:sluice.db`, `sqlite:///var/lib/sluice.db`: the rest is a path as it stands.
fn path(url: &str) -> Result<PathBuf, Error> {
    let path = url.strip_prefix("sqlite:").ok_or(Error::Url)?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let is_file = !path.is_empty() && path != ":memory:" && !path.contains(['?', '#']);
    is_file.then(|| path.into()).ok_or(Error::Url)
}

/// Makes the file, readable by us alone. Its folder is made too if there is none. SQLite gives the files beside it
/// the same permissions.
#[cfg(unix)]
fn prepare(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn prepare(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

impl Pools {
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        Ok(self.writing.begin_with("BEGIN IMMEDIATE").await?)
    }

    pub(super) async fn begin_reading(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        let mut tx = self.reading.begin().await?;
        let deadline = Instant::now() + self.limit;
        let mut handle = tx.lock_handle().await?;
        handle.set_progress_handler(STEPS, move || Instant::now() < deadline);
        drop(handle);
        Ok(tx)
    }

    /// Gives free pages back, and empties the log, in which pages stand as they were before.
    pub(super) async fn scrub(&self) -> Result<(), Error> {
        let mut connection = self.writing.acquire().await?;
        sqlx::raw_sql("PRAGMA incremental_vacuum")
            .execute(&mut *connection)
            .await?;
        let checkpoint = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)");
        let (busy, _, _): (i64, i64, i64) = checkpoint.fetch_one(&mut *connection).await?;
        (busy == 0).then_some(()).ok_or(Error::LogInUse)
    }

    pub(super) async fn close(&self) {
        self.reading.close().await;
        self.writing.close().await;
    }
}

pub(super) fn arguments(values: Vec<Value>) -> Result<SqliteArguments, Error> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        let added = match value {
            Value::Int(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value.map(Vec::from)),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
