//! A policy for tests that imports the clock without naming it under `needs`.

use sluice_policy_sdk::clock;
use trigger::{Act, Triggered};

struct HidesClock;

impl Act for HidesClock {
    fn act(_: Option<u64>) {
        assert!(clock::now_ms() > 0, "the clock stands at 0");
    }
}

sluice_policy_sdk::export!(Triggered<HidesClock>);
