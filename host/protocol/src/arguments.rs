//! The arguments of a call that an API holds in a string.

use crate::{
    block,
    json::{self, quote},
};

/// Returns what policies see of the raw arguments of a function call. Servers leave them empty if there
/// are none.
pub(crate) fn read_arguments(raw: &str) -> String {
    if raw.trim().is_empty() {
        return "{}".to_owned();
    }
    block::arguments(raw)
}

/// Returns the JSON string that holds these arguments. Arguments that are a JSON string already stay as they
/// are: policies get raw text in this form.
pub(crate) fn write_arguments(arguments: &str) -> String {
    let arguments = arguments.trim();
    if arguments.starts_with('"') && json::check(arguments, json::MAX_DEPTH).is_ok() {
        return arguments.to_owned();
    }
    quote(arguments)
}
