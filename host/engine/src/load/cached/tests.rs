//! Loads with a cache that has an entry for every key.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::Cached;
use crate::cache::{Cache, CacheKey, Code, Kept};
use crate::load::notes::Notes;
use crate::load::trial::Trial;
use crate::wants::PolicyWants;
use crate::{Digest, Engine, EngineConfig, Limits, OnFailure, PolicySpec, Snapshot, load};

#[derive(Debug, Default)]
struct Always {
    notes: Option<Vec<u8>>,
    kept: Mutex<usize>,
}

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: no entry of these tests has code in it.
unsafe impl Cache for Always {
    fn find(&self, _: &CacheKey) -> Option<Kept> {
        let notes = self.notes.clone()?;
        let code = Code::Bytes(Vec::new());
        Some(Kept { code, notes })
    }

    fn keep(&self, _: &CacheKey, _: &[u8], _: &[u8]) {
        *self.kept.lock().unwrap() += 1;
    }
}

/// The notes on a policy that wants nothing, imports `imports` and says it needs them.
fn notes(imports: &[&str]) -> Vec<u8> {
    let notes = Notes {
        description: json!({"name": "p", "version": "1", "needs": imports}).to_string(),
        imports: imports.iter().map(|&import| import.to_owned()).collect(),
        wants: "{}".to_owned(),
        per_exchange: None,
    };
    notes.encode().unwrap()
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

fn found(notes: Vec<u8>) -> Option<load::Ready> {
    let cache = Arc::new(Always {
        notes: Some(notes),
        ..Always::default()
    });
    let (engine, spec) = (engine(&cache), spec());
    let trial = Trial::new(&engine, &spec).unwrap();
    let cached = Cached::new(&engine, &spec, Digest::of(b""), "{}").unwrap();
    cached.find(&spec, "{}", &trial)
}

#[test]
fn an_entry_is_enough_for_a_policy_that_wants_nothing() {
    let ready = found(notes(&[])).unwrap();
    assert_eq!(ready.snapshot, Snapshot::NotNeeded);
    assert_eq!(ready.wants, PolicyWants::default());
    assert!(ready.start.is_none());
}

#[test]
fn an_entry_is_not_taken_for_a_policy_that_may_not_have_what_it_needs() {
    // Granted, but not offered by this version; and not granted.
    assert!(found(notes(&["clock"])).is_none());
    assert!(found(notes(&["state"])).is_none());
}

#[test]
fn an_entry_whose_description_or_wants_can_not_be_met_is_not_taken() {
    let with = |description: &str, wants: &str| {
        let notes = Notes {
            description: description.to_owned(),
            imports: [].into(),
            wants: wants.to_owned(),
            per_exchange: None,
        };
        found(notes.encode().unwrap())
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
    let mut ready = found(notes(&[])).unwrap();
    ready.repeatable = false;
    cached.keep(&ready);
    assert_eq!(*cache.kept.lock().unwrap(), 0);
    ready.repeatable = true;
    cached.keep(&ready);
    assert_eq!(*cache.kept.lock().unwrap(), 1);
}
