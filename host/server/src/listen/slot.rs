//! One connection among the others: whether it has a running request, and how long it may go without one.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

use super::connections::Connections;
use super::counts::ConnectionEvent;

/// A connection's right to be there. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct Slot(Arc<Place>);

/// What the connection's task, its requests, and those who make room know about it.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    pub(super) id: u64,
    pub(super) address: IpAddr,
    turn: Mutex<Turn>,
    closing: AtomicBool,
    evicted: AtomicBool,
    /// Whether bytes wait for the caller to take them.
    unsent: AtomicBool,
    waker: AtomicWaker,
}

/// Whether Sluice or the caller has to act. Sluice has to while a request runs.
#[derive(Debug)]
struct Turn {
    requests: usize,
    /// When the last request ended.
    since: Instant,
    awaited: Awaited,
    /// Whether it speaks HTTP/2. There, bytes that come need not belong to a request.
    multiplexed: bool,
    /// Its place in the row of connections without a request.
    ticket: Option<u64>,
    gone: bool,
}

/// What the connection waits for while it has no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// The next head. It has not begun to arrive, and may never.
    Next,
    /// A head that is due: the first one of the connection, or one that has begun to arrive.
    Due,
}

/// A running request. Dropping it ends the request.
#[derive(Debug)]
pub(super) struct Busy(Arc<Place>);

impl Slot {
    pub(super) fn new(place: Arc<Place>) -> Self {
        Self(place)
    }

    pub(super) fn place(&self) -> &Arc<Place> {
        &self.0
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut turn = self.0.turn();
        turn.gone = true;
        let ticket = turn.ticket.take();
        drop(turn);
        self.0.connections.leave(&self.0, ticket);
    }
}

impl Place {
    /// Creates the place of a connection that just came. In the row of those without a request it stands by its id.
    pub(super) fn new(connections: Arc<Connections>, id: u64, address: IpAddr) -> Self {
        Self {
            connections,
            id,
            address,
            turn: Mutex::new(Turn {
                requests: 0,
                since: Instant::now(),
                awaited: Awaited::Due,
                multiplexed: false,
                ticket: Some(id),
                gone: false,
            }),
            closing: AtomicBool::new(false),
            evicted: AtomicBool::new(false),
            unsent: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    /// Notes that a request begins.
    pub(super) fn begin(self: &Arc<Self>, multiplexed: bool) -> Busy {
        let mut turn = self.turn();
        turn.requests += 1;
        turn.multiplexed |= multiplexed;
        if let Some(ticket) = turn.ticket.take() {
            self.connections.work(ticket);
        }
        Busy(Arc::clone(self))
    }

    fn end(self: &Arc<Self>) {
        let mut turn = self.turn();
        turn.requests -= 1;
        if turn.requests > 0 || turn.gone {
            return;
        }
        turn.since = Instant::now();
        turn.awaited = Awaited::Next;
        if !self.evicted.load(Ordering::Acquire) {
            turn.ticket = Some(self.connections.wait(self));
        }
    }

    /// Notes that bytes came.
    pub(super) fn received(&self) {
        let mut turn = self.turn();
        if turn.requests == 0 && turn.awaited == Awaited::Next && !turn.multiplexed {
            turn.since = Instant::now();
            turn.awaited = Awaited::Due;
        }
    }

    /// Returns when the next request has to be there, at most `end`. Returns `None` while a request runs whose end
    /// the connection's task sees itself.
    pub(super) fn deadline(&self, end: Option<Instant>) -> Option<Instant> {
        let turn = self.turn();
        let limit = match turn.awaited {
            Awaited::Due => self.connections.head_timeout,
            Awaited::Next => self.connections.keep_alive_timeout,
        };
        if turn.requests == 0 {
            let deadline = turn.since + limit;
            return Some(end.map_or(deadline, |end| deadline.min(end)));
        }
        // Requests of HTTP/2 end in tasks of their own, so it is looked at now and then.
        let again = Instant::now() + self.connections.keep_alive_timeout;
        turn.multiplexed.then_some(again)
    }

    /// Notes that the deadline is met.
    pub(super) fn timed_out(&self) {
        if self.turn().awaited == Awaited::Due && !self.is_evicted() {
            self.connections.counts.count(ConnectionEvent::HeadTimeout);
        }
    }

    /// Whether the connection can be closed now without loss. HTTP/2 may hold bytes that the caller has to make room
    /// for first, so it ends in its own way.
    pub(super) fn may_go(&self) -> bool {
        let turn = self.turn();
        turn.requests == 0 && !turn.multiplexed && !self.unsent.load(Ordering::Relaxed)
    }

    pub(super) fn set_unsent(&self, unsent: bool) {
        self.unsent.store(unsent, Ordering::Relaxed);
    }

    /// Tells the connection's task to end after the running requests.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Tells the connection's task to end and make room.
    pub(super) fn evict(&self) {
        self.evicted.store(true, Ordering::Release);
        self.close();
    }

    /// Whether the connection was told to end. If not, `waker` is woken when it is.
    pub(super) fn is_closing(&self, waker: &Waker) -> bool {
        self.waker.register(waker);
        self.closing.load(Ordering::Acquire)
    }

    /// Whether the connection was told to make room.
    pub(super) fn is_evicted(&self) -> bool {
        self.evicted.load(Ordering::Acquire)
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.end();
    }
}
