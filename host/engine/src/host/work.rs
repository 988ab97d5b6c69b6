//! What the host does for a policy within one call, so that it is bounded as what the policy does is.

use tokio::time::Instant;
use wasmtime::{Result, Trap};

use crate::cause::TimeUp;

/// The work done so far.
#[derive(Debug, Default)]
pub(crate) struct Work {
    fuel: u64,
    /// When the call has to be over. Loading has a bound of its own.
    until: Option<Instant>,
}

impl Work {
    /// Nothing done, until then.
    pub(crate) fn until(until: Instant) -> Self {
        Self {
            fuel: 0,
            until: Some(until),
        }
    }

    /// The fuel that it took.
    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Pays a unit for each byte that is read, copied or written, out of the `limit` of the call.
    pub(crate) fn pay(&mut self, bytes: usize, limit: u64) -> Result<()> {
        self.fuel = self.fuel.saturating_add(bytes as u64);
        if self.fuel > limit {
            return Err(Trap::OutOfFuel.into());
        }
        match self.until {
            Some(until) if Instant::now() >= until => Err(TimeUp.into()),
            _ => Ok(()),
        }
    }
}
