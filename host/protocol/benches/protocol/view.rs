//! The view of a request, beside what its bytes cost to be touched at all.
//!
//! The budget: a request of 1 MB costs no more than twice its memcpy and one scan. Two scans stand here.
//! The one for UTF-8 is the budget's: it looks at each byte, stops for none of them, and no reader of
//! JSON does without it; `turns` tells the ratio. The one for quotes and backslashes is
//! how a reader finds the ends of strings with `memchr`; this body has one of them every 16 bytes, so
//! starting again at each costs many times what the bytes do, and a budget made of it would be lenient.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use serde::de::IgnoredAny;
use sluice_protocol::{Limits, Request as _, anthropic, openai_chat, openai_responses};

use super::conversation;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

pub(super) fn view(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("view of a request");
    for (name, size) in [("80 KB", 80_000), ("1 MB", 1_000_000)] {
        news(&mut group, name, conversation::messages(size));
    }
    group.finish();

    let mut group = criterion.benchmark_group("a request of 1 MB");
    baselines(&mut group, conversation::messages(1_000_000).as_bytes());
    dialects(&mut group, 1_000_000);
    group.finish();
}

fn news(group: &mut Group<'_>, name: &str, body: String) {
    let body = Bytes::from(body);
    let limits = Limits::default();
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function(name, |bencher| {
        bencher.iter(|| anthropic::Request::parse(black_box(body.clone()), &limits));
    });
    group.bench_function(format!("{name}, and its news"), |bencher| {
        bencher.iter(|| {
            let request = anthropic::Request::parse(black_box(body.clone()), &limits);
            request.map(|mut request| request.news())
        });
    });
}

/// What nobody who reads this body can do without, and what another reader takes.
fn baselines(group: &mut Group<'_>, body: &[u8]) {
    group.throughput(Throughput::Bytes(body.len() as u64));
    let mut copy = vec![0; body.len()];
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| {
            copy.copy_from_slice(black_box(body));
            black_box(&mut copy);
        });
    });
    group.bench_function("scan for quotes and backslashes", |bencher| {
        bencher.iter(|| memchr::memchr2_iter(b'"', b'\\', black_box(body)).count());
    });
    group.bench_function("scan for UTF-8", |bencher| {
        bencher.iter(|| str::from_utf8(black_box(body)).is_ok());
    });
    group.bench_function("serde_json, which ignores it", |bencher| {
        bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(body)).is_ok());
    });
}

/// A request of each dialect, and how it is read.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) body: Bytes,
    pub(super) parse: fn(Bytes, &Limits) -> bool,
}

pub(super) fn samples(size: usize) -> [Sample; 3] {
    [
        Sample {
            name: "Messages",
            body: conversation::messages(size).into(),
            parse: |body, limits| black_box(anthropic::Request::parse(body, limits)).is_ok(),
        },
        Sample {
            name: "Chat",
            body: conversation::chat(size).into(),
            parse: |body, limits| black_box(openai_chat::Request::parse(body, limits)).is_ok(),
        },
        Sample {
            name: "Responses",
            body: conversation::responses(size).into(),
            parse: |body, limits| black_box(openai_responses::Request::parse(body, limits)).is_ok(),
        },
    ]
}

fn dialects(group: &mut Group<'_>, size: usize) {
    let limits = Limits::default();
    for Sample { name, body, parse } in samples(size) {
        assert!(parse(body.clone(), &limits), "{name} is a request");
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(format!("view, {name}"), |bencher| {
            bencher.iter(|| parse(black_box(body.clone()), &limits));
        });
    }
}
