//! Frames of our own making.

use bytes::{Bytes, BytesMut};

use super::content::tool_use;
use crate::{ToolCall, json::quote, sse::Frame};

/// A delta of text.
pub(super) fn text_delta(index: u64, text: &str) -> Frame {
    block_delta(index, "text_delta", "text", &quote(text))
}

/// The end of a block.
pub(super) fn block_stop(index: u64) -> Frame {
    let data = format!(r#"{{"type":"content_block_stop","index":{index}}}"#);
    Frame::new("content_block_stop", &data)
}

/// The end of a reply that upstream did not end, or not with these words.
pub(super) fn message_end(stop_reason: &str) -> Bytes {
    let stop_reason = quote(stop_reason);
    let delta = format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":{stop_reason},"stop_sequence":null}},"usage":{{"output_tokens":0}}}}"#
    );
    joined([
        Frame::new("message_delta", &delta),
        Frame::new("message_stop", r#"{"type":"message_stop"}"#),
    ])
}

/// Frames in a row.
pub(super) fn joined(frames: impl IntoIterator<Item = Frame>) -> Bytes {
    let mut bytes = BytesMut::new();
    for frame in frames {
        bytes.extend_from_slice(frame.raw());
    }
    bytes.freeze()
}

/// A block that says `text`.
pub(super) fn text_block(index: u64, text: &str) -> Bytes {
    joined([
        block_start(index, r#"{"type":"text","text":""}"#),
        text_delta(index, text),
        block_stop(index),
    ])
}

/// A tool call.
pub(super) fn call_block(index: u64, call: &ToolCall) -> Bytes {
    rewritten_block(index, &tool_use(call, "{}"), call)
}

/// A tool call with this start.
pub(super) fn rewritten_block(index: u64, start: &str, call: &ToolCall) -> Bytes {
    joined([
        block_start(index, start),
        block_delta(
            index,
            "input_json_delta",
            "partial_json",
            &quote(&call.arguments),
        ),
        block_stop(index),
    ])
}

/// The start of a block with this JSON.
pub(super) fn block_start(index: u64, block: &str) -> Frame {
    let data =
        format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#);
    Frame::new("content_block_start", &data)
}

/// A delta of this kind, with this JSON in its field.
pub(super) fn block_delta(index: u64, kind: &str, field: &str, value: &str) -> Frame {
    let data = format!(
        r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"{kind}","{field}":{value}}}}}"#
    );
    Frame::new("content_block_delta", &data)
}
