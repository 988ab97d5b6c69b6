//! The items of the Responses API that requests and replies have in common: calls, texts, reasoning.

use super::arguments::{read_arguments, read_at, read_input, write_arguments, write_at};
use crate::{
    ToolCall, block,
    json::{self, Span, elements, fields, quote, set_fields},
};

/// A kind of item that asks the agent to run something.
#[derive(Clone, Copy, Debug)]
struct CallKind {
    /// The item's `type`.
    item: &'static str,
    /// The key of its arguments.
    arguments: &'static str,
    /// The name of the API's own tool, whose arguments are a JSON value; nothing where the item names
    /// one of the caller's tools and holds the arguments in a string.
    tool: Option<&'static str>,
}

const fn own(item: &'static str, arguments: &'static str, tool: &'static str) -> CallKind {
    CallKind {
        item,
        arguments,
        tool: Some(tool),
    }
}

const fn callers(item: &'static str, arguments: &'static str) -> CallKind {
    CallKind {
        item,
        arguments,
        tool: None,
    }
}

/// Calls that the agent runs. Those that the API runs itself are no calls to policies: they are over
/// when they are seen.
const CALLS: [CallKind; 6] = [
    callers("function_call", "arguments"),
    callers("custom_tool_call", "input"),
    own("local_shell_call", "action", "local_shell"),
    own("shell_call", "action", "shell"),
    own("apply_patch_call", "operation", "apply_patch"),
    own("computer_call", "action", "computer"),
];

/// Where a `computer_call` has several actions at once.
const ACTIONS: &str = "actions";

/// Whether items of this `type` are calls that the agent runs.
pub(crate) fn is_call(item: &str) -> bool {
    kind(item).is_some()
}

/// The key of the arguments of a call of the caller's own tools.
pub(crate) fn callers_key(item: &str) -> Option<&'static str> {
    let kind = kind(item).filter(|kind| kind.tool.is_none())?;
    Some(kind.arguments)
}

/// Whether items of this `type` are what such a call gave back.
pub(crate) fn is_output(item: &str) -> bool {
    item.strip_suffix("_output").is_some_and(is_call)
}

/// The call that an item says; nothing where it is none, or a key that is read stands twice in it.
pub(crate) fn read_call(json: &str) -> Option<ToolCall> {
    let text = json.as_bytes();
    let [item, call_id, id, name] = fields(text, ["type", "call_id", "id", "name"]).ok()?;
    let kind = kind(&item?.string(text)?)?;
    let (_, value) = arguments(text, kind)?;
    let string = |span: Option<Span>| span.and_then(|span| span.string(text));
    Some(ToolCall {
        // A `local_shell_call` may have the one or the other.
        id: string(call_id).or_else(|| string(id)).unwrap_or_default(),
        name: match kind.tool {
            Some(tool) => tool.to_owned(),
            None => string(name).unwrap_or_default(),
        },
        arguments: match kind.tool {
            Some(_) => value.map_or_else(
                || "{}".to_owned(),
                |value| block::arguments(value.text(text)),
            ),
            None if kind.arguments == "input" => read_at(text, value, read_input),
            None => read_at(text, value, read_arguments),
        },
    })
}

/// An item changed to say `call`; what it does not change keeps its bytes. A call of one of the API's
/// own tools becomes a `function_call` where it gets another name.
pub(crate) fn set_call(json: &str, call: &ToolCall) -> String {
    changed(json, call).unwrap_or_else(|| write_call(call))
}

/// A call as an item of our own making, without an `id` of the item.
pub(crate) fn write_call(call: &ToolCall) -> String {
    format!(
        r#"{{"type":"function_call","call_id":{},"name":{},"arguments":{}}}"#,
        quote(&call.id),
        quote(&call.name),
        write_arguments(&call.arguments)
    )
}

/// What a `reasoning` item lets be read of itself: its summary and its content, a line each.
pub(crate) fn read_reasoning(json: &str) -> String {
    let text = json.as_bytes();
    let lists = fields(text, ["summary", "content"]).unwrap_or_default();
    let mut texts = Vec::new();
    for list in lists.into_iter().flatten() {
        let parts = list.bytes(text);
        for part in elements(parts) {
            let part = part.bytes(parts);
            let [said] = fields(part, ["text"]).unwrap_or_default();
            texts.extend(said.and_then(|said| said.string(part)));
        }
    }
    texts.join("\n")
}

/// Whether a part of content is a text.
pub(crate) fn is_text(part: &str) -> bool {
    text_key(part).is_some()
}

/// The text of a part of content; nothing where it is another kind, or a key that is read stands twice
/// in it.
pub(crate) fn read_text(part: &str) -> Option<String> {
    let (text, key) = (part.as_bytes(), text_key(part)?);
    let [said] = fields(text, [key]).ok()?;
    Some(said.and_then(|said| said.string(text)).unwrap_or_default())
}

/// A part of content with another text. What repeats the old one goes.
pub(crate) fn set_text(part: &str, said: &str) -> String {
    let text = part.as_bytes();
    let set = || {
        let key = text_key(part)?;
        let [logprobs] = fields(text, ["logprobs"]).ok()?;
        let emptied = logprobs.map(|_| "[]".to_owned());
        set_fields(part, [(key, Some(quote(said))), ("logprobs", emptied)]).ok()
    };
    set().unwrap_or_else(|| format!(r#"{{"type":"output_text","text":{}}}"#, quote(said)))
}

/// The key of the text in a part of content.
fn text_key(part: &str) -> Option<&'static str> {
    let text = part.as_bytes();
    let [kind] = fields(text, ["type"]).ok()?;
    match kind?.string(text)?.as_str() {
        "text" | "input_text" | "output_text" => Some("text"),
        "refusal" => Some("refusal"),
        _ => None,
    }
}

/// The JSON of the arguments of a call of one of the API's own tools; empty where there is none, or it is another call.
pub(crate) fn own_arguments(json: &str) -> &str {
    let text = json.as_bytes();
    let own = || {
        let [item] = fields(text, ["type"]).ok()?;
        let kind = kind(&item?.string(text)?).filter(|kind| kind.tool.is_some())?;
        let (_, value) = arguments(text, kind)?;
        Some(value?.text(text))
    };
    own().unwrap_or_default()
}

fn kind(item: &str) -> Option<CallKind> {
    CALLS.into_iter().find(|kind| kind.item == item)
}

/// The key and the place of an item's arguments.
fn arguments(text: &[u8], kind: CallKind) -> Option<(&'static str, Option<Span>)> {
    let [one, many] = fields(text, [kind.arguments, ACTIONS]).ok()?;
    let null = |span: &Span| span.bytes(text) != b"null";
    match (one.filter(null), many) {
        (None, Some(many)) if kind.tool == Some("computer") => Some((ACTIONS, Some(many))),
        _ => Some((kind.arguments, one)),
    }
}

fn changed(json: &str, call: &ToolCall) -> Option<String> {
    let old = read_call(json)?;
    let text = json.as_bytes();
    let [item, call_id, id] = fields(text, ["type", "call_id", "id"]).ok()?;
    let kind = kind(&item?.string(text)?)?;
    let named_anew = (old.name != call.name).then(|| quote(&call.name));
    if kind.tool.is_some() && named_anew.is_some() {
        return Some(as_function_call(text, id, call));
    }
    let (key, value) = arguments(text, kind)?;
    let with = match (old.arguments == call.arguments, kind.tool) {
        (true, _) => None,
        (false, None) => Some(write_at(text, value, &call.arguments)),
        (false, Some(_)) => Some(written_arguments(text, value, &call.arguments)),
    };
    let named = call_id.is_some_and(|span| span.string(text).is_some()) || id.is_none();
    let id_key = if named { "call_id" } else { "id" };
    let id = (old.id != call.id).then(|| quote(&call.id));
    set_fields(json, [(id_key, id), ("name", named_anew), (key, with)]).ok()
}

/// The JSON value that says these arguments. A JSON string stands for the JSON text in it.
fn written_arguments(text: &[u8], old: Option<Span>, arguments: &str) -> String {
    let list = old.is_some_and(|old| old.bytes(text).starts_with(b"["));
    if list && json::is_object(arguments) {
        return format!("[{arguments}]");
    }
    let whole = Span {
        start: 0,
        end: arguments.len(),
    };
    let raw = whole.string(arguments.as_bytes());
    let raw = raw.filter(|raw| json::check(raw, json::MAX_DEPTH).is_ok());
    raw.unwrap_or_else(|| arguments.to_owned())
}

fn as_function_call(text: &[u8], id: Option<Span>, call: &ToolCall) -> String {
    let made = write_call(call);
    let id = id.and_then(|id| id.string(text));
    // The API refuses a function call whose id does not begin so.
    let id = id.map(|id| quote(&format!("fc_{id}")));
    let [status] = fields(text, ["status"]).unwrap_or_default();
    let status = status.map(|status| status.text(text).to_owned());
    set_fields(&made, [("id", id), ("status", status)]).unwrap_or(made)
}

#[cfg(test)]
mod tests;
