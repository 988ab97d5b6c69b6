//! Bytes that nobody should send.

use bytes::Bytes;
use proptest::prelude::*;
use sluice_protocol::{
    Block, BlockAddress, Delivery, Limits, Reply, ReplyError, Request as _, Ruling, Step, Wants,
    anthropic::{Request, Stream, Whole},
};

use crate::{
    checker,
    drive::{self, Judge, KeepAll},
    fixtures::{self, STREAMS},
    generate::{script, upstream, wants},
};

const EVERYTHING: Wants = Wants {
    text: Delivery::Whole,
    thinking: Delivery::Whole,
    tool_call: Delivery::Whole,
    other: Delivery::Whole,
    end: true,
};

/// Drops every tool call.
struct NoTools;

impl Judge for NoTools {
    fn block(&mut self, block: &Block) -> Ruling {
        match block {
            Block::ToolCall(_) => Ruling::Drop {
                notice: "stopped".to_owned(),
            },
            _ => Ruling::Keep,
        }
    }
}

fn fails(stream: &str, expected: &str) {
    let outcome = drive::stream([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let error = outcome
        .error
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(error.contains(expected), "{error:?} for {stream}");
    assert!(checker::stream(&outcome.sent).is_ok_and(|received| received.failed));
    let untouched = drive::stream([stream.as_bytes()], Wants::NOTHING, &mut KeepAll);
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
    let outcome = drive::whole(whole.as_bytes(), EVERYTHING, &mut KeepAll);
    assert!(matches!(outcome.error, Some(ReplyError::Malformed(_))));
}

#[test]
fn content_behind_the_end_of_a_reply_is_left_out_where_policies_want_something() {
    let stream = fixtures::stream("text");
    let more = event(
        "content_block_start",
        r#","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"Bash","input":{}}"#,
    );
    let both = format!("{stream}: bye\n\n{more}");
    let outcome = drive::stream([both.as_bytes()], EVERYTHING, &mut KeepAll);
    assert_eq!(
        String::from_utf8(outcome.sent).unwrap(),
        format!("{stream}: bye\n\n")
    );
    let outcome = drive::stream([both.as_bytes()], Wants::NOTHING, &mut KeepAll);
    assert_eq!(String::from_utf8(outcome.sent).unwrap(), both);
}

#[test]
fn invariant_10_a_stream_that_is_cut_ends_with_an_error_event() {
    for (name, stream) in STREAMS {
        for wants in [Wants::NOTHING, EVERYTHING] {
            for end in (0..stream.len() - 2)
                .step_by(41)
                .filter(|end| stream.is_char_boundary(*end))
            {
                let outcome = drive::stream([&stream.as_bytes()[..end]], wants, &mut KeepAll);
                if outcome.error.is_some() {
                    assert_eq!(outcome.error, Some(ReplyError::Truncated));
                    let received = checker::stream(&outcome.sent);
                    assert!(
                        received.as_ref().is_ok_and(|received| received.failed),
                        "{name} {end} {received:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn invariant_12_what_is_held_is_bounded() {
    let limits = Limits {
        held: 300,
        ..Limits::default()
    };
    let stream = fixtures::stream("two_tools");
    let mut reply = Stream::new(EVERYTHING, limits);
    let outcome = drive::drive(&mut reply, [stream.as_bytes()], &mut KeepAll);
    assert_eq!(outcome.error, Some(ReplyError::HeldTooLarge { limit: 300 }));
    let mut reply = Whole::new(EVERYTHING, limits);
    let outcome = drive::drive(&mut reply, [&[b' '; 301][..]], &mut KeepAll);
    assert_eq!(outcome.error, Some(ReplyError::HeldTooLarge { limit: 300 }));
    let small = Limits {
        frame: 100,
        ..Limits::default()
    };
    let mut reply = Stream::new(Wants::NOTHING, small);
    let outcome = drive::drive(&mut reply, [stream.as_bytes()], &mut KeepAll);
    assert_eq!(
        outcome.error,
        Some(ReplyError::FrameTooLarge { limit: 100 })
    );
}

#[test]
fn a_question_that_is_not_answered_ends_the_reply() {
    let mut reply = Stream::new(EVERYTHING, Limits::default());
    reply.push(Bytes::from_static(fixtures::stream("text").as_bytes()));
    while !matches!(reply.next(), Step::Judge(_)) {}
    assert!(matches!(reply.next(), Step::Fail(ReplyError::Other(_))));
}

#[test]
fn invariant_4_a_heartbeat_is_there_while_something_is_held() {
    let mut reply = Stream::new(EVERYTHING, Limits::default());
    assert_eq!(reply.heartbeat(), None);
    let stream = fixtures::stream("tool").as_bytes();
    let mut beats = 0;
    for piece in stream.chunks(50) {
        reply.push(Bytes::copy_from_slice(piece));
        loop {
            match reply.next() {
                Step::More => break,
                Step::Judge(_) => {
                    assert!(reply.heartbeat().is_some());
                    reply.rule(Ruling::Keep);
                }
                Step::End { .. } => reply.finish(Vec::new()),
                _ => {}
            }
        }
        beats += usize::from(reply.heartbeat().is_some());
    }
    assert!(beats > 3);
    assert_eq!(reply.heartbeat(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn invariant_11_bytes_of_any_kind_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300), wants in wants(), script in script(),
    ) {
        drive::stream([&bytes[..]], wants, &mut script.clone());
        drive::whole(&bytes, wants, &mut script.clone());
        let _ = Request::parse(Bytes::from(bytes), &Limits::default());
    }

    #[test]
    fn invariant_11_a_damaged_reply_never_panics_and_leaks_no_tool_call(
        upstream in upstream(), mut wants in wants(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_usize), 1..4),
    ) {
        wants.tool_call = Delivery::Whole;
        let mut events: Vec<String> = upstream.stream.split_inclusive("\n\n").map(str::to_owned).collect();
        for (at, other, kind) in damage {
            let (at, other) = (at.index(events.len()), other.index(events.len()));
            match kind {
                0 => events.swap(at, other),
                1 => events[at] = events[other].clone(),
                2 => events[at] = events[at].replacen('"', "", 1),
                _ => events[at] = events[at].replacen("event: ", "x: ", 1),
            }
        }
        let outcome = drive::stream([events.concat().as_bytes()], wants, &mut NoTools);
        for (_, data) in checker::events(&outcome.sent) {
            let readable = serde_json::from_str::<serde_json::Value>(&data).is_ok();
            prop_assert!(!readable || !data.contains("\"toolu_"), "{}", data);
        }
        let mut whole = upstream.whole.into_bytes();
        whole.truncate(events.len() * 31);
        drive::whole(&whole, wants, &mut NoTools);
    }

    #[test]
    fn a_damaged_request_never_panics(
        at: prop::sample::Index, byte: u8, message in 0..4_u32, block in 0..3_u32, pointer in "(/[a-z0-9~-]{0,8}){0,4}",
    ) {
        let body = r#"{"model":"m","system":"s","messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"n","input":{"k":[1]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"t"}]}]}],"tools":[{"name":"n"}],"stream":true}"#;
        let mut body = body.as_bytes().to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        if let Ok(mut request) = Request::parse(Bytes::from(body), &Limits::default()) {
            let _ = request.get(&pointer);
            let _ = request.replace(BlockAddress { message, block }, &[Block::Text("y".to_owned())]);
            let _ = request.set(&pointer, "[true]");
            let _ = request.append_system("more");
            let _ = request.remove_tool("n");
            request.news();
            let body = request.body();
            prop_assert!(Request::parse(body, &Limits::default()).is_ok());
        }
    }
}
