//! A policy that was loaded once is not compiled again, and nothing else about it changes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sluice_engine::{
    Cache, CacheEntry, CacheKey, Code, Engine, EngineConfig, Limits, LoadFault, Policy, PolicySet,
    PolicySpec, Snapshot,
};
use sluice_protocol::Ruling;

use crate::support::{call, chain, component, small, spec};

/// A cache in memory, as long as its engines live.
#[derive(Debug, Default)]
struct Shelf(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// Code and metadata.
    entries: HashMap<CacheKey, (Vec<u8>, Vec<u8>)>,
    /// How often something with metadata was kept: once for each load that compiled.
    times: usize,
}

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: the entries leave the map as they came, and a test that changes one touches no code in it.
unsafe impl Cache for Shelf {
    fn find(&self, key: &CacheKey) -> Option<CacheEntry> {
        let kept = self.0.lock().expect("not poisoned");
        let (code, metadata) = kept.entries.get(key).cloned()?;
        let code = Code::Bytes(code);
        Some(CacheEntry { code, metadata })
    }

    fn keep(&self, key: &CacheKey, code: &[u8], metadata: &[u8]) {
        let mut kept = self.0.lock().expect("not poisoned");
        kept.entries
            .insert(*key, (code.to_vec(), metadata.to_vec()));
        kept.times += usize::from(!metadata.is_empty());
    }
}

impl Shelf {
    fn times(&self) -> usize {
        self.0.lock().expect("not poisoned").times
    }

    /// The compiled functions of each component.
    fn functions(&self) -> Vec<Vec<u8>> {
        let kept = self.0.lock().expect("not poisoned");
        let stones = kept
            .entries
            .values()
            .filter(|(_, metadata)| metadata.is_empty());
        // Whole components are ELF files.
        let functions = stones.filter(|(code, _)| !code.starts_with(b"\x7fELF"));
        functions.map(|(code, _)| code.clone()).collect()
    }

    /// An engine like one in a newly started process.
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

/// The same shelf, but each entry is in a file without a name, with something behind the code.
#[derive(Debug)]
struct InFiles(Arc<Shelf>);

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: as for the shelf; and nobody else has the files.
unsafe impl Cache for InFiles {
    fn find(&self, key: &CacheKey) -> Option<CacheEntry> {
        let CacheEntry { code, metadata } = self.0.find(key)?;
        let Code::Bytes(bytes) = code else {
            return None;
        };
        let mut file = tempfile::tempfile().ok()?;
        file.write_all(&bytes).ok()?;
        file.write_all(b"something else").ok()?;
        let length = bytes.len() as u64;
        let code = Code::File { file, length };
        Some(CacheEntry { code, metadata })
    }

    fn keep(&self, _: &CacheKey, _: &[u8], _: &[u8]) {
        panic!("all of it is there");
    }
}

/// The keys of compiled functions. Each is followed by the length of its code, and the code.
fn keys(mut functions: &[u8]) -> HashSet<Vec<u8>> {
    let mut keys = HashSet::new();
    while let Some((key, rest)) = functions.split_at_checked(32) {
        let (length, rest) = rest.split_first_chunk().expect("a length");
        functions = &rest[u32::from_le_bytes(*length) as usize..];
        keys.insert(key.to_vec());
    }
    keys
}

/// Checks that all functions are shared, except the few whose keys differ each time.
fn check_most_are_shared(first: &[Vec<u8>], second: &[Vec<u8>]) {
    let all = |functions: &[Vec<u8>]| functions.iter().flat_map(|left| keys(left)).collect();
    let [first, second]: [HashSet<_>; 2] = [all(first), all(second)];
    let new = second.difference(&first).count();
    assert!(new * 4 < second.len(), "{new} of {} are new", second.len());
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
    let mut finished = kept
        .entries
        .values()
        .filter(|(_, metadata)| !metadata.is_empty());
    assert!(finished.all(|(code, _)| code.is_empty()));
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
async fn another_config_compiles_few_functions_of_the_component_again() {
    let shelf = Arc::new(Shelf::default());
    shelf.load(spec("p", "scripted", drops("no")));
    let first = shelf.functions();
    let other = shelf.load(spec("p", "scripted", drops("other")));
    let second = shelf.functions();
    assert_eq!(shelf.times(), 2);
    assert_eq!([first.len(), second.len()], [2; 2], "as tried, as served");
    check_most_are_shared(&first, &second);
    assert!(notice(&other).await.ends_with("other"));
}

#[tokio::test]
async fn a_component_that_changed_takes_the_functions_that_did_not() {
    let shelf = Arc::new(Shelf::default());
    let engine = shelf.engine(small());
    let one = spec("p", "scripted", drops("no"));
    let before = PolicySet::new(1, engine.load_set(vec![one.clone()], None).unwrap());
    let first = shelf.functions();
    // A section that compilers ignore, and so another digest.
    let changed = [&one.component[..], b"\0\x02\x01x"].concat().into();
    let changed = PolicySpec {
        component: changed,
        ..one
    };
    let after = engine.load_set(vec![changed], Some(&before)).unwrap();
    assert_eq!(shelf.times(), 2);
    assert_ne!(after[0].digest(), before.policies()[0].digest());
    assert!(notice(&after[0]).await.ends_with("no"));
    let second = shelf.functions();
    assert_eq!([first.len(), second.len()], [2, 4], "as tried, as served");
    check_most_are_shared(&first, &second);
}

#[tokio::test]
async fn code_that_is_mapped_from_a_file_judges_as_that_in_memory() {
    let shelf = Arc::new(Shelf::default());
    let one = || spec("p", "scripted", drops("no"));
    let copied = shelf.load(one());
    let mapped = Arc::new(InFiles(Arc::clone(&shelf)));
    let mapped = Engine::with_cache(small(), mapped).unwrap().load(one());
    let mapped = Arc::new(mapped.unwrap());
    assert_eq!(shelf.times(), 1);
    assert_eq!(what_it_is(&mapped), what_it_is(&copied));
    assert_eq!(notice(&mapped).await, notice(&copied).await);
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
    for (_, metadata) in shelf.0.lock().unwrap().entries.values_mut() {
        metadata.iter_mut().take(1).for_each(|byte| *byte += 1);
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
