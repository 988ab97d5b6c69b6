//! What policies ask to see of a reply, and how.

use crate::BlockKind;

/// How the blocks of one kind reach a policy, from the lightest to the heaviest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// Not at all.
    #[default]
    None,
    /// Told afterwards; nothing is held.
    Observe,
    /// Text as it arrives.
    Pieces,
    /// The block is held until it is complete and judged.
    Whole,
}

/// The delivery of each kind of block of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// For text; the one kind that can come in pieces.
    pub text: Delivery,
    /// For thinking.
    pub thinking: Delivery,
    /// For tool calls.
    pub tool_call: Delivery,
    /// For every other kind.
    pub other: Delivery,
    /// Whether a policy is called after the last block.
    pub end: bool,
    /// Whether a block may be [rejected](crate::Reply::reject). What goes out of the reply is kept then, up to
    /// [`Limits::held`](crate::Limits::held), since upstream has to be told of it.
    pub redo: bool,
}

impl Wants {
    /// Nothing is wanted: the reply only passes through.
    pub const NOTHING: Self = Self {
        text: Delivery::None,
        thinking: Delivery::None,
        tool_call: Delivery::None,
        other: Delivery::None,
        end: false,
        redo: false,
    };

    /// How blocks of `kind` are delivered. A reply has no tool results of the caller's tools.
    pub fn delivery(&self, kind: BlockKind) -> Delivery {
        match kind {
            BlockKind::Text => self.text,
            BlockKind::Thinking => self.thinking,
            BlockKind::ToolCall => self.tool_call,
            BlockKind::ToolResult | BlockKind::Other => self.other,
        }
    }

    /// Whether policies may change or stop any block.
    pub(crate) fn judge_any(&self) -> bool {
        let kinds = [self.text, self.thinking, self.tool_call, self.other];
        kinds.into_iter().any(|kind| kind >= Delivery::Pieces)
    }

    /// What satisfies both: the heavier delivery of each kind.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            text: self.text.max(other.text),
            thinking: self.thinking.max(other.thinking),
            tool_call: self.tool_call.max(other.tool_call),
            other: self.other.max(other.other),
            end: self.end || other.end,
            redo: self.redo || other.redo,
        }
    }
}
