//! The smallest policy there is: it wants nothing, so it is never called and costs nothing.
//!
//! Start a policy of your own from here: ask for something in `wants`, then write its hook.

use sluice_policy_sdk::{Faults, NoConfig, Policy, Wants};

/// Keeps everything.
pub struct KeepAll;

impl Policy for KeepAll {
    type Config = NoConfig;

    fn configure(_: NoConfig) -> Result<Self, Faults> {
        Ok(Self)
    }

    fn wants(&self) -> Wants {
        Wants::nothing()
    }
}

sluice_policy_sdk::export!(KeepAll);
