//! Watches for the end of a stream that nobody reads.
//!
//! Some servers send no `[DONE]`. So the frames are looked into that begin or finish a choice, and they alone.

use std::collections::BTreeMap;

use bytes::Bytes;
use memchr::memmem;

use super::{
    MAX_CHOICES,
    chunk::{Event, is_done},
    writer::error_chunk,
};
use crate::{
    ReplyError,
    reply::{
        reading::Gaps,
        watching::{self, Watched},
    },
    sse::Frame,
};

/// Watches a stream of the Chat Completions API.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// The choices that have begun, and whether each has finished.
    choices: BTreeMap<u64, bool>,
    /// The latest frame with data, if all of it was seen.
    latest: Option<Frame>,
}

impl watching::Watch for Watch {
    fn see(&mut self, frame: &Frame, is_template_wanted: bool) -> Watched {
        if is_done(frame) {
            return Watched::Ends;
        }
        if frame.is_loose() {
            return Watched::Passes;
        }
        let data = frame.data();
        self.latest = Some(frame.clone());
        let is_of_choices = memmem::find(data, b"\"role\"").is_some() || finishes(data);
        let event = is_of_choices.then(|| Event::of(frame)).flatten();
        if let Some(event) = &event {
            self.look(event);
        }
        // A frame that only adds to a choice that has begun makes no difference.
        if is_template_wanted
            && let Some(Event::Chunk(chunk)) = event.or_else(|| Event::of(frame))
            && let Some((choice, text)) = chunk.sole_piece()
            && self.choices.contains_key(&choice)
        {
            return Watched::Repeats(Gaps {
                text,
                number: None,
                are_free: true,
            });
        }
        Watched::Passes
    }

    fn see_beginning(&mut self, beginning: &Frame) -> Watched {
        self.latest = None;
        match is_done(beginning) || beginning.event() == b"error" {
            true => Watched::Ends,
            // Its choices may begin or finish anywhere in it.
            false => Watched::Unknown,
        }
    }

    /// A frame may be cut off in its blank line.
    fn is_complete(&self, tail: Option<&Frame>) -> bool {
        let is_error = |frame: &Frame| matches!(Event::of(frame), Some(Event::Error(_)));
        let is_done = |frame: &Frame| matches!(Event::of(frame), Some(Event::Done));
        are_complete(self.choices.iter().map(|(at, finished)| (*at, *finished)))
            || self.latest.as_ref().is_some_and(is_error)
            || tail.is_some_and(|tail| is_error(tail) || is_done(tail))
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        error_chunk(error)
    }
}

impl Watch {
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
