//! A request of 1 MB as times its memcpy and one scan for UTF-8.
//!
//! The three are timed in turns, so that whatever slows the machine meets all of them.

#![expect(clippy::print_stdout, reason = "criterion knows no ratios")]

use std::hint::black_box;
use std::time::Instant;

use criterion::Criterion;
use sluice_protocol::Limits;

use super::view::{Sample, samples};

const TURNS: usize = 1_000;

pub(super) fn turns(_: &mut Criterion) {
    for sample in samples(1_000_000) {
        let mut copy = vec![0; sample.body.len()];
        let mut ratios = [0.0; TURNS].map(|_: f64| turn(&sample, &mut copy));
        ratios.sort_by(f64::total_cmp);
        let [low, median, high] = [1, 5, 9].map(|tenths| ratios[TURNS * tenths / 10]);
        println!(
            "view of 1 MB, {}: {median:.2} times its memcpy and a scan for UTF-8 ({low:.2} to {high:.2})",
            sample.name
        );
    }
}

fn turn(sample: &Sample, copy: &mut [u8]) -> f64 {
    let limits = Limits::default();
    let body = &sample.body;
    let memcpy = seconds(|| {
        copy.copy_from_slice(black_box(body));
        black_box(&mut *copy);
    });
    let scan = seconds(|| {
        black_box(str::from_utf8(black_box(body)).is_ok());
    });
    let view = seconds(|| {
        black_box((sample.parse)(black_box(body.clone()), &limits));
    });
    view / (memcpy + scan)
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
