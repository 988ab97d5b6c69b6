//! The permit to run one instance.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use crate::ticker::{Running, Ticker};

/// Holds a place in the engine's pool for one instance, and its ticker. Dropping it frees the place
/// for another instance.
pub(crate) struct InstancePermit {
    _permit: OwnedSemaphorePermit,
    ticker: Arc<Ticker>,
}

impl InstancePermit {
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
