//! A reload swaps a pointer: running exchanges continue, and unchanged policies are not compiled
//! again.

use std::sync::Arc;

use serde_json::json;
use sluice_engine::{Chain, Context, EventLevel, OnFailure, PolicySpec, Registry};
use sluice_protocol::Ruling;

use crate::support::{BODY, call, engine, request, scripted, spec, try_load};

fn drops(message: &str) -> serde_json::Value {
    json!({"wants": {"tool_call": "whole"}, "blocks": [{"then": {"drop": message}}]})
}

#[tokio::test]
async fn a_reload_does_not_disturb_a_running_exchange() {
    let registry = Registry::default();
    assert_eq!(registry.install(vec![scripted("p", drops("old"))]), 1);
    let old = Arc::downgrade(&registry.current());
    let mut running = Chain::open(
        registry.current(),
        request(BODY),
        Context::default(),
        EventLevel::Outcomes,
    );

    assert_eq!(registry.install(vec![scripted("p", drops("new"))]), 2);
    let notice = |ruling| match ruling {
        Ruling::Drop { notice } => notice,
        other => panic!("a drop: {other:?}"),
    };
    assert!(notice(running.on_block(call("{}")).await).ends_with("old"));
    let mut next = Chain::open(
        registry.current(),
        request(BODY),
        Context::default(),
        EventLevel::Outcomes,
    );
    assert!(notice(next.on_block(call("{}")).await).ends_with("new"));

    assert!(
        old.upgrade().is_some(),
        "the running exchange keeps its set"
    );
    drop(running);
    assert!(old.upgrade().is_none(), "it goes with the last exchange");
}

#[test]
fn what_is_unchanged_is_not_compiled_again() {
    let specs = |second: &str| {
        vec![
            spec("first", "scripted", drops("a")),
            spec("second", "scripted", drops(second)),
        ]
    };
    let registry = Registry::default();
    registry.install(engine().load_set(specs("b"), None).unwrap());
    let before = registry.current();
    let after = engine().load_set(specs("c"), Some(&before)).unwrap();
    assert!(Arc::ptr_eq(&before.policies()[0], &after[0]));
    assert!(!Arc::ptr_eq(&before.policies()[1], &after[1]));
}

#[test]
fn a_changed_side_or_limit_is_a_change() {
    let one = spec("p", "scripted", drops("a"));
    let registry = Registry::default();
    registry.install(vec![try_load(one.clone()).unwrap()]);
    let before = registry.current();
    let other = PolicySpec {
        on_failure: OnFailure::Pass,
        ..one
    };
    let after = engine().load_set(vec![other], Some(&before)).unwrap();
    assert_eq!(after[0].on_failure(), OnFailure::Pass);
}

#[test]
fn a_policy_keeps_its_place_in_the_new_order() {
    let (a, b) = (
        spec("a", "scripted", drops("a")),
        spec("b", "scripted", drops("b")),
    );
    let registry = Registry::default();
    let loaded = engine().load_set(vec![a.clone(), b.clone()], None).unwrap();
    registry.install(loaded);
    let before = registry.current();
    let after = engine().load_set(vec![b, a], Some(&before)).unwrap();
    let names: Vec<_> = after.iter().map(|policy| &**policy.name()).collect();
    assert_eq!(names, ["b", "a"]);
    assert!(Arc::ptr_eq(&before.policies()[0], &after[1]));
}
