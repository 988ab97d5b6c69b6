//! Parts of a reply as frames of a stream, their blocks numbered as they go out.

use bytes::{Bytes, BytesMut};

use super::{
    content::{set_call, tool_use},
    event::{Delta, Event},
};
use crate::{ToolCall, compose::Delivered, json::quote, sse::Frame};

/// The frames of one block of upstream's, with what came between them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// Upstream's number of the block.
    pub(super) index: u64,
    pub(super) frames: Vec<Frame>,
}

impl Held {
    /// A frame that belongs to no block.
    pub(super) fn loose(frame: Frame) -> Self {
        Self {
            index: 0,
            frames: vec![frame],
        }
    }

    /// What came between the frames of the block.
    pub(super) fn loose_frames(&self) -> Vec<Frame> {
        let loose = |frame: &&Frame| matches!(Event::parse(frame), Ok(Event::Loose));
        self.frames.iter().filter(loose).cloned().collect()
    }
}

/// Numbers the blocks of a stream.
#[derive(Debug, Default)]
pub(super) struct Emitter {
    next: u64,
}

impl Emitter {
    /// The number of the next block, which is upstream's own as long as nothing was changed.
    pub(super) fn number(&mut self, upstream: u64, changed: bool) -> u64 {
        let index = if changed { self.next } else { upstream };
        self.next = index + 1;
        index
    }

    /// The frames of a part.
    pub(super) fn part(&mut self, part: Delivered<Held>, changed: bool) -> Vec<Bytes> {
        match part {
            Delivered::Loose(held) => held.frames.into_iter().map(Frame::into_raw).collect(),
            Delivered::Upstream(held, _) => {
                let index = self.number(held.index, changed);
                let old = held.index;
                let frames = held.frames.into_iter();
                frames
                    .map(|frame| numbered(frame, old, index).into_raw())
                    .collect()
            }
            Delivered::Rewritten(held, call) => {
                let index = self.number(held.index, changed);
                rewritten(held, index, &call)
            }
            Delivered::Text(text) => vec![text_block(self.number(self.next, true), &text)],
            Delivered::ToolCall(call) => vec![call_block(self.number(self.next, true), &call)],
        }
    }
}

/// `frame`, of a block that upstream numbers `old`, with another number.
pub(super) fn numbered(frame: Frame, old: u64, new: u64) -> Frame {
    if old == new {
        return frame;
    }
    match Event::parse(&frame) {
        Ok(
            Event::BlockStart { index, .. }
            | Event::BlockDelta { index, .. }
            | Event::BlockStop { index },
        ) => frame.with_data(index.span.start..index.span.end, &new.to_string()),
        _ => frame,
    }
}

/// A delta of text.
pub(super) fn text_delta(index: u64, text: &str) -> Frame {
    delta(index, "text_delta", "text", text)
}

/// The end of a block.
pub(super) fn block_stop(index: u64) -> Frame {
    let data = format!(r#"{{"type":"content_block_stop","index":{index}}}"#);
    Frame::new("content_block_stop", &data)
}

/// The end of a reply that upstream did not end, or not with these words.
pub(super) fn message_end(stop_reason: &str) -> Bytes {
    let delta = format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":"{stop_reason}","stop_sequence":null}},"usage":{{"output_tokens":0}}}}"#
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

fn text_block(index: u64, text: &str) -> Bytes {
    joined([
        block_start(index, r#"{"type":"text","text":""}"#),
        text_delta(index, text),
        block_stop(index),
    ])
}

fn call_block(index: u64, call: &ToolCall) -> Bytes {
    joined([
        block_start(index, &tool_use(call, "{}")),
        input_delta(index, &call.arguments),
        block_stop(index),
    ])
}

fn block_start(index: u64, block: &str) -> Frame {
    let data =
        format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#);
    Frame::new("content_block_start", &data)
}

fn input_delta(index: u64, arguments: &str) -> Frame {
    delta(index, "input_json_delta", "partial_json", arguments)
}

fn delta(index: u64, kind: &str, field: &str, value: &str) -> Frame {
    let value = quote(value);
    let data = format!(
        r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"{kind}","{field}":{value}}}}}"#
    );
    Frame::new("content_block_delta", &data)
}

/// Upstream's frames of a tool call: the start says the new name, one delta all the arguments. What came
/// between them is carried elsewhere.
fn rewritten(held: Held, index: u64, call: &ToolCall) -> Vec<Bytes> {
    let mut arguments = Some(input_delta(index, &call.arguments));
    let mut frames = Vec::new();
    for frame in held.frames {
        match Event::parse(&frame) {
            Ok(Event::BlockStart { block, .. }) => {
                let start = set_call(block.text(frame.data()), call, "{}");
                let start = frame.with_data(block.start..block.end, &start);
                frames.push(numbered(start, held.index, index).into_raw());
            }
            Ok(Event::BlockDelta { delta, .. }) => match Delta::parse(frame.data(), delta) {
                Ok(Delta::InputJson(_)) => frames.extend(arguments.take().map(Frame::into_raw)),
                _ => frames.push(numbered(frame, held.index, index).into_raw()),
            },
            Ok(Event::BlockStop { .. }) => {
                frames.extend(arguments.take().map(Frame::into_raw));
                frames.push(numbered(frame, held.index, index).into_raw());
            }
            _ => {}
        }
    }
    frames
}
