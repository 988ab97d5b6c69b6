//! A policy for tests that calls itself until its stack is used up.

use std::hint::black_box;

use trigger::{Act, Triggered};

struct Recurses;

impl Act for Recurses {
    fn act(_: Option<u64>) {
        black_box(descend(0));
    }
}

fn descend(depth: u64) -> u64 {
    let frame = black_box([depth; 8]);
    if black_box(true) {
        return descend(frame[0] + 1) + frame[7];
    }
    depth
}

sluice_policy_sdk::export!(Triggered<Recurses>);
