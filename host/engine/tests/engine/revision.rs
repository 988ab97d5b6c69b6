//! A policy's revision is the same wherever it is loaded.

use serde_json::json;
use sluice_engine::PolicySpec;

use crate::support::{engine, engine_with, small, spec};

#[tokio::test]
async fn the_same_policy_has_the_same_revision_in_two_engines() {
    let one = || spec("p", "scripted", json!({"wants": {"text": "whole"}}));
    let first = engine().load(one()).expect("it loads");
    let second = engine_with(small()).load(one()).expect("it loads");
    assert_eq!(first.revision(), second.revision());
    let digits = first.revision();
    assert_eq!(digits.len(), 64);
    assert!(
        digits
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    );
    let renamed = PolicySpec {
        name: "q".to_owned(),
        ..one()
    };
    let renamed = engine().load(renamed).expect("it loads");
    assert_eq!(renamed.revision(), first.revision());
    let other = spec("p", "scripted", json!({"wants": {"text": "pieces"}}));
    let other = engine().load(other).expect("it loads");
    assert_ne!(other.revision(), first.revision());
}
