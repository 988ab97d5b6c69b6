//! A block put together from its start and its deltas.

use super::{
    content::{self, kind_of},
    event::DeltaKind,
};
use crate::{
    Block, BlockKind, ToolCall,
    block::arguments,
    json::{self, Fault, fields, set_fields},
};

/// A block of a stream as far as it has come.
#[derive(Debug)]
pub(super) struct Assembly {
    start: String,
    kind: BlockKind,
    /// What the deltas of its kind added, after what the start had.
    text: String,
}

/// The kind of a reply's block, by its JSON. A reply has no results of the caller's tools.
///
/// A key that is read and stands there twice is a fault: the client might read the other one.
pub(super) fn reply_kind(json: &str) -> Result<BlockKind, Fault> {
    let text = json.as_bytes();
    let names = ["type", "text", "thinking", "id", "name", "input"];
    let [kind, ..] = fields(text, names)?;
    let kind = kind.and_then(|kind| kind.string(text)).unwrap_or_default();
    Ok(match kind_of(&kind) {
        BlockKind::ToolResult => BlockKind::Other,
        kind => kind,
    })
}

/// The block of a whole reply.
pub(super) fn reply_block(json: &str) -> Block {
    match content::read(json) {
        Block::ToolResult(_) => Block::Other(json.to_owned()),
        block => block,
    }
}

impl Assembly {
    /// Begins with the `content_block` of the block's start.
    pub(super) fn new(start: &str) -> Self {
        let text = match content::read(start) {
            Block::Text(text) | Block::Thinking(text) => text,
            _ => String::new(),
        };
        Self {
            start: start.to_owned(),
            kind: reply_kind(start).unwrap_or(BlockKind::Other),
            text,
        }
    }

    /// Adds a delta; one of another kind than the block adds nothing, as in the official SDKs.
    pub(super) fn add(&mut self, delta: DeltaKind, said: &str) {
        match (self.kind, delta) {
            (BlockKind::Text, DeltaKind::Text)
            | (BlockKind::Thinking, DeltaKind::Thinking)
            | (BlockKind::ToolCall | BlockKind::Other, DeltaKind::InputJson) => {
                self.text.push_str(said);
            }
            _ => {}
        }
    }

    /// The bytes that are kept for it.
    pub(super) fn size(&self) -> usize {
        self.start.len() + self.text.len()
    }

    /// The finished block.
    pub(super) fn finish(self) -> Block {
        match reply_block(&self.start) {
            Block::Text(_) => Block::Text(self.text),
            Block::Thinking(_) => Block::Thinking(self.text),
            Block::ToolCall(call) if !self.text.is_empty() => Block::ToolCall(ToolCall {
                arguments: arguments(&self.text),
                ..call
            }),
            Block::Other(json) if json::check(&self.text, json::MAX_DEPTH).is_ok() => {
                let merged = set_fields(&json, [("input", Some(self.text))]);
                Block::Other(merged.unwrap_or(json))
            }
            block => block,
        }
    }
}
