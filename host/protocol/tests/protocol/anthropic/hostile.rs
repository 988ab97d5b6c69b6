//! What the Messages API does not send.

use sluice_protocol::{Block, ReplyError, Step, Wants};

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

fn event(name: &str, rest: &str) -> String {
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n")
}

#[test]
fn events_out_of_order_are_malformed_where_policies_want_something() {
    let start = event("message_start", r#","message":{"id":"msg_1","content":[]}"#);
    let open = event(
        "content_block_start",
        r#","index":0,"content_block":{"type":"text","text":"x"}"#,
    );
    let delta = event(
        "content_block_delta",
        r#","index":0,"delta":{"type":"text_delta","text":"y"}"#,
    );
    let other = event(
        "content_block_delta",
        r#","index":7,"delta":{"type":"text_delta","text":"y"}"#,
    );
    let close = event("content_block_stop", r#","index":0"#);
    let end = event(
        "message_delta",
        r#","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}"#,
    );
    for (events, expected) in [
        (vec![&open], "out of order"),
        (vec![&start, &start], "out of order"),
        (vec![&start, &delta], "not open"),
        (vec![&start, &close], "not open"),
        (vec![&start, &open, &other], "not open"),
        (vec![&start, &open, &open], "inside another"),
        (vec![&start, &open, &close, &close], "not open"),
        (vec![&start, &open, &close, &delta], "not open"),
        (vec![&start, &open, &close, &open], "ascend"),
        (vec![&start, &open, &end], "inside a block"),
        (vec![&start, &end, &open], "out of order"),
        (vec![&start, &open, &close], "before it was complete"),
        (vec![&start, &open, &close, &end], "before it was complete"),
    ] {
        fails(
            &events.into_iter().map(String::as_str).collect::<String>(),
            expected,
        );
    }
}

#[test]
fn data_that_is_not_json_is_malformed_under_a_known_name() {
    let start = event("message_start", r#","message":{"content":[]}"#);
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
}

#[test]
fn content_cannot_be_smuggled_past_the_policies() {
    let call = r#"{"type":"tool_use","id":"toolu_1","name":"Bash","input":{}}"#;
    fails(
        &event(
            "message_start",
            &format!(r#","message":{{"content":[{call}]}}"#),
        ),
        "has content",
    );
    let start = event("message_start", r#","message":{"content":[]}"#);
    let twice = r#","index":0,"content_block":{"type":"text","type":"tool_use","text":""}"#;
    fails(
        &(start.clone() + &event("content_block_start", twice)),
        "twice",
    );
    let unnamed = format!(
        "data: {{\"type\":\"ping\",\"ty\\u0070e\":\"content_block_start\",\"index\":0,\"content_block\":{call}}}\n\n"
    );
    fails(&(start.clone() + &unnamed), "twice");
    let nested = format!(
        "data: {{\"type\":\"content_block_start\",\"x\":{}{}}}\n\n",
        "[".repeat(200),
        "]".repeat(200)
    );
    fails(&(start.clone() + &nested), "too deeply");
    let named = format!(
        "event: error\ndata: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{call}}}\n\n"
    );
    fails(&(start.clone() + &named), "another");
    let whole = format!(r#"{{"type":"message","content":[],"content":[{call}]}}"#);
    let outcome = drive::whole::<Anthropic>(whole.as_bytes(), EVERYTHING, &mut KeepAll);
    assert!(matches!(outcome.error, Some(ReplyError::Malformed(_))));
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
