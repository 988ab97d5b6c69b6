//! Pieces of calls in plain form.

use super::{Field, object, others};
use crate::{
    json::quote,
    openai_chat::{
        chunk::{ELEMENT_KEYS, Element, Form, INNER_KEYS},
        reader::Placed,
    },
};

/// A piece of a call, or of a `function_call`, at its place.
pub(super) fn piece(data: &[u8], element: &Element, placed: &Placed, form: Form) -> Option<String> {
    let tool = tool(data, element, placed);
    // A `function_call` is nothing but its function.
    if element.inner == Some(element.span) {
        return Some(tool);
    }
    let kind = if placed.is_custom {
        "custom"
    } else {
        "function"
    };
    let id = element.id.map_or("\"\"", |id| id.text(data));
    let mut fields: Vec<Field> = Vec::new();
    if form == Form::Delta {
        fields.push(("index", placed.number.to_string()));
    }
    if placed.begins {
        fields.extend([("id", id.to_owned()), ("type", quote(kind))]);
    }
    fields.push((kind, tool));
    Some(object(
        &fields,
        &others(element.span.bytes(data), &ELEMENT_KEYS),
    ))
}

/// A function or a custom tool, as far as a piece tells it.
fn tool(data: &[u8], element: &Element, placed: &Placed) -> String {
    let mut fields: Vec<Field> = Vec::new();
    if placed.begins {
        let name = element.name.map_or("\"\"", |name| name.text(data));
        fields.push(("name", name.to_owned()));
    }
    let arguments = element.raw_arguments(data);
    if arguments.is_some() || !placed.early.is_empty() {
        let arguments = format!("{}{}", placed.early, arguments.unwrap_or_default());
        let name = if placed.is_custom {
            "input"
        } else {
            "arguments"
        };
        fields.push((name, quote(&arguments)));
    }
    let inner = element.inner.map_or(&b""[..], |inner| inner.bytes(data));
    object(&fields, &others(inner, &INNER_KEYS))
}
