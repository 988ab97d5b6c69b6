//! What most chunks are: one piece of one block.

use super::Chunk;
use crate::{json::Span, openai_chat::turn::Field};

/// The one piece that a chunk brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_chat) struct SolePiece {
    /// The index of its choice.
    pub(in crate::openai_chat) choice: u64,
    pub(in crate::openai_chat) kind: PieceKind,
    /// Where it is written; nothing where that is no string.
    pub(in crate::openai_chat) value: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_chat) enum PieceKind {
    Text(Field),
    /// Arguments of a call.
    Call {
        /// Whether it has an index.
        is_numbered: bool,
    },
}

impl Chunk {
    /// Its piece, where it has just one and finishes nothing.
    pub(in crate::openai_chat) fn sole_piece(&self) -> Option<SolePiece> {
        let [entry] = &self.choices[..] else {
            return None;
        };
        let rest =
            entry.parts.is_some() || entry.function_call.is_some() || entry.finish_reason.is_some();
        if rest {
            return None;
        }
        let texts = (entry.thinking, entry.content, entry.refusal);
        let (kind, value) = match (texts, &entry.calls[..]) {
            ((value, None, None), []) => (PieceKind::Text(Field::Thinking), value),
            ((None, value, None), []) => (PieceKind::Text(Field::Content), value),
            ((None, None, value), []) => (PieceKind::Text(Field::Refusal), value),
            ((None, None, None), [call]) => {
                let is_numbered = call.index.is_some();
                (PieceKind::Call { is_numbered }, call.arguments)
            }
            _ => return None,
        };
        Some(SolePiece {
            choice: entry.index,
            kind,
            value,
        })
    }
}
