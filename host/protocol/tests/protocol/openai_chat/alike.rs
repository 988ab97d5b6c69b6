//! Chunks that pass as the one before did: what counts of them although nobody reads them.

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, Limits, Ruling, ToolCall, Wants};

use super::OpenaiChat;
use crate::{
    alike::{either_way, pieces_of_the_middle},
    drive::Outcome,
    rulings::{KEEP, Ruled, TOOLS, drop_call, stop_at_call},
};

const DONE: &str = "data: [DONE]\n\n";

fn chunk(index: u64, delta: &Value, finish_reason: Option<&str>) -> String {
    let choice = json!({ "index": index, "delta": delta, "finish_reason": finish_reason });
    let chunk = json!({ "id": "chatcmpl-1", "choices": [choice] });
    format!("data: {chunk}\n\n")
}

fn delta(delta: &Value) -> String {
    chunk(0, delta, None)
}

fn start() -> String {
    delta(&json!({ "role": "assistant", "content": "" }))
}

fn texts(field: &str, texts: &[&str]) -> String {
    let chunks = texts.iter().map(|text| delta(&json!({ field: text })));
    chunks.collect()
}

fn call(name: &str) -> String {
    let function = json!({ "name": name, "arguments": "{}" });
    let call = json!({ "index": 0, "id": "call_1", "type": "function", "function": function });
    delta(&json!({ "tool_calls": [call] }))
}

fn arguments(said: &str) -> String {
    let call = json!({ "index": 0, "function": { "arguments": said } });
    delta(&json!({ "tool_calls": [call] }))
}

fn end(finish_reason: &str) -> String {
    chunk(0, &json!({}), Some(finish_reason)) + DONE
}

fn outcome(stream: &[String], wants: Wants, mut ruled: Ruled) -> Outcome {
    either_way::<OpenaiChat>(&stream.concat(), wants, Limits::default(), &mut ruled)
}

fn sent(stream: &[String], wants: Wants, ruled: Ruled) -> String {
    let outcome = outcome(stream, wants, ruled);
    assert_eq!(outcome.error, None);
    String::from_utf8(outcome.sent).unwrap()
}

/// What is put behind blank texts, or texts that are not, is told from them by a blank line just if they
/// are not.
#[test]
fn blank_texts_do_not_count_as_content_until_one_is_not_blank() {
    let adds = Ruled {
        added: &["[added]"],
        ..KEEP
    };
    let drops = Ruled {
        block: |block| drop_call("n", block),
        ..KEEP
    };
    let stops = Ruled {
        block: |block| stop_at_call("n", block),
        ..KEEP
    };
    let ends = Wants {
        end: true,
        ..Wants::NOTHING
    };
    let cases = [
        (adds, ends, end("stop"), "[added]"),
        (drops, TOOLS, call("n") + &end("tool_calls"), "[no n]"),
        (stops, TOOLS, call("n") + &end("tool_calls"), "[stop]"),
    ];
    for (ruled, wants, rest, put_in) in cases {
        for (said, between) in [
            (&[" ", "\n", " "][..], ""),
            (&[" ", "\n", "x", " "], "\\n\\n"),
            (&["x", " ", "y"], "\\n\\n"),
        ] {
            let stream = [start(), texts("content", said), rest.clone()];
            let sent = sent(&stream, wants, ruled);
            let expected = format!("\"{between}{put_in}\"");
            assert!(sent.contains(&expected), "{expected} in {sent}");
        }
    }
}

/// A reply of which nothing is left says something in the place of that.
#[test]
fn a_refusal_counts_once_it_is_more_than_blank() {
    let drops = Ruled {
        block: |_| Ruling::Drop {
            notice: String::new(),
        },
        ..KEEP
    };
    for (said, is_there) in [(&[" ", " ", "No."][..], true), (&[" ", "\n", " "], false)] {
        let stream = [
            start(),
            texts("refusal", said),
            call("n"),
            end("tool_calls"),
        ];
        let sent = sent(&stream, TOOLS, drops);
        let rest = sent.split("\"refusal\"").last().unwrap();
        assert_eq!(rest.contains("\"content\":\""), !is_there, "{sent}");
    }
}

#[test]
fn pieces_of_calls_that_have_no_index_are_counted() {
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let calls = Ruled {
        block: |_| {
            Ruling::Replace(vec![Block::ToolCall(ToolCall {
                id: "call_made".to_owned(),
                name: "made".to_owned(),
                arguments: "{}".to_owned(),
            })])
        },
        ..KEEP
    };
    let function = json!({ "name": "n", "arguments": "{}" });
    let piece = |id: &str| delta(&json!({ "tool_calls": [{ "id": id, "function": function }] }));
    let stream = [
        start(),
        texts("content", &["x"]),
        ["a", "b", "b", "c", "d"].map(piece).concat(),
        end("tool_calls"),
    ];
    let sent = sent(&stream, wants, calls);
    let made = r#"{"index":4,"id":"call_sluice_1_1","type":"function","function":{"name":"made""#;
    assert!(sent.contains(made), "{sent}");
}

#[test]
fn calls_that_are_seen_are_seen_to_their_end() {
    let wants = Wants {
        tool_call: Delivery::Observe,
        ..Wants::NOTHING
    };
    let pieces: Vec<String> = ["{", "\\\"a\\\"", ":1", "}"].map(arguments).into();
    let pieces = pieces.concat().replace("\\\\\\\"", "\\\"");
    let first = json!({ "index": 0, "id": "call_1", "function": { "name": "n", "arguments": "" } });
    let first = delta(&json!({ "tool_calls": [first] }));
    let outcome = outcome(&[start(), first, pieces, end("tool_calls")], wants, KEEP);
    let seen = format!("{:?}", outcome.steps);
    assert!(seen.contains(r#"arguments: "{\"a\":1}""#), "{seen}");
}

#[test]
fn texts_behind_a_held_call_wait_with_it() {
    let drops = Ruled {
        block: |block| drop_call("n", block),
        ..KEEP
    };
    let other = |said: &str| chunk(1, &json!({ "content": said }), None);
    let stream = [
        start(),
        chunk(1, &json!({ "role": "assistant", "content": "a" }), None),
        texts("content", &["a", "b"]),
        call("n"),
        texts("content", &["c", "d", "e"]),
        ["f", "g", "h"].map(other).concat(),
        chunk(1, &json!({}), Some("stop")),
        end("tool_calls"),
    ];
    let sent = sent(&stream, TOOLS, drops);
    assert!(sent.contains("[no n]") && !sent.contains("call_1"));
}

#[test]
fn a_chunk_like_one_before_the_end_comes_too_late_behind_it() {
    let wants = Wants {
        tool_call: Delivery::Whole,
        end: true,
        ..Wants::NOTHING
    };
    let adds = Ruled {
        added: &["[added]"],
        ..KEEP
    };
    let stream = [
        start(),
        texts("content", &["a", "b", "c"]),
        chunk(0, &json!({}), Some("stop")),
        texts("content", &["d", "e"]),
        DONE.to_owned(),
    ];
    assert!(sent(&stream, wants, adds).contains("[added]"));
}

#[test]
fn a_chunk_like_one_before_the_last_frame_is_left_out_behind_it() {
    let said = texts("content", &["a", "b", "c"]);
    let stop = chunk(0, &json!({}), Some("stop")) + DONE;
    let stream = [start(), said.clone(), stop.clone()];
    let behind = [
        start(),
        said.clone(),
        DONE.to_owned(),
        texts("content", &["late"]),
    ];
    assert_eq!(sent(&stream, TOOLS, KEEP), stream.concat());
    let sent = outcome(&behind, TOOLS, KEEP).sent;
    assert!(!String::from_utf8(sent).unwrap().contains("late"));
}

#[test]
fn a_choice_that_nobody_reads_begins_with_a_text_that_looks_like_its_role() {
    let other = |said: &str| chunk(1, &json!({ "content": said }), None);
    let stream = [
        start(),
        ["a", "b", "role", "c"].map(other).concat(),
        chunk(0, &json!({}), Some("stop")),
    ];
    let outcome = outcome(&stream, Wants::NOTHING, KEEP);
    assert!(outcome.error.is_some());
}

#[test]
fn chunks_like_the_one_before_go_out_together() {
    let begun = start() + &texts("content", &["x"]);
    let thinking = start() + &texts("reasoning_content", &["x"]);
    let said = ["a", " b", "\n", "\"", "é", "c"].map(|said| texts("content", &[said]));
    let thought = said
        .clone()
        .map(|chunk| chunk.replace("content", "reasoning_content"));
    let called = ["{", "}", " "].map(arguments);
    let texts_wanted = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    for (wants, begun, chunks) in [
        (Wants::NOTHING, &begun, &said[..]),
        (Wants::NOTHING, &begun, &called),
        (TOOLS, &begun, &said),
        (TOOLS, &thinking, &thought),
    ] {
        let pieces = pieces_of_the_middle::<OpenaiChat>(begun, chunks, wants);
        assert!(pieces <= 2, "{pieces} of {chunks:?}");
    }
    let pieces = pieces_of_the_middle::<OpenaiChat>(&(start() + &call("n")), &called, texts_wanted);
    assert!(pieces <= 2, "{pieces}");
}
