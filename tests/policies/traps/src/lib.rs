//! A policy for tests that traps without a word.

use trigger::{Act, Triggered};

struct Traps;

impl Act for Traps {
    fn act(_: Option<u64>) {
        std::process::abort();
    }
}

sluice_policy_sdk::export!(Triggered<Traps>);
