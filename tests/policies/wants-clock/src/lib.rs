//! A policy for tests that needs the clock, and says so.

use sluice_policy_sdk::clock;
use trigger::{Act, Triggered};

struct WantsClock;

impl Act for WantsClock {
    const NEEDS: &'static [&'static str] = &["clock"];

    fn act(_: Option<u64>) {
        assert!(clock::now_ms() > 0, "the clock stands at 0");
    }
}

sluice_policy_sdk::export!(Triggered<WantsClock>);
