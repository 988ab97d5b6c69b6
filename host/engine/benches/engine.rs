//! Measures what a policy costs an exchange: an instance of its own, and each call.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use sluice_engine::{
    Chain, Context, Engine, EngineConfig, EventLevel, Limits, OnFailure, PolicySet, PolicySpec,
    SharedRequest,
};
use sluice_protocol::{Block, ToolCall, anthropic};
use tokio::runtime::{Builder, Runtime};

const BODY: &str = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}"#;

/// A set with one policy. `snapshots` says whether its instances come from a configured snapshot.
fn set(snapshots: bool, config: Value) -> Arc<PolicySet> {
    let engine = Engine::new(EngineConfig {
        instances: 64,
        snapshots,
        ..EngineConfig::default()
    });
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let file = target
        .expect("a target folder")
        .join("policies/test/scripted.wasm");
    let policy = engine.expect("an engine").load(PolicySpec {
        name: "bench".to_owned(),
        component: std::fs::read(file)
            .expect("run `cargo xtask policies`")
            .into(),
        config,
        on_failure: OnFailure::Block,
        limits: Limits::default(),
        grants: BTreeSet::new(),
    });
    let policies = vec![Arc::new(policy.expect("a policy that loads"))];
    Arc::new(PolicySet::new(1, policies))
}

fn open(set: &Arc<PolicySet>, request: &SharedRequest) -> Chain {
    Chain::open(
        Arc::clone(set),
        Arc::clone(request),
        Context::default(),
        EventLevel::Outcomes,
    )
}

fn request() -> SharedRequest {
    let limits = sluice_protocol::Limits::default();
    let request = anthropic::Request::parse(BODY.into(), &limits).expect("a request");
    Arc::new(Mutex::new(Box::new(request)))
}

fn call() -> Block {
    Block::ToolCall(ToolCall {
        id: "toolu_1".to_owned(),
        name: "Bash".to_owned(),
        arguments: r#"{"command":"ls -la /tmp"}"#.to_owned(),
    })
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
}

fn instances(c: &mut Criterion) {
    let (runtime, request) = (runtime(), request());
    let texts: Vec<_> = (0..1000)
        .map(|n| format!("a text that takes room {n}"))
        .collect();
    let plain = json!({"wants": {"tool_call": "whole"}});
    let laden = json!({"wants": {"tool_call": "whole"}, "end": texts});
    let cases = [
        ("from a snapshot", set(true, plain)),
        ("from a snapshot, much configured", set(true, laden.clone())),
        (
            "configured per exchange, much configured",
            set(false, laden),
        ),
    ];
    let mut group = c.benchmark_group("fresh instance, one block, drop");
    for (name, set) in &cases {
        group.bench_function(*name, |b| {
            b.to_async(&runtime)
                .iter(|| async { open(set, &request).on_block(call()).await });
        });
    }
    group.finish();
    c.bench_function("open a chain, ask nothing", |b| {
        b.iter(|| open(&cases[0].1, &request));
    });
}

fn calls(c: &mut Criterion) {
    let (runtime, request) = (runtime(), request());
    let set = set(
        true,
        json!({"wants": {"tool_call": "whole", "text": "pieces"}}),
    );
    c.bench_function("warm on-block", |b| {
        b.to_async(&runtime).iter_custom(|rounds| {
            let mut chain = open(&set, &request);
            async move {
                chain.on_block(call()).await;
                let began = Instant::now();
                for _ in 0..rounds {
                    chain.on_block(call()).await;
                    chain.take_events();
                }
                began.elapsed()
            }
        });
    });
    c.bench_function("warm on-text", |b| {
        b.to_async(&runtime).iter_custom(|rounds| {
            let mut chain = open(&set, &request);
            async move {
                chain.on_text("a piece".to_owned(), false).await;
                let began = Instant::now();
                for _ in 0..rounds {
                    chain.on_text("a piece".to_owned(), false).await;
                }
                began.elapsed()
            }
        });
    });
}

criterion_group!(benches, instances, calls);
criterion_main!(benches);
