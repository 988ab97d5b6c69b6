//! The arguments of a call, which the APIs hold in a string.

use crate::{
    block,
    json::{self, Span, quote},
};

/// What policies see of the raw arguments of a function call: servers leave them empty where there are
/// none.
pub(crate) fn read_arguments(raw: &str) -> String {
    if raw.trim().is_empty() {
        return "{}".to_owned();
    }
    block::arguments(raw)
}

/// What policies see of the input of a custom tool: free text, or what looks like an object.
pub(crate) fn read_input(raw: &str) -> String {
    block::arguments(raw)
}

/// The JSON string that holds these arguments. A JSON string stands for the raw text that it says.
pub(crate) fn write_arguments(arguments: &str) -> String {
    let arguments = arguments.trim();
    if arguments.starts_with('"') && json::check(arguments, json::MAX_DEPTH).is_ok() {
        return arguments.to_owned();
    }
    quote(arguments)
}

/// What `read` makes of the string at `value`. Some servers write an object there instead.
pub(super) fn read_at(text: &[u8], value: Option<Span>, read: fn(&str) -> String) -> String {
    match value {
        None => "{}".to_owned(),
        Some(value) => match value.string(text) {
            Some(raw) => read(&raw),
            None if value.bytes(text) == b"null" => "{}".to_owned(),
            None => block::arguments(value.text(text)),
        },
    }
}

/// The JSON of these arguments in the place of what stands at `value`.
pub(super) fn write_at(text: &[u8], value: Option<Span>, arguments: &str) -> String {
    match value.map(|value| value.bytes(text)) {
        Some([b'{', ..]) if json::is_object(arguments) => arguments.to_owned(),
        _ => write_arguments(arguments),
    }
}
