//! A policy for tests that takes all the memory it can get, a mebibyte at a time.

use std::hint::black_box;

use trigger::{Act, Triggered};

struct Allocates;

impl Act for Allocates {
    fn act(_: Option<u64>) {
        let mut taken = Vec::new();
        while black_box(true) {
            taken.push(vec![1_u8; 1 << 20]);
            black_box(&taken);
        }
    }
}

sluice_policy_sdk::export!(Triggered<Allocates>);
