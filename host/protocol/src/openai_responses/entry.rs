//! A frame on its way through a reply.

use super::{
    event::Event,
    made::{Place, item_event},
};
use crate::{json::Edit, sse::Frame};

/// A frame with what it says, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) frame: Frame,
    pub(super) event: Event,
    pub(super) origin: Origin,
}

/// Where a frame comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Upstream,
    /// It stands for an event that upstream left out, and does not go out.
    Implied,
    /// Our own making. Where upstream numbers no events it goes out without a number.
    Made,
}

impl Entry {
    /// A frame of upstream's.
    pub(super) fn read(frame: Frame) -> Result<Self, String> {
        let event = Event::parse(&frame)?;
        Ok(Self {
            frame,
            event,
            origin: Origin::Upstream,
        })
    }

    /// A frame of our own making.
    pub(super) fn made(frame: Frame) -> Self {
        let event = Event::parse(&frame).unwrap_or(Event::LOOSE);
        Self {
            frame,
            event,
            origin: Origin::Made,
        }
    }

    /// The end of an item that only the end of the reply tells of.
    pub(super) fn implied(index: u64, item: &str) -> Self {
        let place = Place {
            item_id: "",
            item: index,
            part: 0,
        };
        Self {
            origin: Origin::Implied,
            ..Self::made(item_event("response.output_item.done", place, item))
        }
    }

    /// Upstream's number of the item that it is about.
    pub(super) fn item(&self) -> Option<u64> {
        Some(self.event.item?.value)
    }

    /// Upstream's number of the part that it is about.
    pub(super) fn part(&self) -> Option<u64> {
        Some(self.event.part?.value)
    }

    /// The bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.frame.raw().len()
    }

    /// The JSON that it carries.
    pub(super) fn value(&self) -> &str {
        let span = self.event.value.unwrap_or_default();
        span.text(self.frame.data())
    }

    /// The string that it carries.
    pub(super) fn said(&self) -> Option<String> {
        self.event.value?.string(self.frame.data())
    }

    /// What stands between the quotes of the string that it carries.
    pub(super) fn raw_said(&self) -> &[u8] {
        match self.value().as_bytes() {
            [b'"', inner @ .., b'"'] => inner,
            _ => &[],
        }
    }

    /// The entry with another value, and without the probabilities of the old one.
    pub(super) fn saying(&self, value: String) -> Self {
        let mut edits = vec![Edit {
            span: self.event.value.unwrap_or_default(),
            with: value,
        }];
        edits.extend(self.event.logprobs.map(|span| Edit {
            span,
            with: "[]".to_owned(),
        }));
        self.edited(edits)
    }

    /// The entry with these edits made.
    pub(super) fn edited(&self, edits: Vec<Edit>) -> Self {
        if edits.is_empty() {
            return self.clone();
        }
        let frame = super::event::edited(&self.frame, edits);
        let event = Event::parse(&frame).unwrap_or(Event::LOOSE);
        Self {
            frame,
            event,
            ..self.clone()
        }
    }
}
