//! Hands closed recordings to the store.
//!
//! A recording waits in a queue of its own until it was read into what the store keeps: that takes CPU, and no
//! exchange should wait for it. What waits is bounded in number and in bytes, from the close of an exchange until it
//! is on disk. If that is full, the operator's choice decides: recordings are dropped and counted, or new exchanges wait.

mod patience;
mod reading;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sluice_protocol::Limits;
use sluice_store::{Amendment, Writer, WriterState};
use thiserror::Error;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::Recording;
use super::choices::{Durability, KeptContents, OnFull};
use super::convert::Convert;
use super::live::Live;
use crate::caller::Sessions;
use crate::tasks::Tasks;
use crate::telemetry::Tally;
use patience::Patience;
use reading::Reading;

/// How often dropped recordings are logged at most.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// The bounds of an archive.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveConfig {
    /// The most bytes that are kept of a reply.
    pub limit: usize,
    /// The most recordings that wait.
    pub recordings: usize,
    /// The most bytes that wait.
    pub bytes: usize,
    /// What happens beyond these bounds.
    pub on_full: OnFull,
    /// What is kept of contents.
    pub contents: KeptContents,
    /// When an exchange is on disk.
    pub durability: Durability,
    /// How long an exchange waits for room, or until it is on disk.
    pub patience: Duration,
    /// The bounds within which requests and replies are read.
    pub limits: Limits,
}

/// How an archive fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveState {
    /// The recordings that are not on disk yet.
    pub waiting: usize,
    /// About how many bytes they hold.
    pub bytes: usize,
    /// How many were dropped.
    pub dropped: u64,
    /// How the store's writer fares.
    pub writer: WriterState,
}

/// Why an exchange does not go on, where the operator wants no exchange that is not recorded.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unrecorded {
    /// There was no room for another recording for too long.
    #[error(
        "Sluice can't record fast enough, and takes no request that it can't record (--recording-on-full); try again"
    )]
    NoRoom,
    /// It could not be stored, or not in time.
    #[error(
        "Sluice can't record this exchange, and lets none go on that is not recorded (--recording-on-full); try again"
    )]
    NotStored,
}

/// Takes closed recordings for the store. Clones share one queue.
#[derive(Clone)]
pub struct Archive {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedSender<Waiting>,
}

struct Shared {
    config: ArchiveConfig,
    writer: Writer,
    recordings: AtomicUsize,
    bytes: AtomicUsize,
    dropped: AtomicU64,
    /// Told whenever there is room again.
    room: Notify,
    patience: Patience,
}

/// What the store is to know.
pub(super) enum News {
    /// An exchange goes to upstream. It was cut off if nothing more is heard of it.
    Begun(Recording),
    Closed(Recording),
    /// An exchange that was stored ended in another way: its caller left before it took the last piece.
    Amended(Amendment),
}

/// News that wait. Dropping them makes room, and tells whoever waits for them that they are not stored.
struct Waiting {
    news: News,
    place: Place,
    stored: oneshot::Sender<()>,
}

/// The promise that news will be stored.
#[derive(Debug)]
pub(super) struct Promise(oneshot::Receiver<()>);

struct Place {
    shared: Arc<Shared>,
    bytes: usize,
}

impl Default for ArchiveConfig {
    fn default() -> Self {
        Self {
            limit: 64 << 20,
            recordings: 4096,
            bytes: 256 << 20,
            on_full: OnFull::default(),
            contents: KeptContents::default(),
            durability: Durability::default(),
            patience: Duration::from_secs(30),
            limits: Limits::default(),
        }
    }
}

impl Archive {
    /// Starts to hand recordings to a writer. `sessions` gets to know whose replies they are. `tasks` owns what does it; once they are told to stop it stores what
    /// still waits, and cancels `written` when it is done.
    pub fn start(
        config: ArchiveConfig,
        sessions: Sessions,
        writer: Writer,
        tasks: &Tasks,
        written: CancellationToken,
    ) -> Self {
        let shared = Arc::new(Shared {
            config,
            writer: writer.clone(),
            recordings: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
            room: Notify::new(),
            patience: Patience::new(config.patience, config.on_full),
        });
        // Bounded by what `Shared` counts.
        let (queue, waiting) = mpsc::unbounded_channel();
        let reading = Reading::new(Convert::new(&config, sessions), writer, waiting);
        let (stopping, owner) = (tasks.stopping().clone(), tasks.clone());
        tasks.spawn(async move {
            let _done = written.drop_guard();
            reading.run(stopping, owner).await;
        });
        Self { shared, queue }
    }

    /// The most bytes that are kept of a reply.
    pub(super) fn limit(&self) -> usize {
        self.shared.config.limit
    }

    /// What it means that news can't be stored.
    pub(super) fn unstored(&self) -> Result<(), Unrecorded> {
        match self.on_full() {
            OnFull::Drop => Ok(()),
            OnFull::Block => Err(Unrecorded::NotStored),
        }
    }

    /// What happens beyond the bounds.
    fn on_full(&self) -> OnFull {
        self.shared.config.on_full
    }

    /// Whether exchanges wait until they are stored.
    pub(super) fn is_strict(&self) -> bool {
        self.shared.config.durability == Durability::Strict
    }

    /// How it fares.
    pub fn state(&self) -> ArchiveState {
        ArchiveState {
            waiting: self.shared.recordings.load(Ordering::Relaxed),
            bytes: self.shared.bytes.load(Ordering::Relaxed),
            dropped: self.shared.dropped.load(Ordering::Relaxed),
            writer: self.shared.writer.state(),
        }
    }

    /// Waits until there is room, if new exchanges are to wait for it.
    pub(super) async fn room(&self) -> Result<(), Unrecorded> {
        if self.on_full() == OnFull::Drop || self.shared.has_room() {
            return Ok(());
        }
        let room = async {
            loop {
                let told = self.shared.room.notified();
                if self.shared.has_room() {
                    return;
                }
                told.await;
            }
        };
        let waited = tokio::time::timeout(self.shared.config.patience, room).await;
        waited.map_err(|_| Unrecorded::NoRoom)
    }

    /// Takes news for the store. Never waits. Returns `None` if there is no room for them.
    pub(super) fn tell(&self, news: News) -> Option<Promise> {
        let (stored, promise) = oneshot::channel();
        // An exchange that waited for room may go over the bound by what was under way together with it.
        if self.on_full() == OnFull::Drop && news.needs_room() && !self.shared.has_room() {
            self.drop_one();
            return None;
        }
        let waiting = Waiting {
            place: Place::take(&self.shared, news.size()),
            news,
            stored,
        };
        if self.queue.send(waiting).is_err() {
            self.drop_one();
            return None;
        }
        Some(Promise(promise))
    }

    fn drop_one(&self) {
        static DROPPED: Tally = Tally::new();
        self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        DROPPED.note();
        if let Some(dropped) = DROPPED.news_at(Instant::now(), LOG_EVERY) {
            tracing::error!(
                recordings = dropped,
                "the store takes recordings too slowly, so some are dropped (--recording-on-full)"
            );
        }
    }
}

impl News {
    /// What tells of the exchange, if it is over.
    fn live(&self) -> Live {
        match self {
            Self::Closed(recording) => recording.live.clone(),
            Self::Begun(_) | Self::Amended(_) => Live::default(),
        }
    }

    /// Returns about how many bytes they hold.
    fn size(&self) -> usize {
        match self {
            Self::Begun(recording) | Self::Closed(recording) => recording.size(),
            Self::Amended(_) => size_of::<Self>(),
        }
    }

    /// Whether they may be dropped. What is stored as begun must hear of its end, and bounds how many of those come.
    fn needs_room(&self) -> bool {
        match self {
            Self::Begun(_) => true,
            Self::Closed(recording) => !recording.is_begun,
            Self::Amended(_) => false,
        }
    }
}

impl Promise {
    /// Waits until the news are on disk. Where that can't be, the operator's choice decides whether it matters. `waited` is
    /// how long the exchange waited for the disk before.
    pub(super) async fn kept(self, archive: &Archive, waited: Duration) -> Result<(), Unrecorded> {
        match archive.shared.patience.wait(self.0, waited).await {
            true => Ok(()),
            false => archive.unstored(),
        }
    }
}

impl Shared {
    fn has_room(&self) -> bool {
        self.recordings.load(Ordering::Relaxed) < self.config.recordings
            && self.bytes.load(Ordering::Relaxed) < self.config.bytes
    }
}

impl Place {
    fn take(shared: &Arc<Shared>, bytes: usize) -> Self {
        shared.recordings.fetch_add(1, Ordering::Relaxed);
        shared.bytes.fetch_add(bytes, Ordering::Relaxed);
        Self {
            shared: Arc::clone(shared),
            bytes,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.recordings.fetch_sub(1, Ordering::Relaxed);
        self.shared.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.shared.room.notify_waiters();
    }
}
