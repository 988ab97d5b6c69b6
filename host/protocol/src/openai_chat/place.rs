//! Where in a chunk, or in a whole reply, something stands.

use crate::{BlockKind, json::Span};

/// A place in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The position in `choices`. `None` where it stands in no choice.
    pub(super) entry: Option<usize>,
    pub(super) piece: Piece,
    /// Where a text or thinking is written, or the arguments of a call.
    pub(super) value: Option<Span>,
}

impl Place {
    /// A frame as a whole.
    pub(super) const WHOLE: Self = Self {
        entry: None,
        piece: Piece::Whole,
        value: None,
    };
}

/// What stands in an element of `choices`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Nothing in particular.
    Whole,
    Role,
    Text(Field),
    /// An element of content that is a list: a text or thinking, or a block of its own.
    Part {
        /// Its position.
        at: usize,
        kind: BlockKind,
    },
    /// An element of `tool_calls`.
    Call {
        /// Its position.
        at: usize,
        /// Its `index`, by which it is told from others; in a whole reply its position.
        number: u64,
        /// Whether it adds to the arguments alone.
        is_bare: bool,
    },
    FunctionCall,
    FinishReason,
}

/// Where a message holds text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Thinking,
    Content,
    Refusal,
}

impl Field {
    /// The kind of block that its text is.
    pub(super) fn kind(self) -> BlockKind {
        match self {
            Self::Thinking => BlockKind::Thinking,
            Self::Content | Self::Refusal => BlockKind::Text,
        }
    }
}
