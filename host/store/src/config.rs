//! The settings of the store.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::pool::PoolOptions;

/// The settings of a store. [`Config::new`] has sensible ones.
#[derive(Clone)]
pub struct Config {
    /// Where the database is: `sqlite:path/to/file.db`, or `postgres://user@host/name`.
    pub url: String,
    /// The most connections that read.
    pub connections: u32,
    /// How long a read waits for a connection.
    pub acquire: Duration,
    /// After how long a connection that nobody uses is closed.
    pub idle: Duration,
    /// After how long any connection is replaced.
    pub lifetime: Duration,
    /// How long a read may take: each of its statements on PostgreSQL, all of them together on SQLite.
    pub statement: Duration,
    /// How long SQLite waits for another process that writes.
    pub busy: Duration,
    /// Whether contents are compressed.
    pub compress: bool,
    /// The bounds of the writer's queue.
    pub queue: Bounds,
    /// Where exchanges wait while PostgreSQL is away. `None` if they wait in memory alone. SQLite needs no spool: what
    /// can't be written to its file can't be written beside it.
    pub spool: Option<SpoolConfig>,
    /// How long the writer tries to store what still waits when it is told to stop.
    pub drain: Duration,
}

/// The bounds of a [`Writer`](crate::Writer)'s queue. What does not fit is handed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The most that waits in number: exchanges that begin, that end, and amendments.
    pub exchanges: usize,
    /// The most bytes that wait, by [`Exchange::size`](crate::Exchange::size). One exchange always fits into an empty queue.
    pub bytes: usize,
    /// How long one may wait for others to share its commit. Nothing waits once there are enough for one.
    pub gather: Duration,
}

/// Where the spool is, and how large it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolConfig {
    /// Its file. The spools of further processes lie beside it, with a number in the name.
    pub path: PathBuf,
    /// The most bytes that wait in it, without what SQLite adds to them. With 0 nothing comes to wait there, but what an
    /// earlier process left is shipped.
    pub bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            exchanges: 4096,
            bytes: 256 << 20,
            gather: Duration::ZERO,
        }
    }
}

impl Config {
    /// Sensible settings for a database.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 8,
            acquire: Duration::from_secs(5),
            idle: Duration::from_secs(600),
            lifetime: Duration::from_secs(1800),
            statement: Duration::from_secs(30),
            busy: Duration::from_secs(10),
            compress: true,
            queue: Bounds::default(),
            spool: None,
            drain: Duration::from_secs(10),
        }
    }

    /// Sets what is common to all pools.
    pub(crate) fn pool<DB: sqlx::Database>(&self, options: PoolOptions<DB>) -> PoolOptions<DB> {
        options
            .max_connections(self.connections.max(1))
            .acquire_timeout(self.acquire)
            .idle_timeout(self.idle)
            .max_lifetime(self.lifetime)
    }
}

impl std::fmt::Debug for Config {
    /// Leaves the URL out, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
}
