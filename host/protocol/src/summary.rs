//! What is worth keeping of an exchange: where the blocks of a request stand, and what a reply said and cost.
//!
//! Reads bytes that are complete, off the path of the exchange, judged or not. So it takes its time, and what can't be
//! read is left out: the bytes themselves are kept anyway.

use std::ops::Range;

pub use crate::account::Usage;
use crate::{
    Block, BlockKind, Delivery, Reply, Step, Wants,
    account::{Account, Told},
    sse::Decoder,
};
use bytes::Bytes;
use memchr::memmem;

/// All blocks, told afterwards.
pub(crate) const ALL: Wants = Wants {
    text: Delivery::Observe,
    thinking: Delivery::Observe,
    tool_call: Delivery::Observe,
    other: Delivery::Observe,
    end: true,
    redo: false,
};

/// One block of a request, by its place in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where its JSON stands.
    pub range: Range<usize>,
    /// What it is.
    pub kind: PieceKind,
    /// The role of its message, in the dialect's word. Empty for tools.
    pub role: String,
}

/// What a piece of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// A block of the conversation.
    Block(BlockKind),
    /// A part of the system prompt, or of what else stands beside the conversation.
    System,
    /// The declaration of a tool.
    Tool,
}

/// What a reply said and cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The id that upstream gave it.
    pub id: Option<String>,
    /// The model that upstream says it used.
    pub model: Option<String>,
    /// Why the model stopped, in upstream's word.
    pub stop_reason: Option<String>,
    /// What upstream counted.
    pub usage: Usage,
    /// Its blocks. Of a reply that was cut off, those that were complete.
    pub blocks: Vec<Block>,
}

impl PieceKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block(kind) => kind.as_str(),
            Self::System => "system",
            Self::Tool => "tool",
        }
    }
}

/// Reads a complete reply, or what there is of one that was cut off. `reader` reads its blocks, and is there if the API's
/// replies have any.
pub(crate) fn read<A: Account>(
    reply: &Bytes,
    streamed: bool,
    reader: Option<Box<dyn Reply>>,
    frame: usize,
) -> Summary {
    let mut told = Told::default();
    match streamed {
        true => listen::<A>(reply, frame, &mut told),
        false => note::<A>(reply, &mut told),
    }
    let mut summary = Summary {
        id: told.id,
        model: told.model,
        stop_reason: told.stop_reason,
        ..Summary::default()
    };
    if let Some(reader) = reader {
        summary.read_blocks(reader, reply.clone());
    }
    if let Some(raw) = told.usage {
        summary.usage = Usage {
            raw: serde_json::to_string(&raw).ok(),
            ..A::usage(&raw)
        };
    }
    summary
}

fn note<A: Account>(json: &[u8], told: &mut Told) {
    if let Ok(said) = serde_json::from_slice(json) {
        A::tell(&said, told);
    }
}

/// Reads what may tell something of the reply as a whole: its first event, and those that count tokens.
fn listen<A: Account>(reply: &Bytes, frame: usize, told: &mut Told) {
    let mut decoder = Decoder::new(frame);
    decoder.push(reply.clone());
    decoder.end();
    let mut is_first = true;
    while let Ok(Some(frame)) = decoder.next_frame() {
        let data = frame.data();
        if frame.is_loose() {
            continue;
        }
        if is_first || has_usage(data) {
            note::<A>(data, told);
        }
        is_first = false;
    }
}

/// Whether there is an object called `usage` somewhere. `OpenAI`'s frames have a `null` there until the last.
fn has_usage(data: &[u8]) -> bool {
    const KEY: &[u8] = b"\"usage\"";
    let mut found = memmem::find_iter(data, KEY);
    found.any(|at| {
        let behind = data[at + KEY.len()..].trim_ascii_start();
        behind
            .strip_prefix(b":")
            .is_some_and(|value| value.trim_ascii_start().starts_with(b"{"))
    })
}

impl Summary {
    fn read_blocks(&mut self, mut reader: Box<dyn Reply>, reply: Bytes) {
        reader.push(reply);
        reader.end();
        loop {
            match reader.next() {
                Step::Observe(block) => self.blocks.push(block),
                Step::End { stop_reason } => {
                    self.stop_reason.get_or_insert(stop_reason);
                    reader.finish(Vec::new());
                }
                Step::Send(_) => {}
                // Nothing is asked about what is only observed.
                Step::Judge(_) | Step::Piece { .. } | Step::More | Step::Done | Step::Fail(_) => {
                    break;
                }
            }
        }
        self.stop_reason.take_if(|reason| reason.is_empty());
    }
}

#[cfg(test)]
mod tests;
