//! Loads with a cache that has an entry for every key.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::Cached;
use crate::cache::{Cache, CacheEntry, CacheKey, Code};
use crate::load::metadata::Metadata;
use crate::load::trial::Trial;
use crate::wants::PolicyWants;
use crate::{Digest, Engine, EngineConfig, Limits, OnFailure, PolicySpec, Snapshot, load};

#[derive(Debug, Default)]
struct Always {
    metadata: Option<Vec<u8>>,
    kept: Mutex<usize>,
}

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: no entry of these tests has code in it.
unsafe impl Cache for Always {
    fn find(&self, _: &CacheKey) -> Option<CacheEntry> {
        let metadata = self.metadata.clone()?;
        let code = Code::Bytes(Vec::new());
        Some(CacheEntry { code, metadata })
    }

    fn keep(&self, _: &CacheKey, _: &[u8], _: &[u8]) {
        *self.kept.lock().unwrap() += 1;
    }
}

/// The metadata of a policy that wants nothing, imports `imports` and says it needs them.
fn metadata(imports: &[&str]) -> Vec<u8> {
    let metadata = Metadata {
        description: json!({"name": "p", "version": "1", "needs": imports}).to_string(),
        imports: imports.iter().map(|&import| import.to_owned()).collect(),
        wants: "{}".to_owned(),
        per_exchange: None,
    };
    metadata.encode().unwrap()
}

fn engine(cache: &Arc<Always>) -> Engine {
    let config = EngineConfig {
        instances: 1,
        ..EngineConfig::default()
    };
    Engine::with_cache(config, Arc::clone(cache) as _).unwrap()
}

fn spec() -> PolicySpec {
    PolicySpec {
        name: "p".to_owned(),
        component: b"\0asm\x0d\0\x01\0".as_slice().into(),
        config: json!({}),
        on_failure: OnFailure::Block,
        limits: Limits::default(),
        grants: ["clock".to_owned()].into(),
    }
}

fn found(metadata: Vec<u8>) -> Option<load::Ready> {
    let cache = Arc::new(Always {
        metadata: Some(metadata),
        ..Always::default()
    });
    let (engine, spec) = (engine(&cache), spec());
    let trial = Trial::new(&engine, &spec).unwrap();
    let cached = Cached::new(&engine, &spec, Digest::of(b""), "{}").unwrap();
    cached.find(&spec, "{}", &trial)
}

#[test]
fn an_entry_is_enough_for_a_policy_that_wants_nothing() {
    let ready = found(metadata(&[])).unwrap();
    assert_eq!(ready.snapshot, Snapshot::NotNeeded);
    assert_eq!(ready.wants, PolicyWants::default());
    assert!(ready.start.is_none());
}

#[test]
fn an_entry_is_not_taken_for_a_policy_that_may_not_have_what_it_needs() {
    // Granted, but not offered by this version; and not granted.
    assert!(found(metadata(&["clock"])).is_none());
    assert!(found(metadata(&["state"])).is_none());
}

#[test]
fn an_entry_whose_description_or_wants_can_not_be_met_is_not_taken() {
    let with = |description: &str, wants: &str| {
        let metadata = Metadata {
            description: description.to_owned(),
            imports: [].into(),
            wants: wants.to_owned(),
            per_exchange: None,
        };
        found(metadata.encode().unwrap())
    };
    let good = r#"{"name":"p","version":"1"}"#;
    assert!(with(good, "{}").is_some());
    assert!(with("{}", "{}").is_none());
    assert!(with(good, r#"{"tool_call":"pieces"}"#).is_none());
    assert!(with(good, r#"{"end":true}"#).is_none(), "it has no code");
}

#[test]
fn what_might_come_out_better_the_next_time_is_not_kept() {
    let cache = Arc::new(Always::default());
    let engine = engine(&cache);
    let cached = Cached::new(&engine, &spec(), Digest::of(b""), "{}").unwrap();
    let mut ready = found(metadata(&[])).unwrap();
    ready.repeatable = false;
    cached.keep(&ready);
    assert_eq!(*cache.kept.lock().unwrap(), 0);
    ready.repeatable = true;
    cached.keep(&ready);
    assert_eq!(*cache.kept.lock().unwrap(), 1);
}
