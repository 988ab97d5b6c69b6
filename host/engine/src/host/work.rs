//! Counts the work that the host does for a policy within one call, so that it is bounded like the
//! policy's own work.

use std::ops::Range;

use tokio::time::Instant;
use wasmtime::{Result, Trap};

use crate::cause::TimeUp;

/// The host's work in one call so far.
#[derive(Debug, Default)]
pub(crate) struct Work {
    fuel: u64,
    /// The units that it may take in addition to the fuel of the call.
    allowance: u64,
    /// When the call has to end. `None` while a policy is loaded, which has a bound of its own.
    until: Option<Instant>,
    /// The page of texts that was handed out last, if the request still knows where it stands.
    pub(super) page: Option<Page>,
}

/// Texts of a request that the host finds without a walk to them.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) message: Option<u32>,
    pub(super) texts: Range<u32>,
}

impl Work {
    /// Starts with no work done. The call has to end at `until`. The work may take the call's fuel and
    /// this allowance.
    pub(crate) fn new(until: Instant, allowance: u64) -> Self {
        Self {
            allowance,
            until: Some(until),
            ..Self::default()
        }
    }

    /// The fuel that the work has cost.
    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Charges one unit for each byte that is read, copied or written. Fails if the sum passes the
    /// call's `limit` and the allowance, or if the call's time is up. So everything that the host does
    /// checks the time.
    pub(crate) fn pay(&mut self, bytes: usize, limit: u64) -> Result<()> {
        self.fuel = self.fuel.saturating_add(bytes as u64);
        if self.fuel > limit.saturating_add(self.allowance) {
            return Err(Trap::OutOfFuel.into());
        }
        match self.until {
            Some(until) if Instant::now() >= until => Err(TimeUp.into()),
            _ => Ok(()),
        }
    }
}
