//! Hands closed recordings to the store.
//!
//! A recording waits in a queue of its own until it was read into what the store keeps: that takes CPU, and no
//! exchange should wait for it. What waits is bounded in number and in bytes, from the close of an exchange until it
//! is on disk. If that is full, the operator's choice decides: recordings are dropped and counted, or new exchanges wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sluice_protocol::Limits;
use sluice_store::{Exchange, Ticket, Writer};
use thiserror::Error;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::convert::Convert;
use super::{Recording, Sink};
use crate::caller::Sessions;
use crate::tasks::Tasks;
use crate::telemetry::Tally;

/// How long an exchange waits for room.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often dropped recordings are logged at most.
const LOG_EVERY: Duration = Duration::from_secs(10);
/// How long the store is left alone when it has no room.
const PAUSE: Duration = Duration::from_millis(20);
/// How long the writer may have no room once everything is told to stop.
const LAST_OFFERS: Duration = Duration::from_secs(5);
/// Recordings with more bytes are read on a thread of their own.
const LARGE: usize = 1 << 20;

/// What happens with recordings if the store takes them more slowly than they come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFull {
    /// They are dropped, counted and logged.
    #[default]
    Drop,
    /// New exchanges wait, and are refused if that takes too long.
    Block,
}

/// What is kept of the contents of an exchange. Numbers, names and reasons are kept in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeptContents {
    /// Everything, also what policies took out on the way.
    #[default]
    All,
    /// What went to upstream and to the caller. Of everything else the length and the digest are kept.
    AsSent,
    /// Lengths and digests.
    None,
}

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
    /// The bounds within which requests and replies are read.
    pub limits: Limits,
}

/// There was no room for another recording for too long.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "Sluice can't record fast enough, and takes no request that it can't record (--recording-on-full); try again"
)]
pub struct Full;

/// Takes closed recordings for the store. Clones share one queue.
#[derive(Clone)]
pub struct Archive {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedSender<Waiting>,
}

struct Shared {
    config: ArchiveConfig,
    recordings: AtomicUsize,
    bytes: AtomicUsize,
    dropped: AtomicU64,
    /// Told whenever there is room again.
    room: Notify,
}

/// A recording that waits. Dropping it makes room.
struct Waiting {
    recording: Recording,
    place: Place,
}

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
            recordings: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
            room: Notify::new(),
        });
        // Bounded by what `Shared` counts.
        let (queue, waiting) = mpsc::unbounded_channel();
        let reading = Reading {
            convert: Convert::new(&config, sessions),
            writer,
            waiting,
        };
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

    /// How many recordings were dropped.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// Waits until there is room, if new exchanges are to wait for it.
    pub(super) async fn room(&self) -> Result<(), Full> {
        if self.shared.config.on_full == OnFull::Drop || self.shared.has_room() {
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
        tokio::time::timeout(PATIENCE, room).await.map_err(|_| Full)
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

impl Sink for Archive {
    fn take(&self, recording: Recording) {
        // An exchange that waited for room may go over the bound by what was under way together with it.
        if self.shared.config.on_full == OnFull::Drop && !self.shared.has_room() {
            return self.drop_one();
        }
        let place = Place::take(&self.shared, recording.size());
        if self.queue.send(Waiting { recording, place }).is_err() {
            self.drop_one();
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

/// Reads recordings, in the order in which they were closed, and offers them to the writer.
struct Reading {
    convert: Convert,
    writer: Writer,
    waiting: mpsc::UnboundedReceiver<Waiting>,
}

impl Reading {
    /// Runs until the tasks are told to stop and everything that waits was offered. The writer stores it then, within
    /// its own bound.
    async fn run(mut self, stopping: CancellationToken, tasks: Tasks) {
        loop {
            let next = tokio::select! {
                biased;
                next = self.waiting.recv() => next,
                () = stopping.cancelled(), if !self.waiting.is_closed() => {
                    self.waiting.close();
                    continue;
                }
            };
            let Some(waiting) = next else {
                return;
            };
            if !self.store(waiting, &stopping, &tasks).await {
                let lost = self.waiting.len() + 1;
                tracing::error!(
                    recordings = lost,
                    "recordings were not stored before the end"
                );
                return;
            }
        }
    }

    /// Returns whether the writer took it, or it can't be read, which is logged.
    async fn store(
        &self,
        Waiting { recording, place }: Waiting,
        stopping: &CancellationToken,
        tasks: &Tasks,
    ) -> bool {
        let convert = self.convert.clone();
        let live = recording.live.clone();
        let exchange = match recording.size() > LARGE {
            false => read(&convert, recording),
            true => {
                let reading = tasks.spawn_blocking(move || read(&convert, recording));
                reading.await.ok().flatten()
            }
        };
        let Some(exchange) = exchange else {
            return true;
        };
        let Some(ticket) = self.offer(exchange, stopping).await else {
            return false;
        };
        tasks.spawn(async move {
            // An exchange that was lost is in the log.
            if ticket.committed().await.is_ok() {
                live.recorded();
            }
            drop(place);
        });
        true
    }

    /// Offers an exchange until there is room for it. Gives up if there is none for too long after the tasks were told
    /// to stop.
    async fn offer(&self, mut exchange: Exchange, stopping: &CancellationToken) -> Option<Ticket> {
        let mut stopped_at = None;
        loop {
            match self.writer.offer(exchange) {
                Ok(ticket) => return Some(ticket),
                Err(full) => exchange = *full.0,
            }
            if stopping.is_cancelled() {
                let since: &mut Instant = stopped_at.get_or_insert_with(Instant::now);
                if since.elapsed() > LAST_OFFERS {
                    return None;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Reads a recording. One that makes the reader panic is logged, so that it takes no other with it.
fn read(convert: &Convert, recording: Recording) -> Option<Exchange> {
    let id = recording.exchange.clone();
    let read = catch_unwind(AssertUnwindSafe(|| convert.exchange(recording)));
    if read.is_err() {
        tracing::error!(
            exchange.id = id,
            "a recording could not be read, and was not stored"
        );
    }
    read.ok()
}
