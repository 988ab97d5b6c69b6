//! Tells listeners in this process what happens, as it happens.
//!
//! Publishing never waits: an event goes into a bounded queue. A task of the bus takes it from there, numbers it, writes
//! it as a server-sent event, and keeps it among the last ones. Listeners read from those, each at its own pace. One that
//! is so slow that what it wants next is not kept any more is dropped.
//!
//! Does not know where events come from, who may listen, or that there are other processes.

mod entry;
mod id;
mod kept;
mod listener;
mod run;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sluice_api::{Happening, LiveEvent};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use kept::Kept;

use crate::clock::unix_millis;

pub use entry::Entry;
pub use id::{EventId, LastSeen, ProcessId};
pub use listener::{Heard, Listener};
pub use run::Running;

/// How many events of other processes wait to be kept. Whoever passes them on waits for room.
const ELSEWHERE: usize = 256;

/// The bounds of a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The most events that wait to be numbered.
    pub queue: usize,
    /// The most events that are kept for listeners to read.
    pub kept: usize,
    /// The most bytes that they may have.
    pub kept_bytes: usize,
    /// The most listeners.
    pub listeners: usize,
}

/// Tells what happens. Clones share everything. One that is made by `default` tells nobody.
#[derive(Clone, Default)]
pub struct Bus(Option<Arc<Shared>>);

/// There are as many listeners as there may be.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("all {limit} places of listeners are taken")]
pub struct Full {
    /// How many there may be.
    pub limit: usize,
}

/// How it goes, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many exchanges have begun and not ended.
    pub open: usize,
    /// How many listeners there are.
    pub listeners: usize,
    /// How many there may be.
    pub max_listeners: usize,
    /// How many were refused.
    pub refused: u64,
    /// How many were dropped because they were too slow.
    pub dropped: u64,
    /// How many events of this process were told.
    pub told: u64,
    /// How many were left out because the queue was full.
    pub left_out: u64,
}

struct Shared {
    process: ProcessId,
    bounds: Bounds,
    queue: mpsc::Sender<Told>,
    /// Events of other processes, which may wait for room: they must not take that of events of this one.
    elsewhere: mpsc::Sender<LiveEvent>,
    kept: Mutex<Kept>,
    /// The place behind the newest event. Whoever waits for events waits for it to change.
    newest: watch::Sender<u64>,
    /// Cancelled when listeners are to end.
    closed: CancellationToken,
    /// Cancelled when nothing is told any more.
    ended: CancellationToken,
    /// Whether there is another way out than listeners.
    has_outlet: AtomicBool,
    open: AtomicUsize,
    listeners: AtomicUsize,
    refused: AtomicU64,
    dropped: AtomicU64,
    told: AtomicU64,
    left_out: AtomicU64,
}

/// Something that happened here, and waits in the queue.
struct Told {
    at_ms: u64,
    what: Happening,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            queue: 4096,
            kept: 4096,
            kept_bytes: 4 << 20,
            listeners: 128,
        }
    }
}

impl Bus {
    /// Makes a bus, and what numbers its events: nothing is told until that runs.
    pub fn new(bounds: Bounds) -> (Self, Running) {
        let (queue, waiting) = mpsc::channel(bounds.queue);
        let (elsewhere, others) = mpsc::channel(ELSEWHERE);
        let process = ProcessId::random();
        let shared = Arc::new(Shared {
            process,
            bounds,
            queue,
            elsewhere,
            kept: Mutex::new(Kept::new(process, &bounds)),
            newest: watch::Sender::new(0),
            closed: CancellationToken::new(),
            ended: CancellationToken::new(),
            has_outlet: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            listeners: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            told: AtomicU64::new(0),
            left_out: AtomicU64::new(0),
        });
        let running = Running::new(Arc::clone(&shared), waiting, others);
        (Self(Some(shared)), running)
    }

    /// Whether anybody would hear of an event right now.
    pub fn is_followed(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| {
            shared.listeners.load(Ordering::Relaxed) > 0
                || shared.has_outlet.load(Ordering::Relaxed)
        })
    }

    /// Tells what happened in this process. Never waits; if the queue is full, the event is left out, and a gap takes its
    /// place.
    pub fn tell(&self, what: Happening) {
        let Some(shared) = &self.0 else { return };
        if matches!(what, Happening::ExchangeStarted(_)) {
            shared.open.fetch_add(1, Ordering::Relaxed);
        }
        let ends = matches!(what, Happening::ExchangeFinished(_));
        let at_ms = unix_millis();
        if shared.queue.try_send(Told { at_ms, what }).is_err() {
            shared.left_out.fetch_add(1, Ordering::Relaxed);
            if ends {
                shared.open.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Passes on an event of another process. Waits for room.
    pub async fn pass_on(&self, event: LiveEvent) {
        if let Some(shared) = &self.0 {
            // If nothing is told any more, nobody misses it.
            let _ = shared.elsewhere.send(event).await;
        }
    }

    /// Begins to listen to events that are `wanted`: to new ones, or to those behind the last one that was seen.
    pub fn listen(
        &self,
        seen: Option<LastSeen>,
        wanted: impl Fn(&LiveEvent) -> bool + Send + Sync + 'static,
    ) -> Result<Listener, Full> {
        let Some(shared) = &self.0 else {
            return Err(Full { limit: 0 });
        };
        let limit = shared.bounds.listeners;
        let taken = shared
            .listeners
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                (taken < limit).then_some(taken + 1)
            });
        if taken.is_err() {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Full { limit });
        }
        Ok(Listener::new(Arc::clone(shared), seen, wanted))
    }

    /// Reads the events of this process, for others. It is no listener: it takes no place, and is never dropped.
    pub fn outlet(&self) -> Option<Listener> {
        let shared = self.0.as_ref()?;
        shared.has_outlet.store(true, Ordering::Relaxed);
        Some(Listener::outlet(Arc::clone(shared)))
    }

    /// The name of this process.
    pub fn process(&self) -> Option<ProcessId> {
        self.0.as_ref().map(|shared| shared.process)
    }

    /// How it goes.
    pub fn counts(&self) -> Counts {
        let Some(shared) = &self.0 else {
            return Counts::default();
        };
        Counts {
            open: shared.open.load(Ordering::Relaxed),
            listeners: shared.listeners.load(Ordering::Relaxed),
            max_listeners: shared.bounds.listeners,
            refused: shared.refused.load(Ordering::Relaxed),
            dropped: shared.dropped.load(Ordering::Relaxed),
            told: shared.told.load(Ordering::Relaxed),
            left_out: shared.left_out.load(Ordering::Relaxed),
        }
    }

    /// Waits until no exchange is under way of which listeners do not know the end.
    pub async fn settled(&self) {
        let Some(shared) = &self.0 else { return };
        let mut newest = shared.newest.subscribe();
        while shared.open.load(Ordering::Relaxed) > 0 {
            // The sender lives as long as `shared`.
            let _ = newest.changed().await;
        }
    }

    /// Ends all listeners, after what was told so far. The outlet goes on.
    pub fn close(&self) {
        if let Some(shared) = &self.0 {
            shared.closed.cancel();
        }
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
