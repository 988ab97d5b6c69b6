//! A policy that was loaded once is not compiled again, and nothing else about it changes.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sluice_engine::{
    Cache, CacheKey, Engine, EngineConfig, Limits, LoadFault, Policy, PolicySpec, Snapshot,
};
use sluice_protocol::Ruling;

use crate::support::{call, chain, component, small, spec};

/// A cache in memory, as long as its engines live.
#[derive(Debug, Default)]
struct Shelf(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<CacheKey, Vec<u8>>,
    /// How often something was kept: once for each load that took the long way to its end.
    times: usize,
}

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: the entries leave the map as they came, and a test that changes one touches no code in it.
unsafe impl Cache for Shelf {
    fn find(&self, key: &CacheKey) -> Option<Vec<u8>> {
        self.0
            .lock()
            .expect("not poisoned")
            .entries
            .get(key)
            .cloned()
    }

    fn keep(&self, key: &CacheKey, entry: &[u8]) {
        let mut kept = self.0.lock().expect("not poisoned");
        kept.entries.insert(*key, entry.to_vec());
        kept.times += 1;
    }
}

impl Shelf {
    fn times(&self) -> usize {
        self.0.lock().expect("not poisoned").times
    }

    /// An engine as a start of the process would make it.
    fn engine(self: &Arc<Self>, config: EngineConfig) -> Engine {
        Engine::with_cache(config, Arc::clone(self) as _).expect("an engine")
    }

    fn load(self: &Arc<Self>, spec: PolicySpec) -> Arc<Policy> {
        Arc::new(
            self.engine(small())
                .load(spec)
                .expect("a policy that loads"),
        )
    }
}

fn drops(message: &str) -> Value {
    json!({"wants": {"tool_call": "whole"}, "blocks": [{"then": {"drop": message}}]})
}

fn what_it_is(policy: &Policy) -> impl PartialEq + std::fmt::Debug {
    (
        policy.description().clone(),
        policy.wants(),
        policy.wants_request(),
        policy.snapshot().clone(),
        policy.digest(),
    )
}

async fn notice(policy: &Arc<Policy>) -> String {
    match chain(&[policy]).on_block(call("{}")).await {
        Ruling::Drop { notice } => notice,
        other => panic!("a drop: {other:?}"),
    }
}

#[tokio::test]
async fn the_next_engine_compiles_nothing_and_judges_the_same() {
    for snapshots in [true, false] {
        let config = EngineConfig {
            snapshots,
            ..small()
        };
        let shelf = Arc::new(Shelf::default());
        let spec = spec("p", "scripted", drops("no"));
        let first = Arc::new(shelf.engine(config.clone()).load(spec.clone()).unwrap());
        assert_eq!(*first.snapshot() == Snapshot::Taken, snapshots);
        let second = Arc::new(shelf.engine(config).load(spec).unwrap());
        assert_eq!(shelf.times(), 1);
        assert_eq!(what_it_is(&second), what_it_is(&first));
        assert!(notice(&first).await.ends_with("no"));
        assert_eq!(notice(&second).await, notice(&first).await);
    }
}

#[test]
fn a_policy_that_wants_nothing_is_kept_without_code() {
    let shelf = Arc::new(Shelf::default());
    let policies = [(); 2].map(|()| shelf.load(spec("p", "keep-all", json!({}))));
    assert_eq!(shelf.times(), 1);
    assert_eq!(*policies[1].snapshot(), Snapshot::NotNeeded);
    assert_eq!(what_it_is(&policies[1]), what_it_is(&policies[0]));
    let kept = shelf.0.lock().unwrap();
    assert!(kept.entries.values().all(|entry| entry.len() < 4096));
}

#[test]
fn whatever_changes_what_is_compiled_is_compiled_anew() {
    let shelf = Arc::new(Shelf::default());
    let one = || spec("p", "scripted", drops("no"));
    let limits = |limits| PolicySpec { limits, ..one() };
    let specs = [
        one(),
        spec("p", "scripted", drops("other")),
        spec("p", "scripted", json!({})),
        spec("p", "keep-all", json!({})),
        limits(Limits {
            memory_bytes: 32 << 20,
            ..Limits::default()
        }),
        limits(Limits {
            request_fuel: 100_000_000,
            ..Limits::default()
        }),
    ];
    for (nth, spec) in specs.into_iter().enumerate() {
        shelf.load(spec);
        assert_eq!(shelf.times(), nth + 1);
    }
    let without = EngineConfig {
        snapshots: false,
        ..small()
    };
    shelf.engine(without).load(one()).unwrap();
    assert_eq!(shelf.times(), 7);
}

#[tokio::test]
async fn names_and_sides_and_bounds_of_calls_are_not_compiled() {
    let shelf = Arc::new(Shelf::default());
    shelf.load(spec("p", "scripted", drops("no")));
    let other = PolicySpec {
        on_failure: sluice_engine::OnFailure::Pass,
        limits: Limits {
            block_fuel: 10_000_000,
            ..Limits::default()
        },
        ..spec("another", "scripted", drops("no"))
    };
    let policy = shelf.load(other.clone());
    assert_eq!(shelf.times(), 1);
    assert_eq!(**policy.name(), *"another");
    assert_eq!(policy.on_failure(), other.on_failure);
    assert_eq!(*policy.limits(), other.limits);
    assert!(notice(&policy).await.contains("`another`"));
}

#[test]
fn an_entry_of_another_format_is_compiled_anew_and_replaced() {
    let shelf = Arc::new(Shelf::default());
    let one = || spec("p", "scripted", drops("no"));
    shelf.load(one());
    for entry in shelf.0.lock().unwrap().entries.values_mut() {
        entry[0] += 1;
    }
    shelf.load(one());
    assert_eq!(shelf.times(), 2);
    shelf.load(one());
    assert_eq!(shelf.times(), 2);
}

#[test]
fn what_is_refused_is_refused_each_time_and_not_kept() {
    let shelf = Arc::new(Shelf::default());
    let refused = [
        spec("p", "wants-clock", json!({})),
        spec("p", "hides-clock", json!({})),
        spec("p", "scripted", json!({"faults": ["No."]})),
        spec("p", "panics", json!({"hook": "configure"})),
    ];
    for spec in refused {
        let faults = [(); 2].map(|()| shelf.engine(small()).load(spec.clone()).unwrap_err());
        assert_eq!(faults[0], faults[1]);
    }
    assert_eq!(shelf.times(), 0);
}

#[test]
fn what_is_checked_at_a_load_is_checked_though_the_code_is_in_the_cache() {
    let shelf = Arc::new(Shelf::default());
    let one = || spec("p", "scripted", drops("no"));
    shelf.load(one());
    let fault = |config, spec| shelf.engine(config).load(spec).unwrap_err().fault;
    let misspelt = PolicySpec {
        grants: BTreeSet::from(["clok".to_owned()]),
        ..one()
    };
    assert!(matches!(
        fault(small(), misspelt),
        LoadFault::UnknownGrant(_)
    ));
    let garbled = PolicySpec {
        name: "a`b".to_owned(),
        ..one()
    };
    assert!(matches!(fault(small(), garbled), LoadFault::Name { .. }));
    let bounded = EngineConfig {
        max_component_bytes: component("scripted").len() - 1,
        ..small()
    };
    assert!(matches!(fault(bounded, one()), LoadFault::TooLarge { .. }));
    let endless = PolicySpec {
        limits: Limits {
            block_fuel: 0,
            ..Limits::default()
        },
        ..one()
    };
    assert!(matches!(fault(small(), endless), LoadFault::Limits(_)));
}
