//! A policy for tests that never answers: only fuel or time can end its call.

use std::hint::black_box;

use trigger::{Act, Triggered};

struct Loops;

impl Act for Loops {
    fn act(_: Option<u64>) {
        while black_box(true) {}
    }
}

sluice_policy_sdk::export!(Triggered<Loops>);
