//! Finds the tool calls that a client would see in a reply.
//!
//! It shares no code with the dialects. It reads JSON leniently, and accepts as a call anything
//! that one of the SDKs might.

use bytes::Bytes;
use serde_json::Value;
use sluice_protocol::{
    Api,
    sse::{Decoder, Frame},
};

/// The names of the tool calls in a reply. A call without a name counts as an empty one.
pub(crate) fn names(api: Api, received: &[u8]) -> Vec<String> {
    let whole = read(received);
    let events = if whole.is_object() {
        Vec::new()
    } else {
        events(received)
    };
    let mut calls: Vec<&Value> = events
        .iter()
        .flat_map(|event| streamed(api, event))
        .collect();
    calls.extend(of_message(api, &whole));
    calls.into_iter().map(name).collect()
}

fn read(data: &[u8]) -> Value {
    serde_json::from_str(&String::from_utf8_lossy(data)).unwrap_or_default()
}

fn events(received: &[u8]) -> Vec<Value> {
    let mut decoder = Decoder::new(received.len());
    decoder.push(Bytes::copy_from_slice(received));
    decoder.end();
    let frames = std::iter::from_fn(|| decoder.next_frame().ok().flatten());
    let mut frames: Vec<Frame> = frames.collect();
    frames.extend(decoder.tail());
    frames.iter().map(|frame| read(frame.data())).collect()
}

/// The calls in one event of a stream.
fn streamed(api: Api, event: &Value) -> Vec<&Value> {
    let kind = event["type"].as_str().unwrap_or_default();
    match api {
        Api::Anthropic if kind == "content_block_start" => {
            called(std::slice::from_ref(&event["content_block"]))
        }
        Api::Anthropic if kind == "message_start" => of_message(api, &event["message"]),
        Api::OpenaiChat => {
            let mut pieces = of_choices(event, "delta");
            pieces.retain(|piece| begins(piece));
            pieces
        }
        Api::OpenaiResponses if kind.starts_with("response.output_item.") => {
            called(std::slice::from_ref(&event["item"]))
        }
        Api::OpenaiResponses if kind.starts_with("response.") => {
            of_message(api, &event["response"])
        }
        _ => Vec::new(),
    }
}

/// The calls in a complete message, completion or response.
fn of_message(api: Api, message: &Value) -> Vec<&Value> {
    match api {
        Api::Anthropic => called(elements(&message["content"])),
        Api::OpenaiChat => of_choices(message, "message"),
        Api::OpenaiResponses => called(elements(&message["output"])),
        Api::OpenaiEmbeddings => Vec::new(),
    }
}

fn of_choices<'a>(completion: &'a Value, field: &str) -> Vec<&'a Value> {
    let choices = elements(&completion["choices"]).iter();
    choices
        .flat_map(|choice| {
            let calls = elements(&choice[field]["tool_calls"]).iter();
            calls.chain([&choice[field]["function_call"]])
        })
        .filter(|call| call.is_object())
        .collect()
}

/// Whether a piece of a call has its name. It need not be the first piece, and nobody runs a call
/// without a name.
fn begins(piece: &Value) -> bool {
    !name(piece).is_empty()
}

fn elements(array: &Value) -> &[Value] {
    array.as_array().map_or(&[], Vec::as_slice)
}

/// The blocks or items that the agent is to act upon.
fn called(blocks: &[Value]) -> Vec<&Value> {
    const CALLS: [&str; 7] = [
        "tool_use",
        "function_call",
        "custom_tool_call",
        "local_shell_call",
        "shell_call",
        "apply_patch_call",
        "computer_call",
    ];
    let is_call = |block: &&Value| CALLS.iter().any(|kind| block["type"] == *kind);
    blocks.iter().filter(is_call).collect()
}

fn name(call: &Value) -> String {
    let kind = call["type"].as_str().unwrap_or_default();
    let names = [
        &call["name"],
        &call["function"]["name"],
        &call["custom"]["name"],
    ];
    let name = names.iter().find_map(|name| name.as_str());
    name.or_else(|| kind.strip_suffix("_call"))
        .unwrap_or_default()
        .to_owned()
}
