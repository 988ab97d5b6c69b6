//! Where a call of the `OpenAI` APIs has its arguments, and what stands there.

pub(crate) use crate::arguments::{read_arguments, write_arguments};
use crate::{
    block,
    json::{self, Span},
};

/// What policies see of the input of a custom tool: free text, or what looks like an object.
pub(crate) fn read_input(raw: &str) -> String {
    block::arguments(raw)
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
