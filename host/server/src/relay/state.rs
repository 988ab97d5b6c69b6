//! How it goes between processes, for the operator.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sluice_api::{Relay, RelayState};

use crate::clock::unix_millis;
use crate::telemetry::clip;

/// Reads and changes how it goes. Clones share it.
#[derive(Clone)]
pub struct State(Arc<Shared>);

struct Shared {
    address: String,
    now: Mutex<Now>,
    others: AtomicUsize,
    sent: AtomicU64,
    unsent: AtomicU64,
    received: AtomicU64,
    lost: AtomicU64,
    unreadable: AtomicU64,
    unsigned: AtomicU64,
}

struct Now {
    state: RelayState,
    since_ms: u64,
    cause: Option<String>,
    /// Whether the log says so.
    is_logged: bool,
}

impl State {
    pub(super) fn new(address: String) -> Self {
        Self(Arc::new(Shared {
            address,
            now: Mutex::new(Now {
                state: RelayState::Degraded,
                since_ms: unix_millis(),
                cause: Some("not yet connected".to_owned()),
                is_logged: false,
            }),
            others: AtomicUsize::new(0),
            sent: AtomicU64::new(0),
            unsent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            unreadable: AtomicU64::new(0),
            unsigned: AtomicU64::new(0),
        }))
    }

    /// How it goes now.
    pub fn now(&self) -> Relay {
        let shared = &self.0;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let now = shared.now();
        Relay {
            state: now.state,
            since_ms: now.since_ms,
            cause: now.cause.clone(),
            processes: shared.others.load(Ordering::Relaxed) as u64,
            sent: read(&shared.sent),
            unsent: read(&shared.unsent),
            received: read(&shared.received),
            lost: read(&shared.lost),
            unreadable: read(&shared.unreadable),
            unsigned: read(&shared.unsigned),
        }
    }

    pub(super) fn connected(&self) {
        *self.0.now() = Now {
            state: RelayState::Connected,
            since_ms: unix_millis(),
            cause: None,
            is_logged: false,
        };
        let address = &*self.0.address;
        tracing::info!("events go from process to process through Redis at {address}");
    }

    /// Notes why there is no connection. The log says so once until there is one again.
    pub(super) fn degraded(&self, cause: &str) {
        let cause = clip(cause).into_owned();
        self.0.others.store(0, Ordering::Relaxed);
        let mut now = self.0.now();
        if now.state != RelayState::Degraded {
            now.state = RelayState::Degraded;
            now.since_ms = unix_millis();
        }
        now.cause = Some(cause.clone());
        if !std::mem::replace(&mut now.is_logged, true) {
            drop(now);
            let address = &*self.0.address;
            tracing::warn!(
                cause,
                "Redis at {address} can't be used (--redis), so each process tells its own events alone"
            );
        }
    }

    pub(super) fn others(&self, there: usize) {
        self.0.others.store(there, Ordering::Relaxed);
    }

    pub(super) fn sent(&self, sent: u64, unsent: u64) {
        self.0.sent.fetch_add(sent, Ordering::Relaxed);
        self.0.unsent.fetch_add(unsent, Ordering::Relaxed);
    }

    pub(super) fn received(&self) {
        self.0.received.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn lost(&self, lost: u64) {
        self.0.lost.fetch_add(lost, Ordering::Relaxed);
    }

    pub(super) fn unreadable(&self) {
        self.0.unreadable.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes a message that no process of this installation signed. The first one is logged.
    pub(super) fn unsigned(&self) {
        if self.0.unsigned.fetch_add(1, Ordering::Relaxed) == 0 {
            let address = &*self.0.address;
            tracing::warn!(
                "a message in Redis at {address} is not signed by a process with the same database, and is dropped, as others \
                 like it are (the status counts them): another installation, an older version or somebody else uses the channel"
            );
        }
    }
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
