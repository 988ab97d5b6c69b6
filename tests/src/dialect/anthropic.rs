//! Anthropic Messages: streams in order, and next turns.

use serde_json::{Value, json};

use crate::frames::{Frames, frames};
use crate::turn::Turn;

pub(super) fn message_of(bytes: &[u8]) -> Value {
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

pub(super) fn turn_of(message: &Value) -> Turn {
    let mut turn = Turn {
        stop: message["stop_reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        ..Turn::default()
    };
    for block in message["content"].as_array().expect("content is an array") {
        let called = !turn.calls.is_empty();
        match block["type"].as_str() {
            Some("tool_use") => {
                turn.add_call(&block["id"], &block["name"], &block["input"].to_string());
                continue;
            }
            Some("text") => turn.add_text(&block["text"]),
            _ => {}
        }
        turn.expect(!called, || format!("{block} behind a tool_use"));
    }
    let expected = match turn.calls.is_empty() {
        true => "end_turn",
        false => "tool_use",
    };
    turn.expect(turn.stop == expected, || {
        format!("not stopped with {expected}")
    });
    turn
}

pub(super) fn error_of(stream: &[u8]) -> Option<Value> {
    let (event, frame) = frames(stream).pop().expect("frames");
    assert_eq!(event, frame["type"], "the event is named as its type");
    (event == "error").then(|| frame["error"].clone())
}

pub(super) fn call(command: &str, output: &str) -> Vec<Value> {
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": "Bash",
        "input": {"command": command}});
    let result = json!({"type": "tool_result", "tool_use_id": "toolu_1", "content": output});
    vec![
        json!({"role": "assistant", "content": [call]}),
        json!({"role": "user", "content": [result]}),
    ]
}

/// The events of a reply that is one call.
pub(super) fn calling(name: &str, arguments: &str) -> Vec<Value> {
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": name, "input": {}});
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": null, "usage": {"input_tokens": 1, "output_tokens": 1}});
    let input = json!({"type": "input_json_delta", "partial_json": arguments});
    vec![
        json!({"type": "message_start", "message": message}),
        json!({"type": "content_block_start", "index": 0, "content_block": call}),
        json!({"type": "content_block_delta", "index": 0, "delta": input}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}}),
        json!({"type": "message_stop"}),
    ]
}

pub(super) fn tool(name: &str) -> Value {
    json!({"name": name, "input_schema": {"type": "object"}})
}
