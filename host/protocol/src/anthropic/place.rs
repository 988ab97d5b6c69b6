//! Where in a frame something stands, and events of the only choice that there is.

use super::event::{DeltaKind, Index};
use crate::{
    json::Span,
    reply::reading::{self, BlockId, What},
};

/// Where in a frame something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The index of a block's event.
    pub(super) index: Option<Index>,
    /// The JSON of a block's start, the string of a text, or the stop reason.
    pub(super) value: Option<Span>,
    /// The kind of a delta.
    pub(super) delta: Option<DeltaKind>,
}

impl Place {
    /// Of an event that says nothing of a block but its index.
    pub(super) fn of_block(index: Index) -> Self {
        Self {
            index: Some(index),
            ..Self::default()
        }
    }

    /// Of something that is about no block's event.
    pub(super) fn of_value(value: Option<Span>) -> Self {
        Self {
            value,
            ..Self::default()
        }
    }
}

/// The events of a frame.
pub(super) type Events = reading::Events<Place>;

/// An event about a block, or about none.
pub(super) fn told(block: BlockId, place: Place, what: What) -> reading::Event<Place> {
    reading::Event {
        choice: 0,
        block,
        place,
        what,
    }
}
