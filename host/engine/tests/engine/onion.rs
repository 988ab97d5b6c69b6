//! Requests pass the policies from the first to the last, replies from the last to the first. What
//! a policy makes is judged by the policies outside of it.

use serde_json::{Value, json};
use sluice_engine::RequestRuling;
use sluice_protocol::{Block, PieceRuling, Ruling};

use crate::support::{BODY, call, chain, chain_of, outcomes, request, scripted, sightings, text};

/// A policy that reports what it sees and keeps it.
fn watching(wants: Value) -> Value {
    json!({"wants": wants, "report": true})
}

#[tokio::test]
async fn requests_pass_first_to_last_and_replies_last_to_first() {
    let wants = json!({"request": true, "tool_call": "whole", "end": true});
    let (a, b) = (
        scripted("a", watching(wants.clone())),
        scripted("b", watching(wants)),
    );
    let mut chain = chain(&[&a, &b]);
    assert_eq!(chain.on_request().await, RequestRuling::Forward);
    assert_eq!(
        sightings(&mut chain),
        [r#"a [{"text":"hello"}]"#, r#"b [{"text":"hello"}]"#]
    );
    assert_eq!(chain.on_block(call("{}")).await, Ruling::Keep);
    let seen = sightings(&mut chain);
    assert!(
        seen[0].starts_with("b ") && seen[1].starts_with("a "),
        "{seen:?}"
    );
    chain.on_end("end_turn").await;
    assert_eq!(
        sightings(&mut chain),
        [r#"b "end_turn""#, r#"a "end_turn""#]
    );
}

#[tokio::test]
async fn each_policy_sees_the_edits_of_those_before_it() {
    let edits = json!([{"replace-news": {"contains": "hello", "text": "goodbye"}}]);
    let a = scripted("a", json!({"wants": {"request": true}, "edits": edits}));
    let b = scripted("b", watching(json!({"request": true})));
    let request = request(BODY);
    let mut chain = chain_of(&[&a, &b], request.clone());
    chain.on_request().await;
    let outcomes = outcomes(&mut chain);
    assert_eq!(outcomes, ["modify", "saw", "allow"]);
    let mut request = request.lock().unwrap();
    assert!(request.edited());
    assert!(String::from_utf8_lossy(&request.body()).contains("goodbye"));
}

#[tokio::test]
async fn a_refusal_ends_the_walk() {
    let a = scripted(
        "a",
        json!({"wants": {"request": true}, "request": {"refuse": "No."}}),
    );
    let b = scripted("b", watching(json!({"request": true})));
    let mut chain = chain(&[&a, &b]);
    let RequestRuling::Refuse(refusal) = chain.on_request().await else {
        panic!("a refusal");
    };
    assert_eq!((&*refusal.policy, refusal.rule.as_str()), ("a", "scripted"));
    assert_eq!(refusal.message, "No.");
    assert_eq!(refusal.detail, json!({"scripted": true}));
    assert_eq!(outcomes(&mut chain), ["deny"]);
}

#[tokio::test]
async fn an_answer_is_judged_by_the_policies_outside() {
    let outer = json!({"wants": {"request": true, "text": "whole"},
        "blocks": [{"contains": "no", "then": {"replace": [{"text": "yes"}]}}]});
    let (a, b) = (
        scripted("a", outer),
        scripted(
            "b",
            json!({"wants": {"request": true}, "request": {"answer": [{"text": "no"}]}}),
        ),
    );
    let ruling = chain(&[&a, &b]).on_request().await;
    assert_eq!(ruling, RequestRuling::Answer(vec![text("yes")]));
    let ruling = chain(&[&b, &a]).on_request().await;
    assert_eq!(ruling, RequestRuling::Answer(vec![text("no")]));
}

#[tokio::test]
async fn what_a_policy_makes_is_judged_by_those_outside_of_it_alone() {
    let inner = json!({"wants": {"text": "whole", "tool_call": "whole"}, "report": true,
        "blocks": [{"kind": "tool-call",
            "then": {"replace": [{"text": "one"}, {"tool-call": {"name": "ls", "arguments": {}}}]}}]});
    let (a, b) = (
        scripted(
            "a",
            watching(json!({"text": "whole", "tool_call": "whole"})),
        ),
        scripted("b", inner),
    );
    let mut chain = chain(&[&a, &b]);
    let Ruling::Replace(blocks) = chain.on_block(call("{}")).await else {
        panic!("a replacement");
    };
    assert_eq!(blocks.len(), 2);
    let who: Vec<_> = sightings(&mut chain)
        .iter()
        .map(|seen| seen[..1].to_owned())
        .collect();
    assert_eq!(who, ["b", "a", "a"]);
}

#[tokio::test]
async fn a_dropped_call_leaves_its_notice_beside_what_is_left() {
    let splits = json!({"wants": {"tool_call": "whole"}, "blocks": [{"then": {"replace": [
        {"tool-call": {"name": "ls", "arguments": {}}}, {"tool-call": {"name": "rm", "arguments": {}}}]}}]});
    let forbids = json!({"wants": {"tool_call": "whole"},
        "blocks": [{"tool": "rm", "then": {"drop": "No rm."}}]});
    let (a, b) = (scripted("a", forbids), scripted("b", splits));
    let Ruling::Replace(blocks) = chain(&[&a, &b]).on_block(call("{}")).await else {
        panic!("a replacement");
    };
    assert_eq!(
        blocks[0],
        text("[Sluice] Policy `a` stopped this tool call: No rm.")
    );
    assert!(matches!(&blocks[1], Block::ToolCall(call) if call.name == "ls"));
    assert_eq!(blocks.len(), 2);
}

#[tokio::test]
async fn a_stop_by_any_policy_ends_the_reply() {
    let stops = json!({"wants": {"thinking": "whole"}, "blocks": [{"then": {"stop": "Enough."}}]});
    let (a, b) = (
        scripted("a", watching(json!({"thinking": "whole"}))),
        scripted("b", stops),
    );
    let mut chain = chain(&[&a, &b]);
    let notice = "[Sluice] Policy `b` ended this reply: Enough.".to_owned();
    let ruling = chain.on_block(Block::Thinking("hm".to_owned())).await;
    assert_eq!(ruling, Ruling::Stop { notice });
    assert_eq!(outcomes(&mut chain), ["deny"]);
}

#[tokio::test]
async fn text_in_pieces_passes_each_policy_in_turn() {
    let pieces = |pieces| json!({"wants": {"text": "pieces"}, "pieces": pieces, "report": true});
    let (a, b) = (
        scripted("a", pieces("upper")),
        scripted("b", pieces("hold")),
    );
    let mut chain = chain(&[&a, &b]);
    let ruling = chain.on_text("he".to_owned(), false).await;
    assert_eq!(ruling, PieceRuling::Send(String::new()));
    chain.on_text("llo".to_owned(), false).await;
    let ruling = chain.on_text(String::new(), true).await;
    assert_eq!(ruling, PieceRuling::Send("HELLO".to_owned()));
    let seen = sightings(&mut chain);
    assert_eq!(seen.last().unwrap(), r#"a {"last":true,"piece":""}"#);
}

#[tokio::test]
async fn a_piece_that_no_policy_changed_is_kept() {
    let sends = json!({"wants": {"text": "pieces"}, "pieces": "send"});
    let mut chain = chain(&[&scripted("a", sends)]);
    assert_eq!(
        chain.on_text("x".to_owned(), false).await,
        PieceRuling::Keep
    );
    assert_eq!(chain.on_text(String::new(), true).await, PieceRuling::Keep);
    assert_eq!(outcomes(&mut chain), ["allow"]);
}

#[tokio::test]
async fn a_held_text_reaches_a_policy_of_pieces_as_one_piece() {
    let a = scripted("a", watching(json!({"text": "whole"})));
    let b = scripted(
        "b",
        json!({"wants": {"text": "pieces"}, "pieces": "upper", "report": true}),
    );
    let mut chain = chain(&[&a, &b]);
    assert_eq!(
        chain.on_block(text("hello")).await,
        Ruling::Replace(vec![text("HELLO")])
    );
    assert_eq!(
        sightings(&mut chain),
        [
            r#"b {"last":false,"piece":"hello"}"#,
            r#"b {"last":true,"piece":""}"#,
            r#"a {"text":"HELLO"}"#,
        ]
    );
}

#[tokio::test]
async fn an_observer_is_told_whole_texts_that_others_take_in_pieces() {
    let observer = scripted("a", watching(json!({"text": "observe"})));
    let upper = scripted("b", json!({"wants": {"text": "pieces"}, "pieces": "upper"}));
    let mut chain = chain(&[&observer, &upper]);
    chain.on_text("he".to_owned(), false).await;
    chain.on_text("llo".to_owned(), false).await;
    chain.on_text(String::new(), true).await;
    assert_eq!(sightings(&mut chain), [r#"a {"text":"HELLO"}"#]);
}

#[tokio::test]
async fn an_observer_is_told_of_blocks_on_their_way() {
    let observer = scripted("a", watching(json!({"thinking": "observe"})));
    let mut chain = chain(&[&observer]);
    chain.observe(Block::Thinking("hm".to_owned())).await;
    chain.observe(text("not asked for")).await;
    assert_eq!(sightings(&mut chain), [r#"a {"thinking":"hm"}"#]);
}

#[tokio::test]
async fn texts_added_at_the_end_are_judged_by_the_policies_outside() {
    let a = json!({"wants": {"text": "whole", "end": true}, "end": ["of a"],
        "blocks": [{"contains": "bad", "then": {"drop": "No."}}]});
    let b = json!({"wants": {"end": true}, "end": ["bad", " ", "good"]});
    let (a, b) = (scripted("a", a), scripted("b", b));
    assert_eq!(chain(&[&a, &b]).on_end("end_turn").await, ["good", "of a"]);
}
