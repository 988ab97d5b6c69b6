//! What texts and tool calls of policies are checked for before they go out.

use crate::{ToolCall, block::arguments};

/// Whether a text says nothing: a turn of such texts alone is refused when the agent sends it back.
pub(crate) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// A call whose arguments can be spliced into JSON: what is no object stands there as a string.
pub(crate) fn normal(call: ToolCall) -> ToolCall {
    let arguments = match crate::json::check(&call.arguments, crate::json::MAX_DEPTH) {
        Ok(()) => call.arguments,
        Err(_) => arguments(&call.arguments),
    };
    ToolCall { arguments, ..call }
}
