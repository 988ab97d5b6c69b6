//! Room for one instance.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::ticker::{Running, Ticker};

/// What an instance takes of its engine: a place in the pool, and ticks while it runs. Dropping it
/// frees the place for another instance.
pub(crate) struct Room {
    _permit: OwnedSemaphorePermit,
    ticker: Arc<Ticker>,
}

impl Room {
    pub(crate) fn new(permit: OwnedSemaphorePermit, ticker: Arc<Ticker>) -> Self {
        Self {
            _permit: permit,
            ticker,
        }
    }

    /// Held by the code that runs the instance. Without it there might be no ticks, and the policy
    /// would not give way.
    pub(crate) fn running(&self) -> Running<'_> {
        self.ticker.running()
    }
}
