//! A component can be inspected even if it would not load.

use bytes::Bytes;
use serde_json::{Value, json};
use sluice_engine::{Inspection, LoadFault};
use sluice_protocol::{Delivery, Wants};

use crate::support::{component, engine};

fn inspect(name: &str, config: &Value) -> Inspection {
    engine()
        .inspect(&component(name), config)
        .expect("a component that can be looked into")
}

#[test]
fn a_component_shows_its_imports_its_exports_and_what_it_wants() {
    let config = json!({"wants": {"request": true, "text": "pieces", "stateless": true}});
    let inspection = inspect("scripted", &config);
    assert_eq!(inspection.description.name, "scripted");
    assert_eq!(inspection.bytes, component("scripted").len());
    assert_eq!(inspection.exports, ["sluice:policy/hooks@0.1.0"]);
    assert!(
        inspection
            .imports
            .contains(&"sluice:policy/request@0.1.0".to_owned()),
        "{:?}",
        inspection.imports
    );
    let wants = inspection.wants.unwrap();
    assert!(wants.request && wants.stateless);
    let reply = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    assert_eq!(wants.reply, reply);
}

#[test]
fn a_config_that_is_refused_leaves_only_the_wants_untold() {
    let inspection = inspect("scripted", &json!({"faults": ["`a` is missing."]}));
    assert_eq!(
        inspection.wants.unwrap_err().to_string(),
        "it refuses its config: `a` is missing."
    );
    assert!(inspection.description.config_schema.is_object());
}

#[test]
fn a_component_that_needs_a_grant_is_shown_with_what_it_needs() {
    let inspection = inspect("wants-clock", &json!({}));
    assert!(inspection.description.needs.contains("clock"));
    assert!(matches!(
        inspection.wants,
        Err(LoadFault::NotGranted { .. })
    ));
}

#[test]
fn a_component_of_another_version_of_the_contract_is_named_as_such() {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (ours, theirs) = (b"sluice:policy/hooks@0.1.0", b"sluice:policy/hooks@0.9.0");
    let mut bytes = component("keep-all").to_vec();
    let places: Vec<_> = bytes
        .windows(ours.len())
        .enumerate()
        .filter(|(_, window)| window == ours)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "{} is not in there", text(ours));
    for at in places {
        bytes[at..at + theirs.len()].copy_from_slice(theirs);
    }
    let fault = engine()
        .inspect(&Bytes::from(bytes), &json!({}))
        .unwrap_err();
    let LoadFault::Version { built_for, offered } = fault else {
        panic!("{fault}");
    };
    assert_eq!((built_for.as_str(), offered), ("0.9.0", "0.1.0"));
}

#[test]
fn what_is_no_component_is_refused_as_at_load() {
    let fault = engine()
        .inspect(&Bytes::from_static(b"\0asm\x01\0\0\0"), &json!({}))
        .unwrap_err();
    assert!(matches!(fault, LoadFault::NotAComponent(_)), "{fault}");
}
