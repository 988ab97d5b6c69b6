//! One choice of a reply: what is to be done about its blocks, and what is known of its end.

use std::collections::VecDeque;

use super::{dispositions::Ticket, queue::At, reading::BlockId, tally::Tally};
use crate::{Block, BlockKind, Ruling, ToolCall};

/// One of the replies that a request asked for. Messages and Responses have just one.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) tally: Tally,
    /// What is to be done about it, each with its place among what is to be done about all choices.
    pub(crate) tasks: VecDeque<(u64, Task)>,
    /// The calls that are judged, in their order.
    pub(crate) calls: Vec<JudgedCall>,
    /// Calls that stand in the place of texts: they come last.
    pub(crate) late_calls: Vec<ToolCall>,
    /// Where its first judged call begins.
    pub(crate) first_call: Option<At>,
    pub(crate) finishes: Vec<Finish>,
    /// Whether all is said about it.
    pub(crate) is_over: bool,
}

/// Something to be done about a choice.
#[derive(Debug)]
pub(crate) enum Task {
    /// A piece of a block that nobody judges goes out.
    Pass(Ticket, Note),
    Observe(Block),
    Judge(Judged),
    /// A piece of a text.
    Piece(Piece),
    /// The end of a text that came in pieces.
    LastPiece(LastPiece),
    /// All its blocks are judged.
    Close,
}

/// What a piece adds that goes out without anybody having judged it.
#[derive(Debug)]
pub(crate) enum Note {
    Nothing,
    Text(String),
    Block(BlockKind),
    OfCall,
}

/// A block that is judged whole.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) ticket: Ticket,
    /// Where it begins.
    pub(crate) at: At,
    pub(crate) block: Block,
}

/// A piece of a text that policies see as it arrives.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) block: BlockId,
    pub(crate) ticket: Ticket,
    pub(crate) text: String,
}

/// The end of such a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastPiece {
    pub(crate) block: BlockId,
    pub(crate) ticket: Ticket,
}

/// A call and the ruling on it, which is carried out when all are judged.
#[derive(Debug)]
pub(crate) struct JudgedCall {
    pub(crate) ticket: Ticket,
    pub(crate) at: At,
    pub(crate) id: String,
    pub(crate) ruling: Ruling,
}

/// A stop reason that waits for what becomes of the choice.
#[derive(Debug)]
pub(crate) struct Finish {
    pub(crate) ticket: Ticket,
    pub(crate) at: At,
    pub(crate) reason: String,
}

impl Task {
    /// Whether policies are asked.
    pub(crate) fn asks(&self) -> bool {
        matches!(self, Self::Judge(_) | Self::Piece(_) | Self::LastPiece(_))
    }

    /// The bytes that it keeps.
    pub(crate) fn size(&self) -> usize {
        let said = match self {
            Self::Observe(block) | Self::Judge(Judged { block, .. }) => block.size(),
            Self::Piece(piece) => piece.text.len(),
            Self::Pass(_, Note::Text(text)) => text.len(),
            _ => 0,
        };
        said + size_of::<(u64, Self)>()
    }
}

impl Choice {
    /// Whether a piece of a call that nobody judges has yet to go out.
    pub(crate) fn waits_for_a_call(&self) -> bool {
        let mut tasks = self.tasks.iter();
        tasks.any(|(_, task)| matches!(task, Task::Pass(_, Note::OfCall)))
    }
}
