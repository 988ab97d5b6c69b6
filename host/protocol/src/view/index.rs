//! Where in a body stands what policies read and edit.

use crate::json::{Fault, Key, Scanner, Span};

/// The places in a body.
#[derive(Debug)]
pub(crate) struct Index<M> {
    /// The body's object.
    pub(crate) whole: Span,
    /// The model's string; empty where there is none.
    pub(crate) model: Span,
    /// Whether the caller asks for a streamed reply.
    pub(crate) stream: bool,
    pub(crate) messages: Vec<M>,
    pub(crate) tools: Vec<ToolSpans>,
    /// Every field of the body, in order.
    pub(crate) fields: Vec<FieldSpans>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ToolSpans {
    pub(crate) whole: Span,
    /// Its name's string; nothing where it has none.
    pub(crate) name: Option<Span>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldSpans {
    pub(crate) key: Key,
    pub(crate) value: Span,
}

impl FieldSpans {
    /// The field from its key's quote to its value's end.
    pub(crate) fn whole(&self) -> Span {
        Span {
            start: self.key.span.start - 1,
            end: self.value.end,
        }
    }

    /// The fields of the object at `object`, in order; none where it is no object.
    pub(crate) fn all(text: &[u8], object: Span) -> Vec<Self> {
        let mut fields = Vec::new();
        let mut scanner = Scanner::new(object.bytes(text), crate::json::MAX_DEPTH);
        let all = scanner.object(|scanner, mut key| {
            key.span = key.span.shifted(object.start);
            let value = scanner.value()?.shifted(object.start);
            fields.push(Self { key, value });
            Ok::<(), Fault>(())
        });
        if all.is_err() {
            fields.clear();
        }
        fields
    }
}
