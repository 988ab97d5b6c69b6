//! A policy for tests that panics with a text, which the host's log must show.

use trigger::{Act, Triggered};

struct Panics;

impl Act for Panics {
    fn act(amount: Option<u64>) {
        panic!("the policy gave up on purpose, amount {amount:?}");
    }
}

sluice_policy_sdk::export!(Triggered<Panics>);
