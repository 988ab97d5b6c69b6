//! What is wrong with a policy is found at load, and the operator is told.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_engine::{Cause, EngineConfig, Limits, LoadFault, PolicySpec, Snapshot};

use crate::support::{component, engine, engine_with, small, spec, try_load};

fn fault(spec: PolicySpec) -> LoadFault {
    try_load(spec)
        .expect_err("a policy that does not load")
        .fault
}

fn hostile(component: &str) -> PolicySpec {
    spec("p", component, json!({"hook": "configure"}))
}

fn failed(cause: Cause) -> LoadFault {
    LoadFault::Failed {
        hook: "configure",
        cause,
    }
}

#[test]
fn a_policy_says_who_it_is() {
    let policy = try_load(spec("p", "scripted", json!({}))).unwrap();
    assert_eq!(policy.description().name, "scripted");
    assert!(policy.description().config_schema.is_object());
    assert!(policy.digest().to_string().starts_with("sha256:"));
}

#[test]
fn a_policy_that_hangs_in_configure_is_an_error_and_not_a_hang() {
    let spec = PolicySpec {
        limits: Limits {
            request_fuel: 1_000_000,
            ..Limits::default()
        },
        ..hostile("loops")
    };
    assert_eq!(fault(spec), failed(Cause::Fuel { limit: 50_000_000 }));
}

#[test]
fn a_policy_that_takes_too_long_to_configure_runs_out_of_time() {
    let engine = engine_with(EngineConfig {
        load_deadline: Duration::from_millis(300),
        ..small()
    });
    let spec = PolicySpec {
        limits: Limits {
            request_fuel: u64::MAX,
            ..Limits::default()
        },
        ..hostile("slow")
    };
    assert_eq!(
        engine.load(spec).unwrap_err().fault,
        failed(Cause::Deadline {
            limit: Duration::from_millis(300)
        })
    );
}

#[test]
fn a_policy_that_takes_too_much_memory_to_configure_is_refused() {
    assert_eq!(
        fault(hostile("allocates")),
        failed(Cause::Memory { limit: 64 << 20 })
    );
}

#[test]
fn a_panic_in_configure_is_shown_with_its_text() {
    let fault = fault(hostile("panics")).to_string();
    assert!(fault.contains("gave up on purpose"), "{fault}");
}

#[test]
fn every_fault_of_a_config_is_shown() {
    let config = json!({"faults": ["`a` is missing.", "`b` is too large."]});
    let error = try_load(spec("p", "scripted", config)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "policy `p`: it refuses its config: `a` is missing. `b` is too large."
    );
}

#[test]
fn a_config_of_the_wrong_shape_is_refused() {
    let fault = fault(spec("p", "scripted", json!({"wnats": {}})));
    assert!(matches!(fault, LoadFault::Config(_)), "{fault}");
}

#[test]
fn an_import_that_was_not_granted_is_refused_with_the_three_lists() {
    let fault = fault(spec("p", "wants-clock", json!({})));
    assert_eq!(
        fault.to_string(),
        "not granted: it needs `clock`, which the policy file does not grant it (it imports: \
         `clock`; it declares as needs: `clock`; the operator grants: nothing)"
    );
}

#[test]
fn an_import_that_was_not_declared_is_refused_though_granted() {
    let spec = PolicySpec {
        grants: BTreeSet::from(["clock".to_owned()]),
        ..spec("p", "hides-clock", json!({}))
    };
    let fault = fault(spec).to_string();
    assert!(
        fault.contains("does not declare that it needs it"),
        "{fault}"
    );
}

#[test]
fn a_file_that_is_no_component_is_refused() {
    let of = |bytes: &'static [u8]| {
        let spec = PolicySpec {
            component: bytes.into(),
            ..spec("p", "scripted", json!({}))
        };
        fault(spec)
    };
    assert!(matches!(of(b""), LoadFault::NotAComponent(_)));
    assert!(matches!(of(b"#!/bin/sh"), LoadFault::NotAComponent(_)));
    assert!(of(b"\0asm\x01\0\0\0").to_string().contains("core module"));
    assert!(matches!(
        of(b"\0asm\x0d\0\x01\0garbage"),
        LoadFault::Invalid(_)
    ));
    assert!(matches!(of(b"\0asm\x0d\0\x01\0"), LoadFault::Contract(_)));
}

#[test]
fn a_component_that_was_cut_off_is_refused() {
    let whole = component("scripted");
    for part in 1..8 {
        let spec = PolicySpec {
            component: whole.slice(..whole.len() * part / 8),
            ..spec("p", "scripted", json!({}))
        };
        let fault = fault(spec);
        assert!(
            matches!(fault, LoadFault::Invalid(_) | LoadFault::Contract(_)),
            "{fault}"
        );
    }
}

#[test]
fn a_damaged_component_is_an_error_and_never_a_panic_of_the_caller() {
    let whole = component("traps");
    for nth in 1..32 {
        let mut damaged = whole.to_vec();
        // Spread over all sections. The step is no power of two, so it hits lengths and opcodes
        // alike.
        let at = 8 + nth * (damaged.len() - 8) / 33;
        damaged[at] ^= 1 << (nth % 8);
        let spec = PolicySpec {
            component: damaged.into(),
            ..spec("p", "traps", json!({}))
        };
        // Damage to a name or a constant may go unnoticed.
        if let Err(error) = try_load(spec) {
            assert!(!matches!(error.fault, LoadFault::Panicked(_)), "{error}");
        }
    }
}

#[test]
fn a_component_over_the_size_limit_is_not_even_read() {
    let engine = engine_with(EngineConfig {
        max_component_bytes: 1000,
        ..small()
    });
    let error = engine.load(spec("p", "scripted", json!({}))).unwrap_err();
    assert!(matches!(
        error.fault,
        LoadFault::TooLarge { limit: 1000, .. }
    ));
}

#[test]
fn limits_that_can_not_be_met_are_refused() {
    let with = |limits| {
        fault(PolicySpec {
            limits,
            ..spec("p", "scripted", json!({}))
        })
    };
    let memory_bytes = 1 << 40;
    assert!(matches!(
        with(Limits {
            memory_bytes,
            ..Limits::default()
        }),
        LoadFault::Limits(_)
    ));
    let deadline = Duration::ZERO;
    assert!(matches!(
        with(Limits {
            deadline,
            ..Limits::default()
        }),
        LoadFault::Limits(_)
    ));
    let memory_bytes = 64 << 10;
    assert!(matches!(
        with(Limits {
            memory_bytes,
            ..Limits::default()
        }),
        LoadFault::Failed {
            cause: Cause::Memory { .. },
            ..
        }
    ));
}

#[test]
fn a_name_that_would_garble_a_log_is_refused() {
    for name in ["", "a\nb", "a`b", &"x".repeat(65)] {
        let fault = fault(spec(name, "scripted", json!({})));
        assert!(matches!(fault, LoadFault::Name { .. }), "{name:?}: {fault}");
    }
}

#[test]
fn a_set_shows_every_policy_at_fault() {
    let good = || spec("good", "scripted", json!({}));
    let bad = spec("bad", "scripted", json!({"faults": ["No."]}));
    let error = engine()
        .load_set(vec![good(), bad, good()], None)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "policy `good`: there are two policies of this name\n\
         policy `bad`: it refuses its config: No."
    );
}

#[test]
fn a_policy_without_snapshot_says_why() {
    let engine = engine_with(EngineConfig {
        snapshots: false,
        ..small()
    });
    let wants = json!({"wants": {"request": true}});
    let policy = engine.load(spec("p", "scripted", wants)).unwrap();
    let reason = "snapshots are switched off".to_owned();
    assert_eq!(*policy.snapshot(), Snapshot::PerExchange { reason });
}

#[test]
fn a_large_config_is_taken() {
    let texts: Vec<Value> = (0..20_000).map(|n| json!(format!("text {n}"))).collect();
    let config = json!({"wants": {"end": true}, "end": texts});
    try_load(spec("p", "scripted", config)).unwrap();
}
