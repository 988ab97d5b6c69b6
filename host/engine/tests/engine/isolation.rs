//! One instance serves one exchange and shares nothing with another.

use serde_json::json;
use sluice_engine::{EngineConfig, Event, Outcome, PolicySet, Snapshot};
use sluice_protocol::PieceRuling;

use crate::support::{chain, engine, engine_with, outcomes, scripted, small, spec};

fn hoarder() -> serde_json::Value {
    json!({"wants": {"text": "pieces"}, "pieces": "hold"})
}

#[tokio::test]
async fn exchanges_side_by_side_share_nothing() {
    let policy = scripted("p", hoarder());
    let (mut one, mut other) = (chain(&[&policy]), chain(&[&policy]));
    one.on_text("of one".to_owned(), false).await;
    other.on_text("of the other".to_owned(), false).await;
    let ruling = one.on_text(String::new(), true).await;
    assert_eq!(ruling, PieceRuling::Send("of one".to_owned()));
    let ruling = other.on_text(String::new(), true).await;
    assert_eq!(ruling, PieceRuling::Send("of the other".to_owned()));
}

#[tokio::test]
async fn an_exchange_inherits_nothing_from_the_one_before_in_its_slot() {
    let policy = scripted("p", hoarder());
    for round in 0..200 {
        let mut chain = chain(&[&policy]);
        let said = format!("secret {round}");
        chain.on_text(said.clone(), false).await;
        if round % 2 == 0 {
            continue;
        }
        let ruling = chain.on_text(String::new(), true).await;
        assert_eq!(ruling, PieceRuling::Send(said));
    }
}

#[tokio::test]
async fn a_chain_gives_its_room_back() {
    let engine = engine_with(small());
    let policy = engine.load(spec("p", "scripted", hoarder())).unwrap();
    let policy = std::sync::Arc::new(policy);
    let free = engine.free_instances();
    let mut chain = chain(&[&policy]);
    assert_eq!(
        engine.free_instances(),
        free,
        "an instance nobody asked for"
    );
    chain.on_text("x".to_owned(), false).await;
    assert_eq!(engine.free_instances(), free - 1);
    drop(chain);
    assert_eq!(engine.free_instances(), free);
}

#[tokio::test]
async fn a_stateless_policy_keeps_nothing_between_calls_and_holds_no_room() {
    let engine = engine_with(small());
    let mut config = hoarder();
    config["wants"]["stateless"] = json!(true);
    let policy = engine.load(spec("p", "scripted", config)).unwrap();
    let policy = std::sync::Arc::new(policy);
    let free = engine.free_instances();
    let mut chain = chain(&[&policy]);
    chain.on_text("x".to_owned(), false).await;
    assert_eq!(engine.free_instances(), free);
    let ruling = chain.on_text(String::new(), true).await;
    assert_eq!(ruling, PieceRuling::Keep, "it has nothing to send");
}

#[tokio::test]
async fn a_stateless_policy_that_failed_is_not_started_again_in_that_exchange() {
    let config = json!({
        "wants": {"tool_call": "whole", "stateless": true},
        "blocks": [{"contains": "illegal", "then": {"replace": []}}],
    });
    let policy = scripted("p", config);
    let mut chain = chain(&[&policy]);
    for arguments in ["{}", r#"{"a":"illegal"}"#, "{}"] {
        chain.on_block(crate::support::call(arguments)).await;
    }
    assert_eq!(outcomes(&mut chain), ["allow", "illegal", "not-judged"]);
}

#[tokio::test]
async fn a_policy_that_wants_nothing_is_never_started() {
    let policy = scripted("p", json!({}));
    assert_eq!(*policy.snapshot(), Snapshot::NotNeeded);
    assert_eq!(
        PolicySet::new(1, vec![policy.clone()]).wants(),
        sluice_protocol::Wants::NOTHING
    );
    let mut chain = chain(&[&policy]);
    chain.on_request().await;
    chain.on_block(crate::support::call("{}")).await;
    assert_eq!(outcomes(&mut chain), [""; 0]);
}

#[tokio::test]
async fn a_snapshot_spares_each_exchange_the_configuration() {
    let texts: Vec<_> = (0..2000)
        .map(|n| format!("a text that takes room {n}"))
        .collect();
    let config = json!({"wants": {"tool_call": "whole"}, "end": texts});
    let policy = scripted("p", config.clone());
    assert_eq!(*policy.snapshot(), Snapshot::Taken);
    let (first, second) = fuel_of_two_calls(&policy).await;
    assert!(
        first < second * 2,
        "{first} for the first call, {second} for the next"
    );

    let without = engine_with(EngineConfig {
        snapshots: false,
        ..small()
    });
    let policy = without.load(spec("p", "scripted", config)).unwrap();
    assert!(matches!(policy.snapshot(), Snapshot::PerExchange { .. }));
    let (first, second) = fuel_of_two_calls(&policy.into()).await;
    assert!(
        first > second * 10,
        "{first} for the first call, {second} for the next"
    );
}

async fn fuel_of_two_calls(policy: &std::sync::Arc<sluice_engine::Policy>) -> (u64, u64) {
    let mut chain = chain(&[policy]);
    chain.on_block(crate::support::call("{}")).await;
    chain.on_block(crate::support::call("{}")).await;
    let events = chain.take_events();
    assert!(
        events
            .iter()
            .all(|event| matches!(event.outcome, Outcome::Verdict { .. }))
    );
    (events[0].fuel, events[1].fuel)
}

#[tokio::test]
async fn the_same_call_spends_the_same_fuel_in_each_exchange() {
    let policy = scripted("p", json!({"wants": {"tool_call": "whole"}}));
    let mut spent = Vec::new();
    for _ in 0..3 {
        let mut chain = chain(&[&policy]);
        chain.on_block(crate::support::call("{}")).await;
        spent.extend(
            chain
                .take_events()
                .into_iter()
                .map(|event: Event| event.fuel),
        );
    }
    assert!(spent[0] > 0);
    assert_eq!(spent, [spent[0]; 3]);
}

#[tokio::test]
async fn the_rows_of_one_exchange_are_bounded() {
    let config = json!({"wants": {"text": "pieces"}, "report": true});
    let policy = scripted("p", config);
    let mut chain = chain(&[&policy]);
    for _ in 0..300 {
        chain.on_text("x".to_owned(), false).await;
    }
    assert_eq!(outcomes(&mut chain).len(), 256);
}

#[tokio::test]
async fn all_example_policies_start_from_a_snapshot() {
    let rules = json!({"rules": [{"from": "a", "to": "b"}]});
    let policies = [
        ("keep-all", json!({})),
        ("redact-secrets", json!({})),
        ("block-dangerous-commands", json!({})),
        ("string-replacement", rules),
    ];
    for (name, config) in policies {
        let loaded = engine().load(spec(name, name, config));
        let policy = loaded.unwrap_or_else(|error| panic!("{error}"));
        assert!(
            matches!(policy.snapshot(), Snapshot::Taken | Snapshot::NotNeeded),
            "{name}: {:?}",
            policy.snapshot()
        );
    }
}
