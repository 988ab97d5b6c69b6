//! Letters whose two halves come in two chunks.

use std::collections::BTreeMap;

use super::Choices;
use crate::{
    json::{Edit, Halves, Span, has_halves},
    openai_chat::chunk::{Entry, Event},
    sse::Frame,
};

/// The halves that wait for the next chunk, by their choice and what they are of.
#[derive(Debug, Default)]
pub(super) struct Letters(BTreeMap<(u64, Of), Halves>);

/// What a text is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Thinking,
    Content,
    Refusal,
    /// The arguments of the call with this index, if it has one.
    Call(Option<u64>),
}

impl Letters {
    /// Whether a half waits.
    pub(super) fn are_pending(&self) -> bool {
        self.0.values().any(Halves::is_pending)
    }

    /// A chunk with the halves of letters put together, in the choices that were asked for.
    pub(super) fn joined(&mut self, frame: Frame, choices: &Choices) -> Frame {
        if !self.are_pending() && !has_halves(frame.data()) {
            return frame;
        }
        let Some(Event::Chunk(chunk)) = Event::of(&frame) else {
            return frame;
        };
        let mut edits = Vec::new();
        for entry in chunk.choices.iter().filter(|entry| choices.is_asked(entry)) {
            for (of, span) in texts(entry) {
                edits.extend(self.edit(frame.data(), (entry.index, of), span));
            }
        }
        frame.edited(edits)
    }

    fn edit(&mut self, data: &[u8], of: (u64, Of), span: Span) -> Option<Edit> {
        if !span.bytes(data).starts_with(b"\"") {
            return None;
        }
        let span = Span {
            start: span.start + 1,
            end: span.end - 1,
        };
        let joined = self.0.entry(of).or_default().join(span.bytes(data))?;
        let with = String::from_utf8_lossy(&joined).into_owned();
        Some(Edit { span, with })
    }
}

/// The strings of a choice that go on in the next chunk.
fn texts(entry: &Entry) -> Vec<(Of, Span)> {
    let texts = [
        (Of::Thinking, entry.thinking),
        (Of::Content, entry.content),
        (Of::Refusal, entry.refusal),
    ];
    let calls = entry.calls.iter().chain(&entry.function_call);
    let calls = calls.map(|call| (Of::Call(call.index), call.arguments));
    let all = texts.into_iter().chain(calls);
    all.filter_map(|(of, span)| Some((of, span?))).collect()
}
