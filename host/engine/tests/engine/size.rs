//! No request fails because of its size: the bounds of policies grow with what they are given to
//! read.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_engine::{Limits, Outcome, PolicySpec, RequestRuling, SharedRequest};
use sluice_protocol::{Api, Ruling};

use crate::support::{call, chain, chain_of, load, outcomes, request_of, spec};

const MB: usize = 1_000_000;

/// Text as conversations hold it, code and prose: this repository's own.
fn prose(bytes: usize) -> String {
    let texts = [
        include_str!("../../../../ARCHITECTURE.md"),
        include_str!("../../../../docs/performance.md"),
        include_str!("../../../../example-policies/redact-secrets/src/assignment.rs"),
        include_str!("../../../../example-policies/redact-secrets/src/detector.rs"),
        include_str!("../../../../Cargo.lock"),
        include_str!("../../../../bench/src/load/connection.rs"),
    ];
    let mut text = texts.concat().repeat(bytes / MB * 8 + 8);
    let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at));
    text.truncate(end.expect("it begins"));
    text
}

/// Letters and digits that no two lines have in common.
fn random(state: &mut u64, count: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut letter = || {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(LETTERS[(*state >> 33) as usize % LETTERS.len()])
    };
    (0..count).map(|_| letter()).collect()
}

/// Settings in which every line has a secret, of several kinds in turn.
fn settings(bytes: usize) -> String {
    let (mut text, mut state) = (String::new(), 7);
    for line in 0.. {
        let mut secret = |count| random(&mut state, count);
        let _ = match line % 4 {
            0 => writeln!(text, "SERVICE_{line}_API_KEY=\"{}\"", secret(32)),
            1 => writeln!(text, "  \"authorization\": \"Bearer {}\",", secret(40)),
            2 => writeln!(text, "github: ghp_{}", secret(36)),
            _ => writeln!(text, "aws_secret_access_key = {}", secret(40)),
        };
        if text.len() >= bytes {
            return text;
        }
    }
    text
}

fn conversation(content: &Value) -> SharedRequest {
    let messages = json!([{"role": "user", "content": content}]);
    let body = json!({"model": "m", "max_tokens": 1, "messages": messages});
    request_of(Api::Anthropic, body.to_string())
}

fn body(request: &SharedRequest) -> String {
    let body = request.lock().expect("nobody panicked").body();
    String::from_utf8(body.to_vec()).expect("UTF-8")
}

fn redact() -> PolicySpec {
    spec("redact", "redact-secrets", json!({}))
}

fn replace() -> PolicySpec {
    let rules = json!({"rules": [{"from": "the", "to": "a"}, {"from": "token", "to": "T", "capitals": "follow"}]});
    spec("replace", "string-replacement", rules)
}

/// The body after a policy, and the fuel of its call.
async fn judged(spec: PolicySpec, request: SharedRequest) -> (String, u64) {
    let policy = load(spec);
    let mut chain = chain_of(&[&policy], request.clone());
    let ruling = chain.on_request().await;
    assert_eq!(ruling, RequestRuling::Forward, "{}", policy.name());
    let events = chain.take_events().into_iter();
    let mut verdicts = events.filter(|event| matches!(event.outcome, Outcome::Verdict { .. }));
    let verdict = verdicts.next().expect("a verdict");
    (body(&request), verdict.fuel)
}

#[tokio::test]
async fn six_megabytes_of_text_pass_each_policy() {
    let secret = format!("ghp_{}", random(&mut 3, 36));
    let text = format!("{}\n{secret}\n", prose(6 * MB));
    for content in [
        json!(text),
        json!([{"type": "tool_result", "tool_use_id": "t", "content": text}]),
    ] {
        let (body, _) = judged(redact(), conversation(&content)).await;
        assert!(body.contains("[REDACTED:github-token:1]") && !body.contains(&secret));
        let (body, _) = judged(replace(), conversation(&content)).await;
        assert!(!body.contains("the ") && body.contains(&secret));
    }
}

#[tokio::test]
async fn a_megabyte_of_settings_full_of_keys_passes() {
    let text = settings(MB);
    let lines = text.lines().count();
    let (body, _) = judged(redact(), conversation(&json!(text))).await;
    // A few have no digit by chance, and could be words.
    let redacted = body.matches("[REDACTED:").count();
    assert!(redacted > lines * 99 / 100, "{redacted} of {lines}");
    let (body, _) = judged(replace(), conversation(&json!("the ".repeat(MB / 4)))).await;
    assert!(body.contains("a a a a") && !body.contains("the"));
}

#[tokio::test]
async fn thirty_megabytes_of_pictures_cost_next_to_nothing() {
    let data = "iVBORw0KGgo".repeat(3 * MB / 11);
    let picture = json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}});
    let content = json!(vec![picture; 10]);
    let before = body(&conversation(&content));
    for spec in [redact(), replace()] {
        let (after, fuel) = judged(spec, conversation(&content)).await;
        assert!(after == before, "a picture was touched");
        assert!(fuel < 1_000_000, "{fuel} for {} bytes", before.len());
    }
}

#[tokio::test]
async fn the_fuel_of_a_block_grows_with_it() {
    // It spends at least a unit of fuel for each byte.
    let spec = |block_fuel| PolicySpec {
        limits: Limits {
            block_fuel,
            ..Limits::default()
        },
        ..spec(
            "p",
            "scripted",
            json!({"wants": {"tool_call": "whole"}, "blocks": [{"contains": "rm -rf", "then": {"drop": "No."}}]}),
        )
    };
    let long = json!({"command": "echo ".repeat(4 * MB / 5)}).to_string();
    let policy = load(spec(2_000_000));
    let mut chain = chain(&[&policy]);
    assert_eq!(chain.on_block(call(&long)).await, Ruling::Keep);
    assert_eq!(outcomes(&mut chain), ["allow"]);
}

#[tokio::test]
async fn a_policy_that_judges_a_call_can_look_into_a_request_of_any_size() {
    // Whether a tool may be called with a text is found in its declaration.
    let policy = load(spec("p", "block-dangerous-commands", json!({})));
    let mut chain = chain_of(&[&policy], conversation(&json!("a".repeat(25 * MB))));
    let ruling = chain.on_block(call(r#""ls -la""#)).await;
    assert!(matches!(ruling, Ruling::Drop { .. }));
    assert_eq!(outcomes(&mut chain), ["deny"]);
}

#[tokio::test]
async fn what_the_host_does_for_a_policy_is_paid_for() {
    let policy = load(spec(
        "p",
        "scripted",
        json!({"wants": {"request": true}, "edits": vec![json!({"model": "m"}); 1_200]}),
    ));
    let request = conversation(&json!("a".repeat(MB)));
    let mut chain = chain_of(&[&policy], request);
    // Each goes through a megabyte. So 200 fit into the fuel of the call, and 800 into what its
    // size adds.
    let RequestRuling::Refuse(refusal) = chain.on_request().await else {
        panic!("a refusal");
    };
    assert!(
        refusal.message.contains("`limits.fuel`"),
        "{}",
        refusal.message
    );
    assert_eq!(outcomes(&mut chain), ["fuel"]);
}

#[tokio::test]
async fn the_deadline_holds_within_the_work_of_the_host() {
    let mut spec = spec(
        "p",
        "scripted",
        json!({"wants": {"request": true}, "edits": vec![json!({"model": "m"}); 10_000]}),
    );
    spec.limits.block_fuel = u64::MAX / 2;
    spec.limits.request_fuel = u64::MAX / 2;
    spec.limits.deadline = Duration::from_millis(50);
    let policy = load(spec);
    let request = conversation(&json!("a".repeat(MB)));
    let mut chain = chain_of(&[&policy], request);
    assert!(matches!(chain.on_request().await, RequestRuling::Refuse(_)));
    assert_eq!(outcomes(&mut chain), ["deadline"]);
}
