//! An independent reading of what the API accepts: streams in order, and next turns.
//!
//! Shares no code with the emitter, on purpose.

use serde_json::{Value, json};

use crate::client::{Frames, frames};

/// The message that a stream adds up to.
///
/// # Panics
///
/// Where the stream breaks a rule of the API: order, indexes, a missing end.
pub fn message_of(bytes: &[u8]) -> Value {
    let mut frames: Frames = frames(bytes);
    frames.retain(|(event, _)| event != "ping");
    let (first, start) = frames.remove(0);
    assert_eq!(first, "message_start");
    assert_eq!(frames.pop().expect("an end").0, "message_stop");
    let (last, delta) = frames.pop().expect("a message_delta");
    assert_eq!(last, "message_delta");
    assert!(delta["usage"].is_object(), "usage stays: {delta}");
    let mut content: Vec<Value> = Vec::new();
    let mut open: Option<(Value, String)> = None;
    for (event, frame) in frames {
        assert_eq!(event, frame["type"], "the event is named as its type");
        match event.as_str() {
            "content_block_start" => {
                assert!(open.is_none(), "a block starts inside a block");
                assert_eq!(frame["index"], content.len(), "indexes ascend without gaps");
                open = Some((frame["content_block"].clone(), String::new()));
            }
            "content_block_delta" => {
                assert_eq!(frame["index"], content.len());
                let (block, input) = open.as_mut().expect("a delta inside a block");
                grow(block, input, &frame["delta"]);
            }
            "content_block_stop" => {
                assert_eq!(frame["index"], content.len());
                let (mut block, input) = open.take().expect("a stop ends a block");
                if !input.is_empty() {
                    block["input"] = serde_json::from_str(&input).expect("the input is JSON");
                }
                content.push(block);
            }
            other => panic!("{other} among the content"),
        }
    }
    assert!(open.is_none(), "a block stays open");
    let mut message = start["message"].clone();
    message["content"] = json!(content);
    message["stop_reason"] = delta["delta"]["stop_reason"].clone();
    message
}

fn grow(block: &mut Value, input: &mut String, delta: &Value) {
    let mut add = |field: &str| {
        let grown = format!(
            "{}{}",
            block[field].as_str().unwrap_or_default(),
            delta[field].as_str().expect("a text in the delta")
        );
        block[field] = json!(grown);
    };
    match delta["type"].as_str() {
        Some("text_delta") => add("text"),
        Some("thinking_delta") => add("thinking"),
        Some("signature_delta") => add("signature"),
        Some("input_json_delta") => {
            input.push_str(delta["partial_json"].as_str().expect("a piece of JSON"));
        }
        _ => {}
    }
}

/// Checks that the API would accept a conversation that goes on after this reply: an agent sends the
/// reply back, with a result for each tool call.
///
/// # Panics
///
/// Where the next turn would be a 400.
pub fn assert_next_turn_is_accepted(message: &Value) {
    let content = message["content"].as_array().expect("content is an array");
    assert!(!content.is_empty(), "the person would see an empty turn");
    let mut called = false;
    for block in content {
        match block["type"].as_str() {
            Some("tool_use") => {
                called = true;
                assert!(
                    block["input"].is_object(),
                    "the input is an object: {block}"
                );
                assert!(!block["id"].as_str().unwrap_or_default().is_empty());
            }
            Some("text") => {
                let text = block["text"].as_str().unwrap_or_default();
                assert!(!text.trim().is_empty(), "text blocks must not be blank");
                assert!(!called, "only tool_use may follow a tool_use");
            }
            _ => assert!(!called, "only tool_use may follow a tool_use: {block}"),
        }
    }
    let expected = if called { "tool_use" } else { "end_turn" };
    assert_eq!(message["stop_reason"], expected);
}

/// The texts of a message.
pub fn texts(message: &Value) -> Vec<String> {
    of_type(message, "text")
        .map(|block| block["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The names of the tools that a message calls.
pub fn calls(message: &Value) -> Vec<String> {
    of_type(message, "tool_use")
        .map(|block| block["name"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn of_type<'a>(message: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    message["content"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(move |block| block["type"] == kind)
}
