//! Counts the connections that were refused or closed to make room, for `/health` and the log.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio::sync::Notify;

use super::connections::Connections;
use crate::telemetry::Tally;

/// The shortest time between two reports to the log.
const PACE: Duration = Duration::from_secs(1);

/// The counts since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    full: Tally,
    address: Tally,
    evicted: Tally,
    head_timeout: Tally,
    accept: Tally,
    /// Why the last one was not accepted.
    unaccepted: Mutex<String>,
    /// Wakes the task that writes to the log.
    counted: Notify,
}

/// An event that ends a connection before a request of it is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionEvent {
    /// There was no room.
    Full,
    /// There was no room for one more of its address.
    Address,
    /// It had no request under way and made room for another.
    Evicted,
    /// The head of its request did not come in time.
    HeadTimeout,
    /// The system did not hand it over.
    Accept,
}

impl Counts {
    fn of(&self, event: ConnectionEvent) -> &Tally {
        match event {
            ConnectionEvent::Full => &self.full,
            ConnectionEvent::Address => &self.address,
            ConnectionEvent::Evicted => &self.evicted,
            ConnectionEvent::HeadTimeout => &self.head_timeout,
            ConnectionEvent::Accept => &self.accept,
        }
    }

    pub(super) fn count(&self, event: ConnectionEvent) {
        self.of(event).note();
        self.counted.notify_one();
    }

    /// Counts a connection that the system did not hand over, and keeps the reason.
    pub(super) fn count_unaccepted(&self, error: &io::Error) {
        *self.unaccepted() = error.to_string();
        self.count(ConnectionEvent::Accept);
    }

    fn unaccepted(&self) -> MutexGuard<'_, String> {
        self.unaccepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn total(&self, event: ConnectionEvent) -> u64 {
        self.of(event).total()
    }
}

impl Connections {
    /// Logs what happens, at most one line of each kind a second.
    pub(super) async fn report(&self) {
        loop {
            self.counts.counted.notified().await;
            self.log();
            tokio::time::sleep(PACE).await;
        }
    }

    /// Logs what was counted since the last time.
    pub(super) fn log(&self) {
        let (max, per_address) = (self.max_connections, self.max_per_address);
        if let Some(count) = self.counts.of(ConnectionEvent::Full).news() {
            tracing::warn!(
                count,
                limit = max,
                "connections were refused: all are in use (--max-connections)"
            );
        }
        if let Some(count) = self.counts.of(ConnectionEvent::Address).news() {
            tracing::warn!(
                count,
                limit = per_address,
                "connections were refused: their address has all it may have \
                 (--max-connections-per-address)"
            );
        }
        if let Some(count) = self.counts.of(ConnectionEvent::Accept).news() {
            tracing::warn!(
                count,
                cause = *self.counts.unaccepted(),
                "connections could not be accepted; where too many files are open, allow more (ulimit -n)"
            );
        }
        if let Some(count) = self.counts.of(ConnectionEvent::Evicted).news() {
            tracing::info!(
                count,
                "connections without a request were closed to make room"
            );
        }
        if let Some(count) = self.counts.of(ConnectionEvent::HeadTimeout).news() {
            tracing::info!(
                count,
                "connections were closed: no request came in time (--head-timeout)"
            );
        }
    }
}

/// Reads the numbers as they are now. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Counted(Arc<Connections>);

impl Counted {
    pub(super) fn new(connections: Arc<Connections>) -> Self {
        Self(connections)
    }
}

#[derive(Serialize)]
struct Numbers {
    open: usize,
    max: usize,
    max_per_address: usize,
    refused: u64,
    refused_by_address: u64,
    closed_to_make_room: u64,
    head_timeouts: u64,
    accept_errors: u64,
}

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (connections, counts) = (&self.0, &self.0.counts);
        let numbers = Numbers {
            open: connections.open(),
            max: connections.max_connections,
            max_per_address: connections.max_per_address,
            refused: counts.total(ConnectionEvent::Full),
            refused_by_address: counts.total(ConnectionEvent::Address),
            closed_to_make_room: counts.total(ConnectionEvent::Evicted),
            head_timeouts: counts.total(ConnectionEvent::HeadTimeout),
            accept_errors: counts.total(ConnectionEvent::Accept),
        };
        numbers.serialize(serializer)
    }
}
