//! OpenAI Chat Completions: chunks put together as an SDK does.

use serde_json::{Map, Value, json};

use crate::frames::events;
use crate::turn::Turn;

/// The completion that a stream with one choice adds up to.
pub(super) fn completion_of(stream: &[u8]) -> Value {
    let mut chunks = chunks(stream);
    assert_eq!(chunks.pop().expect("an end"), "[DONE]");
    let mut completion = json!({"object": "chat.completion"});
    let mut message = Map::new();
    let mut finish_reason = Value::Null;
    for chunk in &chunks {
        let id = &mut completion["id"];
        if id.is_null() {
            *id = chunk["id"].clone();
        }
        assert_eq!(*id, chunk["id"], "one id for all");
        completion["created"] = chunk["created"].clone();
        completion["model"] = chunk["model"].clone();
        if !chunk["usage"].is_null() {
            assert!(!finish_reason.is_null(), "usage comes last");
            completion["usage"] = chunk["usage"].clone();
        }
        for choice in chunk["choices"].as_array().expect("choices") {
            assert_eq!(choice["index"], 0);
            grow(&mut message, choice["delta"].as_object().expect("a delta"));
            if !choice["finish_reason"].is_null() {
                assert!(finish_reason.is_null(), "finished twice");
                finish_reason = choice["finish_reason"].clone();
            }
        }
    }
    assert!(!finish_reason.is_null(), "not finished");
    completion["choices"] = json!([{
        "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason,
    }]);
    completion
}

fn chunks(stream: &[u8]) -> Vec<Value> {
    let events = events(stream).into_iter();
    let data = events.map(|(event, data)| {
        assert_eq!(event, "", "chunks have no names: {data}");
        match data.as_str() {
            "[DONE]" => json!(data),
            data => serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}")),
        }
    });
    data.collect()
}

fn grow(message: &mut Map<String, Value>, delta: &Map<String, Value>) {
    if message.is_empty() {
        assert_eq!(delta["role"], "assistant", "the role comes first");
        message.extend([
            ("role".to_owned(), delta["role"].clone()),
            ("content".to_owned(), Value::Null),
            ("refusal".to_owned(), Value::Null),
        ]);
    }
    for name in ["content", "refusal", "reasoning_content"] {
        if let Some(Value::String(piece)) = delta.get(name)
            && !piece.is_empty()
        {
            append(message.entry(name).or_insert(Value::Null), piece);
        }
    }
    for piece in delta
        .get("tool_calls")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let calls = message.entry("tool_calls").or_insert(json!([]));
        let calls = calls.as_array_mut().expect("an array");
        let at = piece["index"].as_u64().expect("an index");
        let at = usize::try_from(at).expect("a small index");
        assert!(at <= calls.len(), "indexes ascend without gaps: {piece}");
        if at == calls.len() {
            let mut call = piece.clone();
            call.as_object_mut().expect("a call").remove("index");
            let (kind, field) = fields(&call);
            call[kind][field] = json!("");
            calls.push(call);
        }
        let (kind, field) = fields(&calls[at]);
        if let Some(arguments) = piece[kind][field].as_str() {
            append(&mut calls[at][kind][field], arguments);
        }
    }
}

/// Where a call has its name and its arguments.
fn fields(call: &Value) -> (&'static str, &'static str) {
    match call["type"].as_str() {
        Some("custom") => ("custom", "input"),
        _ => ("function", "arguments"),
    }
}

fn append(text: &mut Value, piece: &str) {
    *text = json!(format!("{}{piece}", text.as_str().unwrap_or_default()));
}

pub(super) fn turn_of(completion: &Value) -> Turn {
    let choice = &completion["choices"][0];
    let message = &choice["message"];
    let mut turn = Turn {
        stop: choice["finish_reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        ..Turn::default()
    };
    for name in ["content", "refusal"] {
        if message[name].is_string() {
            turn.add_text(&message[name]);
        }
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let function = &call["function"];
        let arguments = function["arguments"].as_str().unwrap_or_default();
        turn.add_call(&call["id"], &function["name"], arguments);
    }
    let expected = match turn.calls.is_empty() {
        true => "stop",
        false => "tool_calls",
    };
    turn.expect(turn.stop == expected, || {
        format!("not finished with {expected}")
    });
    turn
}

pub(super) fn error_of(stream: &[u8]) -> Option<Value> {
    let last = chunks(stream).pop().expect("chunks");
    Some(last["error"].clone()).filter(|error| !error.is_null())
}

pub(super) fn call(command: &str, output: &str) -> Vec<Value> {
    let arguments = json!({"command": command}).to_string();
    let call = json!({"id": "call_1", "type": "function",
        "function": {"name": "Bash", "arguments": arguments}});
    vec![
        json!({"role": "assistant", "content": null, "tool_calls": [call]}),
        json!({"role": "tool", "tool_call_id": "call_1", "content": output}),
    ]
}

/// The chunks of a reply that is one call.
pub(super) fn calling(name: &str, arguments: &str) -> Vec<Value> {
    let function = json!({"name": name, "arguments": arguments});
    one_call(&json!({"index": 0, "id": "call_1", "type": "function", "function": function}))
}

/// The chunks of a reply that is one call of a tool that takes free text.
pub(super) fn calling_with_text(name: &str, input: &str) -> Vec<Value> {
    let custom = json!({"name": name, "input": input});
    one_call(&json!({"index": 0, "id": "call_1", "type": "custom", "custom": custom}))
}

fn one_call(call: &Value) -> Vec<Value> {
    let chunk = |delta: Value, reason: Option<&str>| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    };
    vec![
        chunk(json!({"role": "assistant", "content": null}), None),
        chunk(json!({"tool_calls": [call]}), None),
        chunk(json!({}), Some("tool_calls")),
    ]
}

pub(super) fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {"type": "object"}}})
}
