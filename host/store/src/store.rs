//! The store itself: opens a database, and hands out what writes and reads.

use std::sync::Arc;

use crate::config::{Config, SpoolConfig};
use crate::db::{Database, Kind};
use crate::erase::Eraser;
use crate::error::Error;
use crate::ingest::Ingest;
use crate::migrate::{self, Migration};
use crate::spool::Spool;
use crate::words::Words;
use crate::writer::{Writer, Writing};

/// An open database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) words: Arc<dyn Words>,
    pub(crate) config: Arc<Config>,
}

impl Store {
    /// Opens a database and runs the migrations that it lacks.
    pub async fn open(config: Config, words: Arc<dyn Words>) -> Result<Self, Error> {
        let store = Self::connect(config, words).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens a database as it is. It can be used once it has all migrations.
    pub async fn connect(config: Config, words: Arc<dyn Words>) -> Result<Self, Error> {
        Ok(Self {
            database: Database::open(&config).await?,
            words,
            config: Arc::new(config),
        })
    }

    /// Which migrations the database has. Fails if they are not those of this version.
    pub async fn migrations(&self) -> Result<Vec<Migration>, Error> {
        migrate::status(&self.database).await
    }

    /// Runs the migrations that the database lacks, all or none. Returns how many there were.
    pub async fn migrate(&self) -> Result<usize, Error> {
        migrate::run(&self.database).await
    }

    /// Makes a writer, and the task that stores what it takes. A process needs one. While the database is away, what it
    /// takes waits in memory.
    pub fn writer(&self) -> (Writer, Writing) {
        let database = self.database.clone();
        let ingest = Ingest::new(database, Arc::clone(&self.words), self.config.compress);
        Writer::new(&self.config, ingest)
    }

    /// Makes the same with the spool that the settings name, if there is one and the database is PostgreSQL. While the
    /// database is away, what the writer takes waits there, and so does what an earlier process left there.
    pub async fn spooling_writer(&self) -> Result<(Writer, Writing), Error> {
        let (writer, mut writing) = self.writer();
        let is_used = |spool: &&SpoolConfig| spool.bytes > 0 || spool.path.exists();
        let spool = self.config.spool.as_ref().filter(is_used);
        if let (Some(spool), Kind::Postgres) = (spool, self.database.kind()) {
            let compress = self.config.compress;
            let spool = Spool::open(spool.clone(), compress, writer.status()).await?;
            writing.spool_to(spool);
        }
        Ok((writer, writing))
    }

    /// What forgets.
    pub fn eraser(&self) -> Eraser {
        Eraser::new(self.database.clone(), Arc::clone(&self.words))
    }

    /// Closes all connections, once those that are used have come back.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
