//! An item that is not done.

use super::part::Parts;
use crate::{
    json::{Edit, Halves, Span, between_quotes},
    openai_responses::{
        event::{Event, Kind},
        item::{ItemKind, set_status},
        transcript::Transcript,
    },
    sse::Frame,
};

/// What was said of it so far.
#[derive(Debug, Default)]
pub(super) struct OpenItem {
    /// Whether all that is said of it has to agree, since policies judge it.
    pub(super) is_checked: bool,
    /// Its JSON as it was added; `None` where it was not.
    pub(super) added: Option<String>,
    pub(super) transcript: Transcript,
    pub(super) parts: Parts,
    halves: Halves,
}

impl OpenItem {
    pub(super) fn new(is_checked: bool, added: Option<String>) -> Self {
        Self {
            is_checked,
            added,
            ..Self::default()
        }
    }

    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        let added = self.added.as_ref().map_or(0, String::len);
        size_of::<Self>() + added + self.transcript.size() + self.parts.size()
    }

    /// Whether half a letter waits for what it says next.
    pub(super) fn has_half(&self) -> bool {
        self.halves.is_pending()
    }

    /// Takes in what an event of a call or of reasoning says.
    pub(super) fn hear(&mut self, data: &[u8], event: &Event) {
        let part = event.part.map_or(0, |part| part.value);
        self.transcript.hear(event.kind, part, inner(event, data));
    }

    /// Whether a finished item is what its events have said.
    pub(super) fn agrees(&self, kind: ItemKind, json: &str) -> bool {
        match kind {
            ItemKind::Call => self
                .transcript
                .agrees_with_call(self.added.as_deref(), json),
            ItemKind::Reasoning => self.transcript.agrees_with_reasoning(json),
            ItemKind::Message | ItemKind::Other => true,
        }
    }

    /// The frame of an event as it has to be for all clients to read the same from it together with those before. `None`
    /// where that is how it is.
    pub(super) fn mended(&mut self, kind: ItemKind, frame: &Frame, event: &Event) -> Option<Frame> {
        let data = frame.data();
        let value = event.value.unwrap_or_default();
        let with = match (event.kind, kind) {
            (Kind::ItemDone, ItemKind::Call) => self
                .transcript
                .completed(self.added.as_deref(), value.text(data))?,
            (delta, ItemKind::Call | ItemKind::Reasoning) if delta.is_delta() => {
                joined(&mut self.halves, inner(event, data))?
            }
            _ => return None,
        };
        Some(replaced(frame, value, with))
    }

    /// The item as it ends where upstream does not end it.
    pub(super) fn ended(&self, status: &str) -> Option<String> {
        let added = self.added.as_deref()?;
        let json = self.transcript.completed(self.added.as_deref(), added);
        Some(set_status(
            &json.unwrap_or_else(|| added.to_owned()),
            status,
        ))
    }
}

/// What stands between the quotes of what an event says.
pub(super) fn inner<'a>(event: &Event, data: &'a [u8]) -> &'a [u8] {
    between_quotes(event.value.unwrap_or_default().bytes(data))
}

/// A string with the half of a letter before it, where that makes it another.
pub(super) fn joined(halves: &mut Halves, inner: &[u8]) -> Option<String> {
    let joined = halves.join(inner)?;
    Some(format!("\"{}\"", String::from_utf8_lossy(&joined)))
}

/// A frame with another value.
pub(super) fn replaced(frame: &Frame, span: Span, with: String) -> Frame {
    frame.clone().edited(vec![Edit { span, with }])
}
