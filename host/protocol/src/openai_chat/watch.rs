//! Whether a stream that nobody reads is complete when it ends without `[DONE]`.
//!
//! Looks into those frames alone that begin or finish a choice.

use std::collections::BTreeMap;

use memchr::memmem;

use crate::{
    openai_chat::{MAX_CHOICES, chunk::Event},
    sse::Frame,
};

#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The choices that have begun, and whether each has finished.
    choices: BTreeMap<u64, bool>,
    /// The latest frame with data.
    latest: Option<Frame>,
}

impl Watch {
    /// Takes a frame in. What it says is there if it had to be read.
    pub(super) fn see(&mut self, frame: &Frame) -> Option<Event> {
        let data = frame.data();
        self.latest = Some(frame.clone());
        if memmem::find(data, b"\"role\"").is_none() && !finishes(data) {
            return None;
        }
        let event = Event::of(frame)?;
        self.look(&event);
        Some(event)
    }

    /// Whether the stream may end here, with a frame that is cut off in its blank line at most.
    pub(super) fn is_complete(&self, tail: Option<&Frame>) -> bool {
        let is_error = |frame: &Frame| matches!(Event::of(frame), Some(Event::Error(_)));
        let is_done = |frame: &Frame| matches!(Event::of(frame), Some(Event::Done));
        are_complete(self.choices.iter().map(|(at, finished)| (*at, *finished)))
            || self.latest.as_ref().is_some_and(is_error)
            || tail.is_some_and(|tail| is_error(tail) || is_done(tail))
    }

    /// Whether this choice has begun.
    pub(super) fn knows(&self, choice: u64) -> bool {
        self.choices.contains_key(&choice)
    }

    fn look(&mut self, event: &Event) {
        let Event::Chunk(chunk) = event else {
            return;
        };
        let choices = chunk.choices.iter();
        for choice in choices.filter(|choice| choice.index < MAX_CHOICES) {
            *self.choices.entry(choice.index).or_default() |= choice.finish_reason.is_some();
        }
    }
}

/// Whether no choice is missing, as far as can be seen: each has finished, and none between them has not
/// begun.
pub(super) fn are_complete(choices: impl Iterator<Item = (u64, bool)>) -> bool {
    let mut count = 0;
    for (index, finished) in choices {
        if index != count || !finished {
            return false;
        }
        count += 1;
    }
    count > 0
}

/// Whether there may be a finish reason in this data: one that is not null.
fn finishes(data: &[u8]) -> bool {
    const KEY: &[u8] = b"\"finish_reason\"";
    memmem::find_iter(data, KEY).any(|at| {
        let value = data.get(at + KEY.len()..).unwrap_or_default();
        let mut value = value.iter().filter(|byte| !byte.is_ascii_whitespace());
        value.nth(1) != Some(&b'n')
    })
}
