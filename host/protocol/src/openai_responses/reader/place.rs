//! Where in a frame something stands, and what a frame tells.

use super::{Key, Repeats};
use crate::{
    json::Span,
    openai_responses::event::Event,
    reply::reading::{BlockId, Event as Told, What},
};

/// Where in a frame something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// What the frame is; there with the first thing that it says. A whole body is no event.
    pub(in crate::openai_responses) event: Option<Box<Event>>,
    /// The place of the item among those that came, and of the part in its message.
    pub(in crate::openai_responses) item: Option<Key>,
    pub(in crate::openai_responses) part: Option<usize>,
    /// The JSON of the item or part. Empty where it is not in the frame.
    pub(in crate::openai_responses) value: Span,
    /// Whether what stands there is not what came.
    pub(in crate::openai_responses) differs: bool,
    /// The items that the end of the reply repeats.
    pub(in crate::openai_responses) repeats: Option<Box<Repeats>>,
}

pub(in crate::openai_responses) type Events = crate::reply::reading::Events<Place>;

/// What a frame tells, as it is found.
#[derive(Debug)]
pub(in crate::openai_responses) struct FrameEvents<'a> {
    pub(in crate::openai_responses) data: &'a [u8],
    events: Events,
}

impl<'a> FrameEvents<'a> {
    pub(in crate::openai_responses) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            events: Events::new(),
        }
    }

    /// Tells of something at a place.
    pub(in crate::openai_responses) fn push(&mut self, block: BlockId, place: Place, what: What) {
        self.events.push(Told {
            choice: 0,
            block,
            place,
            what,
        });
    }

    pub(in crate::openai_responses) fn is_told(&self) -> bool {
        !self.events.is_empty()
    }

    /// Tells of the reply as a whole.
    pub(in crate::openai_responses) fn push_of_reply(&mut self, what: What) {
        self.push(0, Place::default(), what);
    }

    /// All that is told. `event` says what the frame is; a whole body is none.
    pub(in crate::openai_responses) fn finish(mut self, event: Option<Event>) -> Events {
        if let Some(first) = self.events.first_mut() {
            first.place.event = event.map(Box::new);
        }
        self.events
    }
}
