//! What no request may hold, whichever dialect it is written in.

use crate::{Block, EditError, ToolCall, compose::is_blank, json};

/// An edit that makes a request that the API refuses.
pub(crate) fn illegal(what: &str) -> EditError {
    EditError::Illegal(what.to_owned())
}

/// Whether a policy may put `block` into a request; its JSON may take `depth` levels. A tool call is
/// left to `check_call`.
pub(crate) fn check_block(
    block: &Block,
    depth: usize,
    check_call: impl Fn(&ToolCall) -> Result<(), EditError>,
) -> Result<(), EditError> {
    match block {
        Block::Text(text) if is_blank(text) => Err(illegal("a text block must not be blank")),
        Block::Text(_) => Ok(()),
        Block::Thinking(_) => Err(illegal(
            "thinking is signed by the provider and can't be made",
        )),
        Block::ToolCall(call) => {
            check_call(call)?;
            // The arguments stand one level deeper than the call.
            check_depth(&call.arguments, depth.saturating_sub(1))
        }
        Block::ToolResult(result) if result.call_id.is_empty() => {
            Err(illegal("a tool result needs the id of its call"))
        }
        Block::ToolResult(_) => Ok(()),
        Block::Other(json) if json::is_object(json) => check_depth(json, depth),
        Block::Other(_) => Err(illegal("a block must be a JSON object")),
    }
}

fn check_depth(json: &str, depth: usize) -> Result<(), EditError> {
    json::check(json, depth).map_err(|fault| EditError::NotJson(fault.to_string()))
}
