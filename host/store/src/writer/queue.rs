//! The queue between those who record exchanges and the one task that writes.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use super::{Lost, OnDisk};
use crate::config::Bounds;
use crate::item::Item;

/// What waits, in the order in which it was handed over.
pub(super) struct Queue {
    bounds: Bounds,
    inner: Mutex<Inner>,
    /// Wakes the task that writes.
    filled: Notify,
}

#[derive(Default)]
struct Inner {
    waiting: VecDeque<Queued>,
    /// How many were taken and are not yet settled, and their bytes. They count as long as they are in memory.
    taken: (usize, usize),
    bytes: usize,
    closed: bool,
}

/// Why the queue does not take something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoom {
    Full,
    Closed,
}

/// Something in the queue.
pub(super) struct Queued {
    pub(super) item: Item,
    size: usize,
    /// Dropping it tells the ticket that the writer ended.
    done: oneshot::Sender<Result<OnDisk, Lost>>,
}

impl Queue {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            inner: Mutex::default(),
            filled: Notify::new(),
        }
    }

    pub(super) fn push(
        &self,
        item: Item,
        done: oneshot::Sender<Result<OnDisk, Lost>>,
    ) -> Result<(), NoRoom> {
        let size = item.size();
        let mut inner = self.lock();
        let (count, bytes) = inner.held();
        let fits = count < self.bounds.exchanges && bytes.saturating_add(size) <= self.bounds.bytes;
        if inner.closed {
            return Err(NoRoom::Closed);
        }
        if !(fits || count == 0) {
            return Err(NoRoom::Full);
        }
        inner.bytes += size;
        inner.waiting.push_back(Queued { item, size, done });
        drop(inner);
        self.filled.notify_one();
        Ok(())
    }

    /// Takes up to `count` items and, if they are several, up to `bytes`. Waits until there is one, and then a little
    /// for others. Nothing is lost if this is dropped.
    pub(super) async fn take(&self, count: usize, bytes: usize) -> Vec<Queued> {
        self.until(|inner| !inner.waiting.is_empty()).await;
        let is_enough = |inner: &Inner| inner.waiting.len() >= count || inner.bytes >= bytes;
        // Whether there are enough or not, those that are there are stored now.
        let _ = timeout(self.bounds.gather, self.until(is_enough)).await;
        self.take_now(count, bytes)
    }

    /// Waits until what waits is as it should be.
    async fn until(&self, is_so: impl Fn(&Inner) -> bool) {
        while !is_so(&self.lock()) {
            self.filled.notified().await;
        }
    }

    /// The same without waiting.
    pub(super) fn take_now(&self, count: usize, bytes: usize) -> Vec<Queued> {
        let mut inner = self.lock();
        let mut taken = Vec::new();
        let mut sum = 0;
        while let Some(next) = inner.waiting.front() {
            if taken.len() == count || (!taken.is_empty() && sum + next.size > bytes) {
                break;
            }
            sum += next.size;
            taken.extend(inner.waiting.pop_front());
        }
        inner.bytes -= sum;
        inner.taken.0 += taken.len();
        inner.taken.1 += sum;
        taken
    }

    /// Tells the ticket how it went, and makes room.
    pub(super) fn settle(&self, queued: Queued, result: Result<OnDisk, Lost>) {
        let mut inner = self.lock();
        inner.taken.0 -= 1;
        inner.taken.1 -= queued.size;
        drop(inner);
        // Nobody waits if the ticket was dropped.
        let _ = queued.done.send(result);
    }

    /// Refuses everything from now on.
    pub(super) fn close(&self) {
        self.lock().closed = true;
    }

    /// Drops what waits, so that its tickets hear of it. Returns how many there were.
    pub(super) fn clear(&self) -> usize {
        let mut inner = self.lock();
        inner.bytes = 0;
        let waiting = std::mem::take(&mut inner.waiting);
        drop(inner);
        waiting.len()
    }

    pub(super) fn waiting(&self) -> (usize, usize) {
        self.lock().held()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // The counters are right whenever the lock is free: nothing between taking and dropping it panics.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn held(&self) -> (usize, usize) {
        (self.waiting.len() + self.taken.0, self.bytes + self.taken.1)
    }
}
