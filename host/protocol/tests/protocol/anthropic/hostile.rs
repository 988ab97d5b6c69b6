//! What the Messages API does not send.

mod smuggling;

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, Step, Wants};

use super::{Anthropic, checker};
use crate::{
    dialect::recorded,
    drive::{self, KeepAll},
    recorded::EVERYTHING,
};

fn fails(stream: &str, expected: &str) {
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let error = outcome
        .error
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(error.contains(expected), "{error:?} for {stream}");
    assert!(checker::stream(&outcome.sent).is_ok_and(|received| received.failed));
    let untouched = drive::stream::<Anthropic>([stream.as_bytes()], Wants::NOTHING, &mut KeepAll);
    assert!(untouched.sent.starts_with(stream.as_bytes()));
}

/// The content that a client has of a stream of which policies want everything.
fn received(stream: &str) -> Value {
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    assert_eq!(outcome.error, None, "{stream}");
    let received = checker::stream(&outcome.sent).unwrap();
    received.body["content"].clone()
}

fn event(name: &str, rest: &str) -> String {
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n")
}

fn start() -> String {
    event("message_start", r#","message":{"id":"msg_1","content":[]}"#)
}

fn open(index: u64, block: &Value) -> String {
    event(
        "content_block_start",
        &format!(r#","index":{index},"content_block":{block}"#),
    )
}

fn delta(index: u64, delta: &Value) -> String {
    event(
        "content_block_delta",
        &format!(r#","index":{index},"delta":{delta}"#),
    )
}

fn text(index: u64, said: &str) -> String {
    delta(index, &json!({ "type": "text_delta", "text": said }))
}

fn input(index: u64, said: &str) -> String {
    delta(
        index,
        &json!({ "type": "input_json_delta", "partial_json": said }),
    )
}

fn close(index: u64) -> String {
    event("content_block_stop", &format!(r#","index":{index}"#))
}

fn end() -> String {
    event(
        "message_delta",
        r#","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}"#,
    )
}

fn stop() -> String {
    event("message_stop", "")
}

fn said(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn call(id: &str) -> Value {
    json!({ "type": "tool_use", "id": id, "name": "Bash", "input": {} })
}

#[test]
fn events_out_of_order_are_put_in_order_where_policies_want_something() {
    let empty = said("");
    let a = [start(), open(0, &empty), text(0, "a"), close(0)].concat();
    for (events, expected) in [
        // A message begins once.
        (a.clone() + &start(), json!([said("a")])),
        // What is about no block, or about one that is over, has no place.
        (a.clone() + &text(0, "b"), json!([said("a")])),
        (a.clone() + &close(0) + &close(7), json!([said("a")])),
        (a.clone() + &text(7, "b"), json!([said("a")])),
        // A block that is never closed is over with the message, or with the next of its index.
        (
            start() + &open(0, &empty) + &text(0, "a"),
            json!([said("a")]),
        ),
        (
            start() + &open(0, &empty) + &text(0, "a") + &open(0, &empty) + &text(0, "b"),
            json!([said("a"), said("b")]),
        ),
        // An index may come again, and need not ascend.
        (
            a.clone() + &open(0, &empty) + &text(0, "b") + &close(0),
            json!([said("a"), said("b")]),
        ),
        (
            start() + &open(9, &empty) + &close(9) + &open(4, &empty) + &text(4, "b") + &close(4),
            json!([said(""), said("b")]),
        ),
        (
            start() + &open(5, &said("a")) + &text(5, "b") + &close(5),
            json!([said("ab")]),
        ),
        // Blocks that overlap follow one another.
        (
            start()
                + &open(0, &empty)
                + &text(0, "a")
                + &open(1, &empty)
                + &text(1, "c")
                + &text(0, "b")
                + &open(2, &empty)
                + &close(1)
                + &text(2, "d")
                + &close(0)
                + &text(2, "e"),
            json!([said("ab"), said("c"), said("de")]),
        ),
    ] {
        let ended = events + &end() + &stop();
        assert_eq!(received(&ended), expected, "{ended}");
    }
}

#[test]
fn a_stream_that_ends_without_its_last_event_is_complete_with_its_stop_reason() {
    let stream = start() + &open(0, &said("")) + &text(0, "a") + &close(0) + &end();
    let cut = stop();
    for tail in ["", &cut[..30], cut.trim_end()] {
        assert_eq!(
            received(&(stream.clone() + tail)),
            json!([said("a")]),
            "{tail}"
        );
        let sent = drive::stream::<Anthropic>(
            [stream.as_bytes(), tail.as_bytes()],
            EVERYTHING,
            &mut KeepAll,
        )
        .sent;
        assert!(String::from_utf8(sent).unwrap().ends_with(&cut));
    }
    let stream = start() + &open(0, &said("")) + &text(0, "a") + &close(0);
    fails(&stream, "before it was complete");
    fails(
        &(start() + &end() + &text(0, "a")).replace(&end(), ""),
        "before it was complete",
    );
}

#[test]
fn content_behind_the_stop_reason_has_no_place() {
    let late = start() + &end() + &open(0, &call("toolu_1")) + &close(0) + &stop();
    assert_eq!(received(&late), json!([]));
}

#[test]
fn content_before_the_start_of_the_message_is_malformed() {
    fails(&open(0, &said("x")), "out of order");
}

#[test]
fn data_that_is_not_json_is_malformed_under_a_known_name() {
    let start = start();
    fails(
        &format!("{start}event: content_block_start\ndata: {{\n\n"),
        "malformed",
    );
    fails(
        &format!("{start}event: message_delta\ndata: [1]\n\n"),
        "malformed",
    );
    fails(
        &event("content_block_start", r#","index":-1,"content_block":{}"#),
        "index",
    );
    let nested = format!(
        "data: {{\"type\":\"content_block_start\",\"x\":{}{}}}\n\n",
        "[".repeat(200),
        "]".repeat(200)
    );
    fails(&(start + &nested), "too deeply");
}

#[test]
fn the_calls_of_overlapping_blocks_are_judged_one_by_one() {
    let stream = start()
        + &open(0, &call("toolu_0"))
        + &open(1, &call("toolu_1"))
        + &input(0, r#"{"a":"#)
        + &input(1, r#"{"b":"#)
        + &input(0, "0}")
        + &input(1, "1}")
        + &close(0)
        + &close(1)
        + &end()
        + &stop();
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let judged = outcome.steps.into_iter().filter_map(|step| match step {
        Step::Judge(Block::ToolCall(call)) => Some(call.arguments),
        _ => None,
    });
    assert_eq!(judged.collect::<Vec<_>>(), [r#"{"a":0}"#, r#"{"b":1}"#]);
}

#[test]
fn a_letter_whose_halves_come_in_two_deltas_is_one() {
    let half = |json: &str| {
        let delta = format!(r#","index":0,"delta":{{"type":"text_delta","text":"{json}"}}"#);
        event("content_block_delta", &delta)
    };
    let halves = [r"ok \ud83d", r"\ude00", r" fine\ud83d", r"\ude00"].map(half);
    let stream = start() + &open(0, &said("")) + &halves.concat() + &close(0) + &end() + &stop();
    assert_eq!(
        received(&stream),
        json!([said("ok \u{1f600} fine\u{1f600}")])
    );
}

#[test]
fn lines_that_clients_cut_in_other_ways_are_written_anew() {
    let odd = concat!(
        "event: content_block_start\r\ndata: {\"type\":\"content_block_start\",\r\n",
        "data: \"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\",\"new\":1}}\r\n\r\n"
    );
    let stream = start() + odd + &text(0, "a\u{2028}b") + &close(0) + &end() + &stop();
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(
        sent.contains("\ndata: {\"type\":\"content_block_start\", \"index\":0"),
        "{sent}"
    );
    assert!(
        sent.contains("\"new\":1") && sent.contains("a\\u2028b"),
        "{sent}"
    );
    let untouched = drive::stream::<Anthropic>([stream.as_bytes()], Wants::NOTHING, &mut KeepAll);
    assert_eq!(untouched.sent, stream.as_bytes());
}

#[test]
fn content_behind_the_end_of_a_reply_is_left_out_where_policies_want_something() {
    let stream = recorded::<Anthropic>("text");
    let more = event(
        "content_block_start",
        r#","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"Bash","input":{}}"#,
    );
    let both = format!("{stream}: bye\n\n{more}");
    let outcome = drive::stream::<Anthropic>([both.as_bytes()], EVERYTHING, &mut KeepAll);
    assert_eq!(
        String::from_utf8(outcome.sent).unwrap(),
        format!("{stream}: bye\n\n")
    );
    let outcome = drive::stream::<Anthropic>([both.as_bytes()], Wants::NOTHING, &mut KeepAll);
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), both);
}

/// What policies see of the arguments of a call whose start says this input, and whose deltas these.
fn arguments_of(input: &str, deltas: &[&str]) -> String {
    let call = format!(r#"{{"type":"tool_use","id":"toolu_1","name":"Bash","input":{input}}}"#);
    let start = event("message_start", r#","message":{"content":[]}"#);
    let mut stream = start
        + &event(
            "content_block_start",
            &format!(r#","index":0,"content_block":{call}"#),
        );
    for delta in deltas {
        let delta =
            format!(r#","index":0,"delta":{{"type":"input_json_delta","partial_json":{delta:?}}}"#);
        stream += &event("content_block_delta", &delta);
    }
    stream += &event("content_block_stop", r#","index":0"#);
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let call = outcome.steps.into_iter().find_map(|step| match step {
        Step::Judge(Block::ToolCall(call)) => Some(call.arguments),
        _ => None,
    });
    call.expect("a call")
}

#[test]
fn an_input_in_the_start_is_judged_with_the_deltas_behind_it() {
    for (input, deltas, expected) in [
        ("{}", &["{\"a\"", ":1}"][..], "{\"a\":1}"),
        ("{ }", &["{\"a\":1}"], "{\"a\":1}"),
        ("null", &["{\"a\":1}"], "{\"a\":1}"),
        ("{\"a\":1}", &[], "{\"a\":1}"),
        ("{\"a\":1}", &["", ""], "{\"a\":1}"),
        ("{\"a\":1}", &[" "], "{\"a\":1} "),
        ("{\"a\":1}", &["{}"], r#""{\"a\":1}{}""#),
        ("[1]", &["{}"], r#""[1]{}""#),
    ] {
        let arguments = arguments_of(input, deltas);
        assert_eq!(arguments, expected, "{input} {deltas:?}");
    }
}

#[test]
fn a_frame_is_like_the_last_of_those_that_one_before_it_let_through() {
    let thinking = |index: u64, said: &str| {
        delta(
            index,
            &json!({ "type": "thinking_delta", "thinking": said }),
        )
    };
    let none = said("");
    let think = json!({ "type": "thinking", "thinking": "", "signature": "" });
    let long = "long ".repeat(9);
    let begun = [
        start(),
        open(0, &none),
        open(1, &none),
        text(1, &long),
        close(1),
    ];
    // The end of the first block lets the others through: a text that is judged, and behind it what is not.
    let through = [open(2, &think), thinking(2, "x"), text(0, "a"), close(0)];
    let end = [thinking(2, "y"), close(2), end(), stop()];
    let stream = [&begun[..], &through, &end].concat().concat();
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    let outcome = drive::stream::<Anthropic>([stream.as_bytes()], wants, &mut KeepAll);
    let received = checker::stream(&outcome.sent).unwrap();
    assert_eq!(received.body["content"][2]["thinking"], "xy");
}
