//! Deltas that pass as the one before did: what counts of them although nobody reads them.

use sluice_protocol::{Block, Delivery, Limits, Step, Wants};

use super::Anthropic;
use crate::{
    alike::{either_way, pieces_of_the_middle},
    drive::Outcome,
    rulings::{KEEP, Ruled, TOOLS, drop_call},
};

fn event(name: &str, rest: &str) -> String {
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n")
}

fn start() -> String {
    event("message_start", r#","message":{"id":"msg_1","content":[]}"#)
}

fn open(index: u64, block: &str) -> String {
    let rest = format!(r#","index":{index},"content_block":{block}"#);
    event("content_block_start", &rest)
}

fn texts(index: u64, said: &[&str]) -> Vec<String> {
    let delta = |said: &&str| {
        let rest = format!(r#","index":{index},"delta":{{"type":"text_delta","text":"{said}"}}"#);
        event("content_block_delta", &rest)
    };
    said.iter().map(delta).collect()
}

fn close(index: u64) -> String {
    event("content_block_stop", &format!(r#","index":{index}"#))
}

fn text(index: u64, said: &[&str]) -> String {
    let open = open(index, r#"{"type":"text","text":""}"#);
    open + &texts(index, said).concat() + &close(index)
}

fn call(index: u64, name: &str) -> String {
    let block =
        format!(r#"{{"type":"tool_use","id":"toolu_{index}","name":"{name}","input":{{}}}}"#);
    open(index, &block) + &close(index)
}

fn end() -> String {
    event("message_delta", r#","delta":{"stop_reason":"end_turn"}"#) + &event("message_stop", "")
}

fn outcome(stream: &[String], wants: Wants, mut ruled: Ruled) -> Outcome {
    either_way::<Anthropic>(&stream.concat(), wants, Limits::default(), &mut ruled)
}

const DROPS: Ruled = Ruled {
    block: |block| drop_call("n", block),
    ..KEEP
};

#[test]
fn deltas_behind_a_held_call_wait_and_are_numbered_with_their_block() {
    let said = ["a", "b", "c", "d"];
    let stream = [
        start(),
        text(0, &said),
        call(1, "n"),
        text(2, &said),
        text(4, &said),
        end(),
    ];
    let outcome = outcome(&stream, TOOLS, DROPS);
    assert_eq!(outcome.error, None);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(!sent.contains("toolu_1"), "{sent}");
    assert!(!sent.contains("\"index\":4"), "{sent}");
    let kept = self::outcome(&stream, TOOLS, KEEP).sent;
    let kept = String::from_utf8(kept).unwrap();
    assert!(kept.contains("toolu_1"), "{kept}");
}

#[test]
fn texts_that_are_seen_are_seen_whole() {
    let wants = Wants {
        text: Delivery::Observe,
        ..TOOLS
    };
    let stream = [start(), text(0, &["a", "b", "c", "d"]), end()];
    let steps = outcome(&stream, wants, KEEP).steps;
    let seen = Step::Observe(Block::Text("abcd".to_owned()));
    assert!(steps.contains(&seen), "{steps:?}");
}

#[test]
fn deltas_of_a_block_whose_number_has_a_gap_before_it_are_numbered_anew() {
    let stream = [
        start(),
        text(0, &["a", "b"]),
        text(3, &["c", "d", "e"]),
        end(),
    ];
    let outcome = outcome(&stream, TOOLS, KEEP);
    assert_eq!(outcome.error, None);
}

#[test]
fn a_delta_like_one_before_its_block_stopped_has_no_place_behind_that() {
    let stream = [
        start(),
        text(0, &["a", "b", "c"]),
        texts(0, &["d", "e"]).concat(),
        end(),
    ];
    let outcome = outcome(&stream, TOOLS, KEEP);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(sent.contains(r#""text":"c""#) && !sent.contains(r#""text":"d""#));
}

#[test]
fn deltas_like_the_one_before_go_out_together() {
    let begun = [
        start(),
        open(0, r#"{"type":"text","text":""}"#),
        texts(0, &["x"]).concat(),
    ];
    let deltas = texts(0, &["a", " b", "\\n", "\\\"", "é", "c"]);
    for wants in [Wants::NOTHING, TOOLS] {
        let pieces = pieces_of_the_middle::<Anthropic>(&begun.concat(), &deltas, wants);
        assert!(pieces <= 2, "{pieces}");
    }
}
