//! One choice of a reply: what is left of its blocks, and what is known of its end.

use super::{dispositions::Ticket, queue::At, reading::BlockId, tally::Tally};
use crate::{Block, BlockKind, Ruling, ToolCall};

/// One of the replies that a request asked for. Messages and Responses have just one.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) tally: Tally,
    /// The tally up to the group of the first call that is judged, since a stop throws away what is behind it.
    pub(crate) before_calls: Option<(BlockId, Tally)>,
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
    /// The end of a group.
    EndGroup(Ticket),
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
    pub(crate) group: BlockId,
    /// Whether it is a call that has to go out in one piece.
    pub(crate) is_torn: bool,
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
    pub(crate) group: BlockId,
    pub(crate) id: String,
    /// The call, if it has to go out in one piece.
    pub(crate) torn: Option<ToolCall>,
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

    /// The text of which it is a piece.
    pub(crate) fn text(&self) -> Option<BlockId> {
        match self {
            Self::Piece(piece) => Some(piece.block),
            Self::LastPiece(last) => Some(last.block),
            _ => None,
        }
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
    /// The tallies that something in this group counts in.
    pub(crate) fn tallies(&mut self, group: BlockId) -> impl Iterator<Item = &mut Tally> {
        let before = self.before_calls.as_mut();
        let before = before.filter(|(first, _)| group <= *first);
        std::iter::once(&mut self.tally).chain(before.map(|(_, tally)| tally))
    }

    /// Whether a call went out of it that nobody judges. What stands behind one that is judged waits.
    pub(crate) fn has_call_out(&self) -> bool {
        let before = self.before_calls.as_ref();
        before.map_or(&self.tally, |(_, tally)| tally).calls()
    }

    /// Another reply of upstream's goes on behind what went out.
    pub(crate) fn begin_next(&mut self) {
        let mut tally = std::mem::take(&mut self.tally);
        tally.begin_next();
        *self = Self {
            tally,
            ..Self::default()
        };
    }

    /// A call begins that is judged.
    pub(crate) fn holds_call(&mut self, at: At, group: BlockId) {
        if self.first_call.is_none() {
            self.first_call = Some(at);
            self.before_calls = Some((group, self.tally.clone()));
        }
    }
}
