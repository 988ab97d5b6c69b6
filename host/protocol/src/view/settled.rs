//! A request's body in which no edit waits.

use bytes::Bytes;

use super::{Dialect, FieldSpans, Index, reader};
use crate::{
    Limits, RequestError,
    json::{Edit, Span, insertion, quote, removals},
    readable::Within,
};

/// A body, and where in it stands what is read. It never changes: an edit makes another one.
#[derive(Debug)]
pub(crate) struct Settled<D: Dialect> {
    body: Bytes,
    index: Index<D::Message>,
    limits: Limits,
}

/// The longest name of a role, in bytes.
const LONGEST_ROLE: usize = 64;

impl<D: Dialect> Settled<D> {
    /// Reads a body in one pass, which copies nothing.
    pub(super) fn read(body: Bytes, limits: Limits) -> Result<Self, RequestError> {
        let index = reader::read::<D>(&body, &limits)?;
        Ok(Self {
            body,
            index,
            limits,
        })
    }

    /// Another body within the same limits.
    pub(super) fn with(&self, body: Bytes) -> Result<Self, RequestError> {
        Self::read(body, self.limits)
    }

    pub(super) fn body(&self) -> Bytes {
        self.body.clone()
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.body
    }

    /// Where in [`text`](Self::text) stands what is read.
    pub(crate) fn index(&self) -> &Index<D::Message> {
        &self.index
    }

    /// How many levels are left for JSON that stands in so many others.
    pub(super) fn depth_in(&self, others: usize) -> usize {
        self.limits.depth.saturating_sub(others)
    }

    pub(super) fn message(&self, at: u32) -> Option<D::Message> {
        self.index.messages.get(at as usize).copied()
    }

    /// The role of a message; empty if there is no such message. Each of its blocks carries it, so of a text that is too long
    /// for the name of a role only the start is taken.
    pub(crate) fn role(&self, message: u32) -> String {
        let message = self.message(message);
        let role = message.map(|message| D::role(&self.body, message));
        let role = role.unwrap_or_default();
        match role.len() > LONGEST_ROLE {
            true => role[..role.floor_char_boundary(LONGEST_ROLE)].to_owned(),
            false => role,
        }
    }

    /// A field of the body; of those that stand there twice, which are none that are read, the last.
    pub(crate) fn field(&self, name: &str) -> Option<FieldSpans> {
        let named = |field: &&FieldSpans| *field.key.name(&self.body) == *name.as_bytes();
        self.index.fields.iter().rev().find(named).copied()
    }

    /// The edit that sets a field.
    pub(crate) fn field_set(&self, name: &str, value: &str) -> Edit {
        match self.field(name) {
            Some(field) => Edit {
                span: field.value,
                with: value.to_owned(),
            },
            None => {
                let entry = format!("{}:{value}", quote(name));
                insertion(&self.body, self.index.whole, &entry)
            }
        }
    }

    /// The edits that take fields out of the body.
    pub(crate) fn without(&self, names: &[&str]) -> Vec<Edit> {
        let fields = &self.index.fields;
        let wholes: Vec<Span> = fields.iter().map(FieldSpans::whole).collect();
        removals(&wholes, |at| {
            let name = fields[at].key.name(&self.body);
            names.iter().any(|gone| *name == *gone.as_bytes())
        })
    }

    /// The edit that puts a message before the first one.
    pub(super) fn ahead(&self, message: &str) -> Option<Edit> {
        let list = self.field(D::MESSAGES)?.value;
        let comma = if self.index.messages.is_empty() {
            ""
        } else {
            ","
        };
        let at = list.start + 1;
        Some(Edit {
            span: Span { start: at, end: at },
            with: format!("{message}{comma}"),
        })
    }

    /// What holds the texts of a message, or those that stand beside the messages.
    pub(super) fn holding_texts(&self, message: Option<u32>) -> Vec<(Span, Within)> {
        let Some(message) = message else {
            let beside = D::BESIDE.iter();
            let beside =
                beside.filter_map(|(name, within)| Some((self.field(name)?.value, *within)));
            return beside.collect();
        };
        let texts = self
            .message(message)
            .and_then(|message| D::texts(&self.body, message));
        texts.into_iter().collect()
    }
}
