//! A database for a test, and a store in it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::exchange::Exchange;
use crate::store::Store;
use crate::words::Words;
use crate::writer::{Lost, Writer, Writing};

/// How long something may take that should happen soon.
const SOON: Duration = Duration::from_secs(60);

/// An empty database.
pub(super) struct Place {
    pub(super) config: Config,
    folder: TempDir,
}

/// Reads every block as its own text. It remembers what it was asked for.
#[derive(Default)]
pub(super) struct Plain {
    pub(super) asked: Mutex<Vec<String>>,
}

impl Words for Plain {
    fn text(&self, _: &str, kind: &str, raw: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(raw).into_owned();
        self.asked.lock().unwrap().push(text.clone());
        (kind != "media").then_some(text)
    }
}

impl Place {
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/sluice.db");
        Self {
            config: Config::new(format!("sqlite:{}", file.display())),
            folder,
        }
    }

    pub(super) fn postgres() -> Self {
        Self {
            config: Config::new(sluice_test_postgres::server().database()),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// In a server of the test's own.
    pub(super) fn in_server(server: &sluice_test_postgres::Server) -> Self {
        Self {
            config: Config::new(server.database()),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.config.url.starts_with("sqlite:")
    }

    /// The folder of SQLite's files.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(super) async fn open(&self) -> Store {
        let words = Arc::new(Plain::default());
        Store::open(self.config.clone(), words).await.unwrap()
    }
}

/// A writer with its task, as a process has them.
pub(super) struct Process {
    pub(super) writer: Writer,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Process {
    pub(super) fn start(store: &Store) -> Self {
        Self::run(store.writer())
    }

    /// With the spool that the settings name.
    pub(super) async fn spooling(store: &Store) -> Self {
        Self::run(store.spooling_writer().await.unwrap())
    }

    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    fn run((writer, writing): (Writer, Writing)) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(writing.run(async {
            let _ = stopped.await;
        }));
        Self { writer, stop, task }
    }

    /// Ends in order.
    pub(super) async fn end(self) {
        drop(self.stop);
        self.task.await.unwrap();
    }

    /// Ends at once.
    pub(super) async fn die(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

/// Waits until something is so.
pub(super) async fn eventually(is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < SOON, "it never became so");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Stores exchanges, one after the other in as few groups as the writer likes.
pub(super) async fn store_all(store: &Store, exchanges: Vec<Exchange>) -> Vec<Result<(), Lost>> {
    let (writer, writing) = store.writer();
    let offers = offer_all(&writer, exchanges);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = writing.run(async {
        let _ = stopped.await;
    });
    let results = async {
        let results = offers.await;
        drop(stop);
        results
    };
    tokio::join!(task, results).1
}

/// Offers exchanges at once, and waits for all of them.
pub(super) fn offer_all(
    writer: &Writer,
    exchanges: Vec<Exchange>,
) -> impl Future<Output = Vec<Result<(), Lost>>> {
    let tickets: Vec<_> = exchanges
        .into_iter()
        .map(|exchange| writer.offer(exchange).unwrap())
        .collect();
    async move {
        let mut results = Vec::new();
        for ticket in tickets {
            results.push(ticket.committed().await.map(drop));
        }
        results
    }
}
