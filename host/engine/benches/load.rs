//! Measures loading a policy: compiled, with another config, and from the cache.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::json;
use sluice_engine::{
    Cache, CacheEntry, CacheKey, Code, Engine, EngineConfig, Limits, OnFailure, PolicySpec,
};

/// A cache in memory.
#[derive(Debug, Default)]
struct Shelf(Mutex<HashMap<CacheKey, CodeAndMetadata>>);

type CodeAndMetadata = (Vec<u8>, Vec<u8>);

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: the entries leave the map as they came.
unsafe impl Cache for Shelf {
    fn find(&self, key: &CacheKey) -> Option<CacheEntry> {
        let entries = self.0.lock().expect("not poisoned");
        let (code, metadata) = entries.get(key).cloned()?;
        let code = Code::Bytes(code);
        Some(CacheEntry { code, metadata })
    }

    fn keep(&self, key: &CacheKey, code: &[u8], metadata: &[u8]) {
        let mut entries = self.0.lock().expect("not poisoned");
        entries.insert(*key, (code.to_vec(), metadata.to_vec()));
    }
}

fn engine(shelf: &Arc<Shelf>) -> Engine {
    let config = EngineConfig {
        instances: 64,
        ..EngineConfig::default()
    };
    Engine::with_cache(config, Arc::clone(shelf) as _).expect("an engine")
}

/// The largest of the example policies.
fn component() -> Bytes {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let file = target
        .expect("a target folder")
        .join("policies/redact-secrets.wasm");
    std::fs::read(file)
        .expect("run `cargo xtask policies`")
        .into()
}

fn load(engine: &Engine, component: &Bytes, allowed: &str) {
    let loaded = engine.load(PolicySpec {
        name: "bench".to_owned(),
        component: component.clone(),
        config: json!({"allow": [allowed]}),
        on_failure: OnFailure::Block,
        limits: Limits::default(),
        grants: BTreeSet::new(),
    });
    loaded.expect("a policy that loads");
}

fn loads(c: &mut Criterion) {
    let component = component();
    let mut group = c.benchmark_group("load a policy of 1.1 MB");
    group.sample_size(10);
    group.bench_function("nothing cached", |b| {
        b.iter_batched(
            || engine(&Arc::default()),
            |engine| load(&engine, &component, "one"),
            BatchSize::PerIteration,
        );
    });
    let shelf = Arc::default();
    let engine = engine(&shelf);
    let mut nth = 0;
    load(&engine, &component, "one");
    group.bench_function("another config cached", |b| {
        b.iter(|| {
            nth += 1;
            load(&engine, &component, &format!("another-{nth}"));
        });
    });
    group.bench_function("cached", |b| b.iter(|| load(&engine, &component, "one")));
    group.finish();
}

criterion_group!(benches, loads);
criterion_main!(benches);
