//! Finish reasons that may not be the last of their choice.
//!
//! Some servers put a finish reason behind each chunk, and clients take the last. What policies judge is judged when all of it
//! is there, so a chunk with a finish reason waits until the next one says whether its choice goes on. If it does, the reason
//! is taken out. Between the end of a reply and the end of its stream, this costs no time.

use std::collections::BTreeMap;

use crate::{
    Wants,
    json::Edit,
    openai_chat::chunk::{Chunk, Entry, Event},
    sse::Frame,
};

/// The frames from the first one with such a finish reason on.
#[derive(Debug)]
pub(super) struct Finishing {
    /// Whether policies judge anything, without which no end is waited for.
    is_wanted: bool,
    frames: Vec<(Frame, Event)>,
    /// The latest reason of each choice, taken out where it went on.
    reasons: BTreeMap<u64, String>,
    held: usize,
}

impl Finishing {
    pub(super) fn new(wants: Wants) -> Self {
        Self {
            is_wanted: wants.judge_any() || wants.end,
            frames: Vec::new(),
            reasons: BTreeMap::new(),
            held: 0,
        }
    }

    /// Whether a frame goes on at once, and so do those before it.
    pub(super) fn passes(&self, event: &Event) -> bool {
        self.frames.is_empty() && self.reasons.is_empty() && !self.waits_with(event)
    }

    /// The frames that go on, now that this one is there.
    pub(super) fn take(&mut self, frame: Frame, event: Event) -> Vec<(Frame, Event)> {
        if let Event::Chunk(chunk) = &event {
            self.forget(chunk);
        }
        if self.waits_with(&event) {
            self.hold(frame, event);
            return Vec::new();
        }
        let mut frames = self.end();
        if let (Event::Chunk(chunk), false) = (&event, frames.is_empty()) {
            for (frame, event) in &mut frames {
                self.go_on(frame, event, chunk);
            }
            // It may itself have a finish reason.
            frames.extend(self.take(frame, event));
        } else {
            frames.push((frame, event));
        }
        frames
    }

    /// Whether a frame waits: for the next one, or with those before it, of which it says nothing.
    fn waits_with(&self, event: &Event) -> bool {
        match (event, self.frames.is_empty()) {
            (Event::Chunk(chunk), true) => self.is_wanted && finishes(chunk),
            (Event::Chunk(chunk), false) => !says_anything(chunk),
            (Event::Loose, is_first) => !is_first,
            (Event::Done | Event::Error(_), _) => false,
        }
    }

    /// All frames that wait: no others come.
    pub(super) fn end(&mut self) -> Vec<(Frame, Event)> {
        self.held = 0;
        std::mem::take(&mut self.frames)
    }

    /// Bytes that are kept.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// These choices have a reason of their own.
    fn forget(&mut self, chunk: &Chunk) {
        if !self.reasons.is_empty() {
            let finished = chunk.choices.iter();
            for entry in finished.filter(|entry| entry.finish_reason.is_some()) {
                self.reasons.remove(&entry.index);
            }
        }
    }

    /// The reasons of choices that went on and ended without another.
    pub(super) fn left(&mut self) -> BTreeMap<u64, String> {
        std::mem::take(&mut self.reasons)
    }

    fn hold(&mut self, frame: Frame, event: Event) {
        self.held += frame.raw().len() + size_of::<(Frame, Event)>();
        self.frames.push((frame, event));
    }

    /// Takes the finish reasons out of a frame of the choices that go on with this chunk.
    fn go_on(&mut self, frame: &mut Frame, event: &mut Event, chunk: &Chunk) {
        let Event::Chunk(finishing) = &event else {
            return;
        };
        let mut edits = Vec::new();
        for entry in &finishing.choices {
            let mut next = chunk
                .choices
                .iter()
                .filter(|next| next.index == entry.index);
            if let Some(span) = entry.finish_reason
                && next.any(says)
            {
                let reason = span.string(frame.data()).unwrap_or_default();
                self.reasons.insert(entry.index, reason);
                let with = "null".to_owned();
                edits.push(Edit { span, with });
            }
        }
        if edits.is_empty() {
            return;
        }
        *frame = frame.clone().edited(edits);
        if let Some(edited) = Event::of(frame) {
            *event = edited;
        }
    }
}

fn finishes(chunk: &Chunk) -> bool {
    chunk
        .choices
        .iter()
        .any(|entry| entry.finish_reason.is_some())
}

/// Whether a chunk says anything of its choices. Filters of content speak behind the end.
fn says_anything(chunk: &Chunk) -> bool {
    chunk.choices.iter().any(says)
}

fn says(entry: &Entry) -> bool {
    entry.has_blocks() || entry.finish_reason.is_some()
}
