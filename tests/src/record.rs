//! A record in a database of its own, and what is in it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sluice_server::caller::Sessions;
use sluice_server::recorder::{Archive, ArchiveConfig, Recorder, SearchedWords};
use sluice_server::tasks::Tasks;
use sluice_store::{Config, Filter, Order, Page, Record, Store, StoredMessage, Writing};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A record that exchanges are written to.
pub struct Recorded {
    /// The database.
    pub store: Store,
    /// The folder of its file.
    pub folder: TempDir,
    tasks: Tasks,
}

/// A record that nothing is written to yet.
pub struct Stopped {
    recorded: Recorded,
    writing: Writing,
    written: CancellationToken,
}

impl Stopped {
    /// Starts what writes to it.
    pub fn start(self) -> Recorded {
        let writing = self.writing.run(self.written.cancelled_owned());
        self.recorded.tasks.spawn(writing);
        self.recorded
    }
}

impl Recorded {
    /// Makes an empty record whose file can be searched for texts, and what writes to it.
    ///
    /// # Panics
    ///
    /// If there is no room for a file.
    pub async fn new() -> (Self, Recorder) {
        Self::with(ArchiveConfig::default()).await
    }

    /// Does the same within these bounds.
    ///
    /// # Panics
    ///
    /// If there is no room for a file.
    pub async fn with(bounds: ArchiveConfig) -> (Self, Recorder) {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
        Self::at(url, folder, bounds).await
    }

    /// Makes an empty record in PostgreSQL, and what writes to it.
    ///
    /// # Panics
    ///
    /// If PostgreSQL is missing or does not start.
    pub async fn in_postgres() -> (Self, Recorder) {
        let folder = tempfile::tempdir().expect("a folder");
        let url = sluice_test_postgres::server().database();
        Self::at(url, folder, ArchiveConfig::default()).await
    }

    /// Makes a record that nothing is written to until [`Stopped::start`].
    ///
    /// # Panics
    ///
    /// If there is no room for a file.
    pub async fn stopped(bounds: ArchiveConfig) -> (Stopped, Recorder) {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
        Self::opened(url, folder, bounds).await
    }

    async fn at(url: String, folder: TempDir, bounds: ArchiveConfig) -> (Self, Recorder) {
        let (stopped, recorder) = Self::opened(url, folder, bounds).await;
        (stopped.start(), recorder)
    }

    async fn opened(url: String, folder: TempDir, bounds: ArchiveConfig) -> (Stopped, Recorder) {
        let config = Config {
            compress: false,
            ..Config::new(url)
        };
        let store = Store::open(config, Arc::new(SearchedWords)).await;
        let store = store.expect("the database opens");
        let (writer, writing) = store.writer();
        let (tasks, written) = (Tasks::new(), CancellationToken::new());
        let sessions = Sessions::default();
        let archive = Archive::start(bounds, sessions, writer, &tasks, written.clone());
        let recorded = Self {
            store,
            folder,
            tasks,
        };
        let stopped = Stopped {
            recorded,
            writing,
            written,
        };
        (stopped, Recorder::storing(archive))
    }

    /// The exchanges, from the first to the last, once there are so many.
    ///
    /// # Panics
    ///
    /// If there are not so many within half a minute.
    pub async fn exchanges(&self, count: usize) -> Vec<Record> {
        let all = async {
            loop {
                let found = self.so_far().await;
                if found.len() >= count {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let all = tokio::time::timeout(Duration::from_secs(30), all).await;
        all.expect("they are stored in time")
    }

    /// The exchanges that are stored now, from the first to the last.
    ///
    /// # Panics
    ///
    /// If the database does not answer.
    pub async fn so_far(&self) -> Vec<Record> {
        let page = Page {
            order: Order::OldestFirst,
            ..Page::default()
        };
        let found = self.store.exchanges(&Filter::default(), &page).await;
        let mut records = Vec::new();
        for summary in found.expect("the database answers").entries {
            let record = self.store.exchange(summary.id).await;
            records.push(record.expect("the database answers").expect("it is stored"));
        }
        records
    }

    /// The body of a message.
    ///
    /// # Panics
    ///
    /// If it is not kept.
    pub async fn body(&self, message: &StoredMessage) -> Bytes {
        let reader = self
            .store
            .body(message.body.id)
            .await
            .expect("it is stored");
        reader.collect().await.expect("it can be read")
    }

    /// Stores what waits, and ends what writes. Returns whether it ended by itself.
    pub async fn end(&self) -> bool {
        self.tasks.shutdown(Duration::from_secs(30)).await
    }

    /// All bytes of the files of the database.
    ///
    /// # Panics
    ///
    /// If one can't be read.
    pub fn files(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        let contents =
            files.map(|file| std::fs::read(file.expect("a file").path()).expect("it can be read"));
        contents.collect::<Vec<_>>().concat()
    }
}
