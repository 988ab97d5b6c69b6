//! What changes in an element of `choices`.

use crate::{
    json::{Span, quote, set_fields},
    openai_chat::{
        amend::{amended, is_idle, with_more},
        chunk::{Entry, Form},
        content::Part,
        place::{Field, Piece},
    },
};

/// What becomes of an element of `choices`.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) loses_role: bool,
    pub(super) loses_thinking: bool,
    pub(super) content: Text,
    /// What becomes of elements of content that is a list, by their position.
    parts: Vec<(usize, Text)>,
    pub(super) refusal: Text,
    /// What stands in the place of an element of `tool_calls`, by its position.
    calls: Vec<(usize, Vec<String>)>,
    /// Elements of `tool_calls` behind those.
    pub(super) made: Vec<String>,
    pub(super) function_call: Option<Json>,
    /// A text, not yet in JSON.
    pub(super) finish_reason: Option<Option<String>>,
}

/// The JSON of a field; none where it is left out.
type Json = Option<String>;

/// What becomes of a text.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// What stands in its place.
    instead: Option<String>,
    /// What stands behind it.
    more: String,
}

/// An element with its changes made.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) json: String,
    /// Whether it still says something.
    pub(super) is_left: bool,
}

impl Text {
    /// Something else stands in its place, behind what does already.
    pub(super) fn say(&mut self, text: &str) {
        self.instead.get_or_insert_default().push_str(text);
    }

    pub(super) fn add(&mut self, text: &str) {
        self.more.push_str(text);
    }

    /// The JSON of it, where that is another; `empty` where nothing is left.
    fn json(&self, data: &[u8], value: Option<Span>, empty: &str) -> Option<String> {
        match (&self.instead, &self.more) {
            (None, more) if more.is_empty() => None,
            (None, more) => Some(with_more(data, value, more)),
            (Some(text), more) if text.is_empty() && more.is_empty() => Some(empty.to_owned()),
            (Some(text), more) => Some(quote(&format!("{text}{more}"))),
        }
    }
}

impl Change {
    /// What becomes of the text in a field that policies change.
    pub(super) fn text(&mut self, field: Field) -> &mut Text {
        match field {
            Field::Refusal => &mut self.refusal,
            Field::Content | Field::Thinking => &mut self.content,
        }
    }

    /// What becomes of a text that stands at this piece: in the field, or in an element of its list.
    pub(super) fn text_at(&mut self, piece: Piece, field: Field) -> &mut Text {
        match piece {
            Piece::Part { at, .. } => self.part(at),
            _ => self.text(field),
        }
    }

    /// What becomes of an element of content that is a list.
    pub(super) fn part(&mut self, at: usize) -> &mut Text {
        let known = self.parts.iter().position(|(part, _)| *part == at);
        let known = known.unwrap_or_else(|| {
            self.parts.push((at, Text::default()));
            self.parts.len() - 1
        });
        &mut self.parts[known].1
    }

    pub(super) fn set_call(&mut self, at: usize, with: Vec<String>) {
        self.calls.push((at, with));
    }

    /// The element with the changes made. None where there are none.
    pub(super) fn made_in(&self, entry: &Entry, data: &[u8], form: Form) -> Option<Changed> {
        let said = entry.said.map_or("{}", |said| said.text(data));
        let changes = self.fields(entry, data, form);
        let with = (!changes.is_empty()).then(|| amended(said, &changes));
        let is_idle = is_idle(with.as_deref().unwrap_or(said));
        let finishes = match &self.finish_reason {
            None => entry.finish_reason.is_some(),
            Some(reason) => reason.is_some(),
        };
        // They would still tell what stood there.
        let logprobs = entry.logprobs.filter(|_| with.is_some());
        let logprobs = logprobs.map(|_| "null".to_owned());
        let reason = self.finish_reason.as_ref();
        let reason = reason.map(|reason| reason.as_deref().map_or("null".to_owned(), quote));
        if with.is_none() && reason.is_none() {
            return None;
        }
        let fields = [
            (form.key(), with),
            ("logprobs", logprobs),
            ("finish_reason", reason),
        ];
        let json = set_fields(entry.span.text(data), fields);
        Some(Changed {
            json: json.unwrap_or_else(|_| "{}".to_owned()),
            is_left: !is_idle || finishes || entry.says_more,
        })
    }

    /// The fields of the delta or message that are others.
    fn fields(&self, entry: &Entry, data: &[u8], form: Form) -> Vec<(&'static str, Json)> {
        let thinking = self.loses_thinking.then_some(None);
        // Clients add up the content of deltas.
        let empty = match form {
            Form::Delta => "\"\"",
            Form::Message => "null",
        };
        let content = match &entry.parts[..] {
            [] => self.content.json(data, entry.content, empty),
            parts => self.list(data, parts, empty),
        };
        let refusal = self.refusal.json(data, entry.refusal, "null");
        let role = self.loses_role.then_some(None);
        let fields: [(&str, Option<Json>); 7] = [
            ("role", role),
            ("reasoning_content", thinking.clone()),
            ("reasoning", thinking),
            ("content", content.map(Some)),
            ("refusal", refusal.map(Some)),
            ("tool_calls", self.tool_calls(entry, data)),
            ("function_call", self.function_call.clone()),
        ];
        let changed = fields.into_iter();
        changed
            .filter_map(|(name, change)| Some((name, change?)))
            .collect()
    }

    /// The JSON of content that is a list, where that is another.
    fn list(&self, data: &[u8], parts: &[Part], empty: &str) -> Option<String> {
        if self.parts.is_empty() && self.content.more.is_empty() {
            return None;
        }
        let mut list = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let json = part.span.text(data);
            let change = self.parts.iter().find(|(changed, _)| *changed == at);
            match change.and_then(|(_, text)| text.instead.as_deref()) {
                None => list.push(json.to_owned()),
                Some("") => {}
                Some(text) => {
                    let text = [("text", Some(quote(text)))];
                    list.extend(set_fields(json, text));
                }
            }
        }
        if !self.content.more.is_empty() {
            let text = quote(&self.content.more);
            list.push(format!(r#"{{"type":"text","text":{text}}}"#));
        }
        Some(match &list[..] {
            [] => empty.to_owned(),
            list => format!("[{}]", list.join(",")),
        })
    }

    fn tool_calls(&self, entry: &Entry, data: &[u8]) -> Option<Json> {
        if self.calls.is_empty() && self.made.is_empty() {
            return None;
        }
        let mut calls: Vec<&str> = Vec::new();
        for (at, element) in entry.calls.iter().enumerate() {
            match self.calls.iter().find(|(changed, _)| *changed == at) {
                Some((_, with)) => calls.extend(with.iter().map(String::as_str)),
                None => calls.push(element.span.text(data)),
            }
        }
        calls.extend(self.made.iter().map(String::as_str));
        Some((!calls.is_empty()).then(|| format!("[{}]", calls.join(","))))
    }
}

/// Whether an element says something that nothing changes.
pub(super) fn is_left(entry: &Entry, data: &[u8]) -> bool {
    let says = |said: Span| !is_idle(said.text(data));
    entry.has_content()
        || entry.said.is_some_and(says)
        || entry.finish_reason.is_some()
        || entry.says_more
}
