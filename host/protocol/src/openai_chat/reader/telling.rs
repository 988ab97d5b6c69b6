//! Takes down what a frame tells of a choice.

use super::Events;
use crate::{
    BlockKind, Delivery, Wants,
    json::Span,
    openai_chat::{
        chunk::Form,
        place::{Piece, Place},
    },
    reply::reading::{BlockId, Event, What},
};

/// A frame, and what it tells so far.
#[derive(Debug)]
pub(super) struct Telling<'a> {
    pub(super) form: Form,
    pub(super) wants: Wants,
    pub(super) data: &'a [u8],
    pub(super) choice: u64,
    /// The position of the choice in the frame. `None` where it does not stand there.
    pub(super) entry: Option<usize>,
    /// How many blocks there have been in the reply.
    pub(super) blocks: &'a mut BlockId,
    pub(super) events: &'a mut Events,
}

impl Telling<'_> {
    pub(super) fn tell(&mut self, block: BlockId, piece: Piece, value: Option<Span>, what: What) {
        let place = Place {
            entry: self.entry,
            piece,
            value,
        };
        self.events.push(Event {
            choice: self.choice,
            block,
            place,
            what,
        });
    }

    /// Tells what is about no block.
    pub(super) fn tell_whole(&mut self, what: What) {
        self.tell(0, Piece::Whole, None, what);
    }

    pub(super) fn next_block(&mut self) -> BlockId {
        *self.blocks += 1;
        *self.blocks
    }

    /// How policies want to see blocks of this kind. Only text comes in pieces.
    pub(super) fn delivery(&self, kind: BlockKind) -> Delivery {
        match self.wants.delivery(kind) {
            Delivery::Pieces if kind != BlockKind::Text => Delivery::Whole,
            delivery => delivery,
        }
    }
}
