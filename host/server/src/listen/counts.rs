//! Counts the connections that were refused or closed to make room, for the operator and the log.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::Door;
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
        let door = self.door.name();
        let news = |event| self.counts.of(event).news();
        if let Some(count) = news(ConnectionEvent::Full) {
            let (limit, flag) = (self.max_connections, self.door.flag("--max-connections"));
            tracing::warn!(
                door,
                count,
                limit,
                "connections were refused: all are in use{flag}"
            );
        }
        if let Some(count) = news(ConnectionEvent::Address) {
            let limit = self.max_per_address;
            let flag = self.door.flag("--max-connections-per-address");
            tracing::warn!(
                door,
                count,
                limit,
                "connections were refused: their address has all it may have{flag}"
            );
        }
        if let Some(count) = news(ConnectionEvent::Accept) {
            tracing::warn!(
                door,
                count,
                cause = *self.counts.unaccepted(),
                "connections could not be accepted; where too many files are open, allow more (ulimit -n)"
            );
        }
        if let Some(count) = news(ConnectionEvent::Evicted) {
            tracing::info!(
                door,
                count,
                "connections without a request were closed to make room"
            );
        }
        if let Some(count) = news(ConnectionEvent::HeadTimeout) {
            let flag = self.door.flag("--head-timeout");
            tracing::info!(
                door,
                count,
                "connections were closed: no request came in time{flag}"
            );
        }
    }
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Operators => "operators",
        }
    }

    /// What a message says of the flag that sets a bound. Those of operators' connections have none.
    fn flag(self, name: &str) -> String {
        match self {
            Self::Agents => format!(" ({name})"),
            Self::Operators => String::new(),
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

    /// The numbers as they are now.
    pub fn now(&self) -> sluice_api::Connections {
        let (connections, counts) = (&self.0, &self.0.counts);
        let number = |count| u64::try_from(count).unwrap_or(u64::MAX);
        sluice_api::Connections {
            open: number(connections.open()),
            max: number(connections.max_connections),
            max_per_address: number(connections.max_per_address),
            refused: counts.total(ConnectionEvent::Full),
            refused_by_address: counts.total(ConnectionEvent::Address),
            closed_to_make_room: counts.total(ConnectionEvent::Evicted),
            head_timeouts: counts.total(ConnectionEvent::HeadTimeout),
            accept_errors: counts.total(ConnectionEvent::Accept),
        }
    }
}
