//! Whatever a policy does wrong ends only its own instance and takes the configured side.

use serde_json::{Value, json};
use sluice_engine::{Cause, Limits, OnFailure, Outcome, PolicySpec, RequestRuling};
use sluice_protocol::{Block, PieceRuling, Ruling};

use crate::support::{call, chain, load, outcomes, scripted, spec, text};

/// What the notice of a failure says about the bound that was met.
fn raised(cause: &str) -> &'static str {
    match cause {
        "fuel" => " (it spent its fuel of 20010400; `limits.fuel` raises that bound).",
        "memory" => {
            " (it ran out of its memory of 65536 KiB; `limits.memory_mib` raises that bound)."
        }
        "deadline" => " (it ran out of its time of 50 ms; `limits.deadline_ms` raises that bound).",
        _ => ".",
    }
}

/// Judges a tool call with a hostile policy, with either side configured.
async fn check(component: &str, config: Value, limits: Limits, expected: &str) {
    let spec = PolicySpec {
        limits,
        ..spec("hostile", component, config)
    };
    let blocking = load(spec.clone());
    let passing = load(PolicySpec {
        on_failure: OnFailure::Pass,
        ..spec
    });

    let mut chain = chain(&[&blocking]);
    let Ruling::Drop { notice } = chain.on_block(call("{}")).await else {
        panic!("the call of a failed policy that blocks is dropped");
    };
    let said = "[Sluice] Policy `hostile` stopped this tool call: the policy failed and is set to block \
                on failure";
    let bound = notice
        .strip_prefix(said)
        .expect("the sentence of a failure");
    assert_eq!(bound, raised(expected));
    let again = chain.on_block(call("{}")).await;
    assert_eq!(
        again,
        Ruling::Drop { notice },
        "why it failed is said each time"
    );
    assert_eq!(outcomes(&mut chain), [expected, "not-judged"]);

    let mut chain = crate::support::chain(&[&passing]);
    assert_eq!(chain.on_block(call("{}")).await, Ruling::Keep);
    assert_eq!(chain.on_block(call("{}")).await, Ruling::Keep);
    assert_eq!(outcomes(&mut chain), [expected, "not-judged"]);
}

#[tokio::test]
async fn an_endless_loop_spends_its_fuel() {
    check("loops", json!({}), Limits::default(), "fuel").await;
}

#[tokio::test]
async fn a_policy_that_takes_all_memory_gets_its_limit() {
    let limits = Limits {
        block_fuel: 1_000_000_000,
        ..Limits::default()
    };
    check("allocates", json!({}), limits, "memory").await;
}

#[tokio::test]
async fn an_endless_recursion_traps() {
    check("recurses", json!({}), Limits::default(), "trap").await;
}

#[tokio::test]
async fn an_abort_traps() {
    check("traps", json!({}), Limits::default(), "trap").await;
}

#[tokio::test]
async fn a_panic_traps() {
    check("panics", json!({}), Limits::default(), "trap").await;
}

#[tokio::test]
async fn arguments_that_are_not_json_are_illegal() {
    check("bad-json", json!({}), Limits::default(), "illegal").await;
}

#[tokio::test]
async fn a_block_that_a_policy_may_not_make_is_illegal() {
    check("illegal-block", json!({}), Limits::default(), "illegal").await;
}

#[tokio::test]
async fn a_string_larger_than_the_memory_can_not_be_made() {
    check("huge-string", json!({}), Limits::default(), "memory").await;
}

#[tokio::test]
async fn a_string_larger_than_the_host_takes_is_illegal() {
    let config = json!({"amount": 8 << 20});
    check("huge-string", config, Limits::default(), "illegal").await;
}

#[tokio::test]
async fn a_slow_policy_runs_out_of_time() {
    let limits = Limits {
        block_fuel: u64::MAX / 2,
        deadline: std::time::Duration::from_millis(50),
        ..Limits::default()
    };
    check("slow", json!({}), limits, "deadline").await;
}

#[tokio::test]
async fn the_text_of_a_panic_is_the_cause() {
    let policy = load(spec("p", "panics", json!({"amount": 7})));
    let mut chain = chain(&[&policy]);
    chain.on_block(call("{}")).await;
    let events = chain.take_events();
    let Outcome::Failed { cause, .. } = &events[0].outcome else {
        panic!("a failure: {events:?}");
    };
    let Cause::Trap(said) = cause else {
        panic!("a trap: {cause}");
    };
    assert!(
        said.contains("gave up on purpose, amount Some(7)"),
        "{said}"
    );
}

#[tokio::test]
async fn a_trap_without_a_word_names_a_function() {
    let policy = load(spec("p", "traps", json!({})));
    let mut chain = chain(&[&policy]);
    chain.on_block(call("{}")).await;
    let events = chain.take_events();
    let Outcome::Failed { cause, .. } = &events[0].outcome else {
        panic!("a failure: {events:?}");
    };
    assert!(cause.to_string().contains(", in `"), "{cause}");
}

#[tokio::test]
async fn a_failed_check_of_a_request_refuses_it() {
    let spec = spec("p", "loops", json!({"hook": "request"}));
    let blocking = load(spec.clone());
    let RequestRuling::Refuse(refusal) = chain(&[&blocking]).on_request().await else {
        panic!("a refusal");
    };
    assert_eq!(&*refusal.policy, "p");
    assert_eq!(
        refusal.message,
        "Policy `p` failed and is set to block on failure (it spent its fuel of 200060000; \
         `limits.fuel` raises that bound)."
    );
    let passing = load(PolicySpec {
        on_failure: OnFailure::Pass,
        ..spec
    });
    let ruling = chain(&[&passing]).on_request().await;
    assert_eq!(ruling, RequestRuling::Forward);
}

#[tokio::test]
async fn a_failed_check_of_thinking_or_of_a_piece_ends_the_reply() {
    let thinking = load(spec("p", "traps", json!({"hook": "thinking"})));
    let block = Block::Thinking("hm".to_owned());
    let ruling = chain(&[&thinking]).on_block(block).await;
    assert!(matches!(ruling, Ruling::Stop { .. }), "{ruling:?}");

    let pieces = load(spec("p", "traps", json!({"hook": "pieces"})));
    let mut chain = chain(&[&pieces]);
    let ruling = chain.on_text("hi".to_owned(), false).await;
    assert!(matches!(ruling, PieceRuling::Stop { .. }), "{ruling:?}");
}

#[tokio::test]
async fn a_failed_check_of_a_text_drops_it() {
    let policy = load(spec("p", "traps", json!({"hook": "text"})));
    let Ruling::Drop { notice } = chain(&[&policy]).on_block(text("hi")).await else {
        panic!("the text is dropped");
    };
    assert!(notice.starts_with("[Sluice] Policy `p` held back this text:"));
}

#[tokio::test]
async fn thinking_can_not_be_dropped() {
    let policy = load(spec("p", "illegal-block", json!({"hook": "thinking"})));
    let mut chain = chain(&[&policy]);
    chain.on_block(Block::Thinking("hm".to_owned())).await;
    assert_eq!(outcomes(&mut chain), ["illegal"]);
}

#[tokio::test]
async fn a_verdict_on_an_observed_block_is_illegal_and_changes_nothing() {
    let policy = load(spec("p", "illegal-block", json!({"hook": "observe"})));
    let mut chain = chain(&[&policy]);
    chain.observe(call("{}")).await;
    assert_eq!(outcomes(&mut chain), ["illegal"]);
}

#[tokio::test]
async fn a_failure_at_the_end_adds_nothing() {
    let failing = load(spec("failing", "traps", json!({"hook": "end"})));
    let adding = scripted("adding", json!({"wants": {"end": true}, "end": ["bye"]}));
    let mut chain = chain(&[&failing, &adding]);
    assert_eq!(chain.on_end("end_turn").await, ["bye"]);
}

#[tokio::test]
async fn the_failure_of_one_policy_is_not_that_of_the_next() {
    let failing = load(PolicySpec {
        on_failure: OnFailure::Pass,
        ..spec("failing", "traps", json!({}))
    });
    let stopping = scripted(
        "stopping",
        json!({"wants": {"tool_call": "whole"}, "blocks": [{"then": {"drop": "No."}}]}),
    );
    let mut chain = chain(&[&stopping, &failing]);
    let notice = "[Sluice] Policy `stopping` stopped this tool call: No.".to_owned();
    assert_eq!(chain.on_block(call("{}")).await, Ruling::Drop { notice });
}
