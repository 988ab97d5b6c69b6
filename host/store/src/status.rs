//! How the writer fares, for whoever operates it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::times::unix_millis;

/// How a [`Writer`](crate::Writer) fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriterState {
    /// Since when the database is away, in milliseconds since 1970. `None` if it answered last time.
    pub away_since: Option<u64>,
    /// What waits in the spool: exchanges that begin, that end, and amendments.
    pub spooled: u64,
    /// How many bytes they take there.
    pub spooled_bytes: u64,
    /// How many of them the database refused. They stay, and are tried again at the next start.
    pub refused: u64,
    /// How often something found no room in the spool.
    pub spool_full: u64,
    /// How many files of the spool were damaged and are kept under another name. The log says which.
    pub set_aside: u64,
}

/// The state as it is now.
#[derive(Debug, Default)]
pub(crate) struct Status(Mutex<WriterState>);

impl Status {
    pub(crate) fn get(&self) -> WriterState {
        *self.lock()
    }

    /// Changes the state. Returns how it was before.
    pub(crate) fn change(&self, change: impl FnOnce(&mut WriterState)) -> WriterState {
        let mut state = self.lock();
        let before = *state;
        change(&mut state);
        before
    }

    /// Notes that the database is away, and logs it if that is news.
    pub(crate) fn is_away(&self, cause: &str) {
        let before = self.change(|state| {
            state.away_since.get_or_insert_with(unix_millis);
        });
        match before.away_since {
            None => tracing::warn!(cause, "the database is away, trying again"),
            Some(_) => tracing::debug!(cause, "the database is still away"),
        }
    }

    /// Notes that the database answers, and logs it if that is news.
    pub(crate) fn is_back(&self) {
        let before = self.change(|state| state.away_since = None);
        if before.away_since.is_some() {
            tracing::info!("the database is back");
        }
    }

    fn lock(&self) -> MutexGuard<'_, WriterState> {
        // Every state is as good as another.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
