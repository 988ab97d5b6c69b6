//! A policy for tests that takes its time and then keeps: `amount` rounds of nothing, a few units
//! of fuel each. With enough fuel the deadline ends it.

use std::hint::black_box;

use trigger::{Act, Triggered};

struct Slow;

impl Act for Slow {
    fn act(amount: Option<u64>) {
        for round in 0..amount.unwrap_or(20_000_000_000) {
            black_box(round);
        }
    }
}

sluice_policy_sdk::export!(Triggered<Slow>);
