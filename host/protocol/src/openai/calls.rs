//! The tool calls of a chat message: elements of `tool_calls`, and the `function_call` of old.

use super::arguments::{read_arguments, read_at, read_input, write_arguments, write_at};
use crate::{
    ToolCall,
    json::{Edit, Span, fields, quote, set_fields, splice},
};

/// The two kinds of element: the key that holds the call, and the key of its arguments in there.
const FUNCTION: (&str, &str) = ("function", "arguments");
const CUSTOM: (&str, &str) = ("custom", "input");

/// The places in an element of `tool_calls`.
struct Spans {
    id: Option<Span>,
    /// The object with the name and the arguments.
    inner: Span,
    /// What the key of the arguments is, in there.
    arguments: &'static str,
}

/// The call that an element of `tool_calls` says; nothing where it is none, or a key that is read stands
/// twice in it.
pub(crate) fn read_call(json: &str) -> Option<ToolCall> {
    let spans = spans(json)?;
    let id = spans.id.and_then(|id| id.string(json.as_bytes()));
    let call = read_inner(spans.inner.text(json.as_bytes()), spans.arguments)?;
    Some(ToolCall {
        id: id.unwrap_or_default(),
        ..call
    })
}

/// An element of `tool_calls` changed to say `call`; what it does not change keeps its bytes.
pub(crate) fn set_call(json: &str, call: &ToolCall) -> String {
    changed(json, call).unwrap_or_else(|| write_call(call))
}

/// An element of `tool_calls` of our own making.
pub(crate) fn write_call(call: &ToolCall) -> String {
    format!(
        r#"{{"id":{},"type":"function","function":{}}}"#,
        quote(&call.id),
        write_function_call(call)
    )
}

/// The call that a `function_call` says. It has no id.
pub(crate) fn read_function_call(json: &str) -> Option<ToolCall> {
    read_inner(json, FUNCTION.1)
}

/// A `function_call` changed to say `call`; what it does not change keeps its bytes.
pub(crate) fn set_function_call(json: &str, call: &ToolCall) -> String {
    changed_inner(json, call, FUNCTION.1).unwrap_or_else(|| write_function_call(call))
}

/// A `function_call` of our own making.
pub(crate) fn write_function_call(call: &ToolCall) -> String {
    format!(
        r#"{{"name":{},"arguments":{}}}"#,
        quote(&call.name),
        write_arguments(&call.arguments)
    )
}

fn spans(json: &str) -> Option<Spans> {
    let text = json.as_bytes();
    let [id, kind, function, custom] = fields(text, ["id", "type", FUNCTION.0, CUSTOM.0]).ok()?;
    let kind = kind.and_then(|kind| kind.string(text));
    // Not every server writes the type.
    let (inner, arguments) = match (kind.as_deref(), function, custom) {
        (Some("custom"), _, Some(custom)) | (_, None, Some(custom)) => (custom, CUSTOM.1),
        (_, Some(function), _) => (function, FUNCTION.1),
        (_, None, None) => return None,
    };
    Some(Spans {
        id,
        inner,
        arguments,
    })
}

fn read_inner(json: &str, key: &'static str) -> Option<ToolCall> {
    let text = json.as_bytes();
    let [name, arguments] = fields(text, ["name", key]).ok()?;
    let read = if key == CUSTOM.1 {
        read_input
    } else {
        read_arguments
    };
    Some(ToolCall {
        id: String::new(),
        name: name.and_then(|name| name.string(text)).unwrap_or_default(),
        arguments: read_at(text, arguments, read),
    })
}

fn changed(json: &str, call: &ToolCall) -> Option<String> {
    let old = read_call(json)?;
    let Spans {
        inner, arguments, ..
    } = spans(json)?;
    let with = changed_inner(inner.text(json.as_bytes()), call, arguments)?;
    let json = splice(json.as_bytes(), vec![Edit { span: inner, with }]);
    let json = String::from_utf8(json).ok()?;
    let id = (old.id != call.id).then(|| quote(&call.id));
    set_fields(&json, [("id", id)]).ok()
}

fn changed_inner(json: &str, call: &ToolCall, key: &'static str) -> Option<String> {
    let old = read_inner(json, key)?;
    let text = json.as_bytes();
    let [value] = fields(text, [key]).ok()?;
    let arguments =
        (old.arguments != call.arguments).then(|| write_at(text, value, &call.arguments));
    let name = (old.name != call.name).then(|| quote(&call.name));
    set_fields(json, [("name", name), (key, arguments)]).ok()
}

#[cfg(test)]
mod tests;
