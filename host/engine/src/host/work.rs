//! What the host does for a policy within one call, so that it is bounded as what the policy does is.

use std::ops::Range;

use tokio::time::Instant;
use wasmtime::{Result, Trap};

use crate::cause::TimeUp;

/// The work done so far.
#[derive(Debug, Default)]
pub(crate) struct Work {
    fuel: u64,
    /// What it may take beside the fuel of the call.
    allowance: u64,
    /// When the call has to be over. Loading has a bound of its own.
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
    /// Nothing done yet. It has to be over at `until`, and may take the fuel of the call and this allowance.
    pub(crate) fn new(until: Instant, allowance: u64) -> Self {
        Self {
            allowance,
            until: Some(until),
            ..Self::default()
        }
    }

    /// The fuel that it took.
    pub(crate) fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Pays a unit for each byte that is read, copied or written, out of the `limit` of the call and the allowance. Fails
    /// also if the call has to be over by now, so each thing that the host does is asked for its time.
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
