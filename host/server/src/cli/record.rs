//! Opens the record that `sluice serve` writes.

use std::sync::Arc;

use anyhow::Context as _;
use sluice_store::Store;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::caller::{Installation, Sessions};
use crate::config;
use crate::recorder::{Archive, ArchiveConfig, Log, Recorder, SearchedWords};
use crate::tasks::Tasks;

/// What exchanges are recorded with.
pub(super) struct Record {
    pub(super) recorder: Recorder,
    pub(super) installation: Installation,
    pub(super) sessions: Sessions,
    /// The database, if exchanges are stored.
    pub(super) store: Option<Store>,
}

impl Record {
    /// What all processes that use the database have in common.
    pub(super) fn shared_installation(&self) -> Option<&Installation> {
        self.store.as_ref().map(|_| &self.installation)
    }
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
            store: None,
        });
    };
    let shown = shown(&record.store.url);
    let opened = Store::open(record.store, Arc::new(SearchedWords)).await;
    let store = opened.context("open the database of the record (--database, --no-recording)")?;
    let installation = installation(&store).await;
    let installation = installation.context("read the key of this installation")?;
    let writer = store.spooling_writer().await;
    let (writer, writing) = writer.context("open the spool (--data, --spool-max-mib)")?;
    let written = CancellationToken::new();
    let archive = ArchiveConfig {
        limit: record.limit,
        on_full: record.on_full,
        contents: record.contents,
        durability: record.durability,
        limits,
        ..ArchiveConfig::default()
    };
    let archive = Archive::start(archive, sessions.clone(), writer, tasks, written.clone());
    tasks.spawn(writing.run(written.cancelled_owned()));
    record.retention.keep_up(store.eraser(), tasks);
    tracing::info!("recording into {shown}");
    Ok(Record {
        recorder: Recorder::storing(archive),
        installation,
        sessions,
        store: Some(store),
    })
}

/// A database's URL without what may be a secret.
fn shown(url: &str) -> String {
    match url.parse::<Url>() {
        Ok(parsed) if parsed.host_str().is_some() => {
            let host = parsed.host_str().unwrap_or_default();
            format!("{}://{host}{}", parsed.scheme(), parsed.path())
        }
        _ => url.to_owned(),
    }
}

/// The key of this installation, which is made at the first start. It is in the database, so that all processes that
/// write there give a caller the same pseudonym.
async fn installation(store: &Store) -> anyhow::Result<Installation> {
    let kept = store
        .installed("callers", &Installation::random_key())
        .await?;
    let key = kept[..].try_into().context("it has another length")?;
    Ok(Installation::new(key))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn the_log_says_where_without_a_password() {
        for (url, told) in [
            ("sqlite:/var/lib/sluice.db", "sqlite:/var/lib/sluice.db"),
            ("postgres://u:secret@h:5432/n", "postgres://h/n"),
            ("postgres://h/n?password=secret", "postgres://h/n"),
        ] {
            assert_eq!(shown(url), told);
        }
    }
}
