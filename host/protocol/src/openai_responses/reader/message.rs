//! The message that something is told of.

use super::{FrameEvents, Key, Place};
use crate::{
    BlockKind, Wants,
    json::Span,
    openai_responses::item::is_judged,
    reply::reading::{BlockId, What},
};

/// The message that something is told of.
#[derive(Debug)]
pub(super) struct Message<'a, 'b> {
    pub(super) wants: &'a Wants,
    /// The last number of a block.
    pub(super) blocks: &'a mut BlockId,
    /// Its place among the items.
    pub(super) number: Key,
    /// The number of the group of its parts.
    pub(super) group: BlockId,
    pub(super) events: &'a mut FrameEvents<'b>,
}

impl<'b> Message<'_, 'b> {
    pub(super) fn json(&self, value: Span) -> &'b str {
        value.text(self.events.data)
    }

    pub(super) fn tell(
        &mut self,
        block: BlockId,
        part: Option<usize>,
        (value, differs): Said,
        what: What,
    ) {
        let place = Place {
            item: Some(self.number),
            part,
            value,
            differs,
            ..Place::default()
        };
        self.events.push(block, place, what);
    }

    pub(super) fn judges(&self, kind: BlockKind) -> bool {
        is_judged(kind, self.wants)
    }
}

/// Where something is said, and whether it is something else than what was said before.
pub(super) type Said = (Span, bool);
