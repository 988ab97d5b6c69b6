//! A choice, as far as one chunk tells it or a whole reply.

use super::{Element, Seen, each, number, out_of_shape, said};
use crate::{
    Delivery, Wants,
    json::{Fault, Scanner, Span},
    openai_chat::content,
};

/// The key under which an element of `choices` holds what the model says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_chat) enum Form {
    /// `delta`, of a stream.
    Delta,
    /// `message`, of a whole reply.
    Message,
}

/// An element of `choices`.
#[derive(Debug, Default)]
pub(in crate::openai_chat) struct Entry {
    pub(in crate::openai_chat) span: Span,
    pub(in crate::openai_chat) index: u64,
    /// Its delta or message.
    pub(in crate::openai_chat) said: Option<Span>,
    pub(in crate::openai_chat) has_role: bool,
    pub(in crate::openai_chat) thinking: Option<Span>,
    /// Content that is a text: a string, or a list of texts.
    pub(in crate::openai_chat) content: Option<Span>,
    /// Content of another kind.
    pub(in crate::openai_chat) parts: Option<Span>,
    /// Whether a text is among the parts.
    pub(in crate::openai_chat) mixes_text: bool,
    pub(in crate::openai_chat) refusal: Option<Span>,
    pub(in crate::openai_chat) calls: Vec<Element>,
    pub(in crate::openai_chat) function_call: Option<Element>,
    pub(in crate::openai_chat) finish_reason: Option<Span>,
    pub(in crate::openai_chat) logprobs: Option<Span>,
    /// What stands under the key of the other form, where a client might read it too.
    pub(in crate::openai_chat) other: Option<Span>,
    /// Whether it says something that is newer than this crate.
    pub(in crate::openai_chat) says_more: bool,
}

impl Form {
    pub(in crate::openai_chat) fn key(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Message => "message",
        }
    }
}

impl Entry {
    pub(super) fn parse(scanner: &mut Scanner<'_>, at: usize, form: Form) -> Result<Self, Fault> {
        const NAMES: [&str; 5] = ["delta", "index", "finish_reason", "logprobs", "message"];
        let data = scanner.text();
        let mut entry = Self {
            index: at as u64,
            ..Self::default()
        };
        let mut seen = Seen::default();
        let span = scanner.object(|scanner, key| {
            let name = seen.known(NAMES, key, data)?;
            if name == form.key() {
                return entry.said(scanner);
            }
            let value = said(scanner)?;
            match (name, value) {
                (_, None) => {}
                ("index", Some(value)) => entry.index = number(data, value)?,
                ("finish_reason", Some(_)) => entry.finish_reason = value,
                ("logprobs", Some(_)) => entry.logprobs = value,
                ("delta" | "message", Some(_)) => entry.other = value,
                _ => entry.says_more = true,
            }
            Ok(())
        })?;
        entry.span = span;
        match (entry.said, entry.other) {
            (None, Some(_)) => out_of_shape(span),
            _ => Ok(entry),
        }
    }

    fn content(&mut self, data: &[u8], value: Option<Span>) {
        let Some(value) = value else {
            return;
        };
        match content::kind(value.bytes(data)) {
            content::Kind::Text => self.content = Some(value),
            kind => {
                self.parts = Some(value);
                self.mixes_text = kind == content::Kind::Mixed;
            }
        }
    }

    /// What of it can't be judged, though these wants ask for it.
    pub(in crate::openai_chat) fn unjudgeable(&self, wants: &Wants) -> Option<&'static str> {
        let is_judged = |delivery: Delivery| delivery >= Delivery::Pieces;
        let Wants {
            text,
            thinking,
            tool_call,
            other,
            end,
        } = *wants;
        if self.mixes_text && is_judged(text) {
            return Some("its content has texts among other parts");
        }
        let judges = end
            || [text, thinking, tool_call, other]
                .into_iter()
                .any(is_judged);
        let is_double = self.other.is_some() && judges;
        is_double.then_some("a choice has both a delta and a message")
    }

    /// Whether it says anything that orders what is put in.
    pub(in crate::openai_chat) fn has_content(&self) -> bool {
        self.has_more_than_calls() || self.has_calls()
    }

    pub(in crate::openai_chat) fn has_more_than_calls(&self) -> bool {
        self.has_role
            || self.content.is_some()
            || self.parts.is_some()
            || self.refusal.is_some()
            || self.thinking.is_some()
    }

    pub(in crate::openai_chat) fn has_calls(&self) -> bool {
        !self.calls.is_empty() || self.function_call.is_some()
    }

    fn said(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        const NAMES: [&str; 7] = [
            "content",
            "role",
            "tool_calls",
            "reasoning_content",
            "reasoning",
            "refusal",
            "function_call",
        ];
        let data = scanner.text();
        if scanner.peek() == Some(b'n') {
            scanner.value()?;
            return Ok(());
        }
        let mut seen = Seen::default();
        let mut reasoning = None;
        let span = scanner.object(|scanner, key| {
            let name = seen.known(NAMES, key, data)?;
            match name {
                "tool_calls" => {
                    each(scanner, |scanner, _| {
                        self.calls.push(Element::parse(scanner)?);
                        Ok(())
                    })?;
                    return Ok(());
                }
                "function_call" if scanner.peek() != Some(b'n') => {
                    self.function_call = Some(Element::parse_function_call(scanner)?);
                    return Ok(());
                }
                _ => {}
            }
            let value = said(scanner)?;
            let string = value.filter(|value| value.bytes(data).starts_with(b"\""));
            match name {
                "content" => self.content(data, value),
                "role" => self.has_role = value.is_some(),
                "reasoning_content" => self.thinking = string,
                "reasoning" => reasoning = string,
                "refusal" => self.refusal = string,
                _ => {}
            }
            Ok(())
        })?;
        self.thinking = self.thinking.or(reasoning);
        self.said = Some(span);
        Ok(())
    }
}
