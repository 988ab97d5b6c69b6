//! Items and events of our own making.

use super::event::Kind;
use crate::{ToolCall, json::quote, sse::Frame};

/// The position of an event: its item's and its part's, as upstream numbers them or would.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) item_id: &'a str,
    pub(super) item: u64,
    pub(super) part: u64,
}

/// A message that says `text`.
pub(super) fn message(id: &str, text: &str) -> String {
    format!(
        r#"{{"id":{},"type":"message","status":"completed","role":"assistant","content":[{}]}}"#,
        quote(id),
        text_part(text),
    )
}

/// A message before it says anything.
pub(super) fn open_message(id: &str) -> String {
    format!(
        r#"{{"id":{},"type":"message","status":"in_progress","role":"assistant","content":[]}}"#,
        quote(id),
    )
}

/// A part of a message.
pub(super) fn text_part(text: &str) -> String {
    format!(
        r#"{{"type":"output_text","annotations":[],"logprobs":[],"text":{}}}"#,
        quote(text)
    )
}

/// A part of a message before it says anything, where its first event tells a text.
pub(super) fn begun_part(kind: Kind) -> Option<String> {
    match kind {
        Kind::RefusalDelta | Kind::RefusalDone => {
            Some(r#"{"type":"refusal","refusal":""}"#.to_owned())
        }
        kind if kind.is_text_delta() || kind.is_text_done() => Some(text_part("")),
        _ => None,
    }
}

/// A tool call with an id of the host's making, of which the item's id is made.
pub(super) fn call(call: &ToolCall) -> String {
    call_item(
        call,
        "completed",
        &crate::openai::write_arguments(&call.arguments),
    )
}

/// The id of the item of such a call.
pub(super) fn call_item_id(call: &ToolCall) -> String {
    let rest = call.id.strip_prefix("call_").unwrap_or(&call.id);
    format!("fc_{rest}")
}

fn call_item(call: &ToolCall, status: &str, arguments: &str) -> String {
    format!(
        r#"{{"id":{},"type":"function_call","status":"{status}","arguments":{arguments},"call_id":{},"name":{}}}"#,
        quote(&call_item_id(call)),
        quote(&call.id),
        quote(&call.name),
    )
}

/// An event about an item as a whole.
pub(super) fn item_event(name: &str, place: Place<'_>, item: &str) -> Frame {
    let Place { item: index, .. } = place;
    frame(name, &format!(r#""output_index":{index},"item":{item}"#))
}

/// An event about a part of an item.
pub(super) fn part_event(name: &str, place: Place<'_>, part: &str) -> Frame {
    let at = part_place(place);
    frame(name, &format!(r#"{at},"part":{part}"#))
}

/// A delta of a text. What it says is a JSON string.
pub(super) fn text_delta(refusal: bool, place: Place<'_>, text: &str) -> Frame {
    let at = part_place(place);
    match refusal {
        true => frame("response.refusal.delta", &format!(r#"{at},"delta":{text}"#)),
        false => frame(
            "response.output_text.delta",
            &format!(r#"{at},"delta":{text},"logprobs":[]"#),
        ),
    }
}

/// The end of a text. What it says is a JSON string.
pub(super) fn text_done(refusal: bool, place: Place<'_>, text: &str) -> Frame {
    let at = part_place(place);
    match refusal {
        true => frame(
            "response.refusal.done",
            &format!(r#"{at},"refusal":{text}"#),
        ),
        false => frame(
            "response.output_text.done",
            &format!(r#"{at},"text":{text},"logprobs":[]"#),
        ),
    }
}

/// A delta or the end of a call's arguments, or of a custom call's input. What it says is a JSON string.
pub(super) fn call_event(kind: Kind, place: Place<'_>, said: &str) -> Frame {
    let (name, key) = match kind {
        Kind::InputDelta => ("response.custom_tool_call_input.delta", "delta"),
        Kind::InputDone => ("response.custom_tool_call_input.done", "input"),
        Kind::ArgumentsDelta => ("response.function_call_arguments.delta", "delta"),
        _ => ("response.function_call_arguments.done", "arguments"),
    };
    let Place { item_id, item, .. } = place;
    let item_id = quote(item_id);
    frame(
        name,
        &format!(r#""item_id":{item_id},"output_index":{item},"{key}":{said}"#),
    )
}

/// An event that carries the response.
pub(super) fn response_event(name: &str, response: &str) -> Frame {
    frame(name, &format!(r#""response":{response}"#))
}

/// An event of ours as one that has no number.
pub(super) fn without_number(event: &Frame) -> Frame {
    let data = String::from_utf8_lossy(event.data());
    let data = data.replacen(r#""sequence_number":0,"#, "", 1);
    Frame::new(&String::from_utf8_lossy(event.event()), &data)
}

fn part_place(place: Place<'_>) -> String {
    let Place {
        item_id,
        item,
        part,
    } = place;
    format!(
        r#""item_id":{},"output_index":{item},"content_index":{part}"#,
        quote(item_id)
    )
}

/// Whoever sends it numbers it.
fn frame(name: &str, fields: &str) -> Frame {
    Frame::new(
        name,
        &format!(r#"{{"type":"{name}","sequence_number":0,{fields}}}"#),
    )
}
