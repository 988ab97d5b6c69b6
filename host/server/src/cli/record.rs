//! Opens the record that `sluice serve` writes.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use sluice_store::Store;
use tokio_util::sync::CancellationToken;

use crate::caller::{Installation, Sessions};
use crate::config;
use crate::recorder::{Archive, ArchiveConfig, Log, Recorder, SearchedWords};
use crate::tasks::Tasks;

/// What exchanges are recorded with.
pub(super) struct Record {
    pub(super) recorder: Recorder,
    pub(super) installation: Installation,
    pub(super) sessions: Sessions,
}

/// Opens the database and starts what writes to it. Without one, exchanges are only logged.
pub(super) async fn open(
    record: Option<config::Record>,
    limits: sluice_protocol::Limits,
    tasks: &Tasks,
) -> anyhow::Result<Record> {
    let sessions = Sessions::default();
    let Some(record) = record else {
        return Ok(Record {
            recorder: Recorder::new(Log),
            installation: Installation::of_this_process(),
            sessions,
        });
    };
    let opened = Store::open(record.store, Arc::new(SearchedWords)).await;
    let store = opened.context("open the database of the record (--database, --no-recording)")?;
    let installation = installation(&record.folder)?;
    let (writer, writing) = store.writer();
    let written = CancellationToken::new();
    let archive = ArchiveConfig {
        limit: record.limit,
        on_full: record.on_full,
        limits,
        ..ArchiveConfig::default()
    };
    let archive = Archive::start(archive, sessions.clone(), writer, tasks, written.clone());
    tasks.spawn(writing.run(written.cancelled_owned()));
    Ok(Record {
        recorder: Recorder::storing(archive),
        installation,
        sessions,
    })
}

/// The key of this installation, which is made at the first start.
fn installation(folder: &Path) -> anyhow::Result<Installation> {
    let path = folder.join("installation.key");
    let key = read(&path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => create(&path),
        _ => Err(error),
    });
    let key =
        key.with_context(|| format!("read the key of this installation, {}", path.display()))?;
    Ok(Installation::new(&key))
}

fn read(path: &Path) -> io::Result<[u8; Installation::KEY]> {
    let mut key = [0; Installation::KEY];
    fs::File::open(path)?.read_exact(&mut key)?;
    Ok(key)
}

/// Of two that start at once, the file of the first one counts.
fn create(path: &Path) -> io::Result<[u8; Installation::KEY]> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let key = Installation::random_key();
    match options.open(path) {
        Ok(mut file) => file.write_all(&key).map(|()| key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(error),
    }
}
