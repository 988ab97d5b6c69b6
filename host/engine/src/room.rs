//! Room for one instance.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::ticker::{Running, Ticker};

/// What an instance takes of its engine: a place in the pool, and ticks while it runs. Dropping it makes
/// room for another instance.
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

    /// To be held by whoever runs the instance's code: without ticks it would not give way.
    pub(crate) fn running(&self) -> Running<'_> {
        self.ticker.running()
    }
}
