//! The body of a whole reply. Of several one goes out: what is left of those before stands ahead of what the last one says.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Writer, draft::Draft};
use crate::{
    json::{Edit, splice, with_fields},
    openai_chat::chunk::{Chunk, Entry, Form},
    reply::writing::Stop,
};

/// What is said in a message, one behind the other.
const SAID: [&str; 4] = ["content", "refusal", "reasoning_content", "reasoning"];

impl Writer {
    pub(super) fn stop_body(&mut self, stops: Vec<Stop>, out: &mut Vec<Bytes>) {
        let Some(mut draft) = self.stopped.take() else {
            return;
        };
        for stop in stops {
            let Some(entry) = draft.entry_of(stop.choice) else {
                continue;
            };
            let text = stop.text.map(|text| self.sent(stop.choice).add(&text));
            let change = draft.change(entry);
            change.content.add(&text.unwrap_or_default());
            change.finish_reason = Some(Some(stop.reason));
        }
        self.send_body(draft, out);
    }

    /// Sends a body, behind what is left of those before it.
    pub(super) fn send_body(&mut self, draft: Draft, out: &mut Vec<Bytes>) {
        draft.finish(out);
        if let (Some(before), Some(body)) = (self.before.take(), out.last_mut()) {
            *body = joined(&before, body);
        }
    }
}

/// A body whose messages say what those of `before` say, and then their own.
fn joined(before: &[u8], body: &Bytes) -> Bytes {
    let chunks = [before, body].map(|body| Chunk::parse(body, Form::Message));
    let [Ok(before_it), Ok(chunk)] = chunks else {
        return body.clone();
    };
    let edits = chunk.choices.iter().filter_map(|entry| {
        let mut others = before_it.choices.iter();
        let other = others.find(|other| other.index == entry.index)?;
        let span = entry.said?;
        let with = message(&said(other, before), span.text(body), &said(entry, body));
        Some(Edit { span, with })
    });
    Bytes::from(splice(body, edits.collect()))
}

fn said(entry: &Entry, body: &[u8]) -> Map<String, Value> {
    let message = entry.said.unwrap_or_default().bytes(body);
    serde_json::from_slice(message).unwrap_or_default()
}

fn message(before: &Map<String, Value>, json: &str, says: &Map<String, Value>) -> String {
    let values = SAID.map(|name| {
        let one = before.get(name).filter(|one| is_said(one));
        (name, one.map(|one| behind(one, says.get(name)).to_string()))
    });
    with_fields(json, values)
}

fn is_said(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(parts) => !parts.is_empty(),
        _ => false,
    }
}

/// A text, or a list of parts, behind another one.
fn behind(one: &Value, other: Option<&Value>) -> Value {
    match (one, other.filter(|other| is_said(other))) {
        (one, None) => one.clone(),
        (Value::String(one), Some(Value::String(other))) => Value::from(format!("{one}{other}")),
        (one, Some(other)) => {
            let mut parts = parts(one);
            parts.extend(self::parts(other));
            Value::from(parts)
        }
    }
}

fn parts(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(parts) => parts.clone(),
        text => vec![serde_json::json!({ "type": "text", "text": text })],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(message: &str) -> String {
        format!(
            r#"{{"id":"x","choices":[{{"index":0,"message":{message},"finish_reason":"stop"}}],"usage":1.50}}"#
        )
    }

    #[test]
    fn what_was_said_before_stands_ahead() {
        let text = r#"{"role":"assistant","content":"a\n","refusal":null,"reasoning":""}"#;
        let parts = r#"{"role":"assistant","content":[{"type":"thinking","thinking":[]}]}"#;
        let silent = r#"{"role":"assistant","content":null}"#;
        for (before, after, both) in [
            (
                text,
                text,
                r#"{"role":"assistant","content":"a\na\n","refusal":null,"reasoning":""}"#,
            ),
            (text, silent, r#"{"role":"assistant","content":"a\n"}"#),
            (silent, text, text),
            (
                text,
                parts,
                r#"{"role":"assistant","content":[{"text":"a\n","type":"text"},{"thinking":[],"type":"thinking"}]}"#,
            ),
            (
                parts,
                text,
                r#"{"role":"assistant","content":[{"thinking":[],"type":"thinking"},{"text":"a\n","type":"text"}],"refusal":null,"reasoning":""}"#,
            ),
            (text, "{}", r#"{"content":"a\n"}"#),
        ] {
            let joined = joined(body(before).as_bytes(), &Bytes::from(body(after)));
            assert_eq!(str::from_utf8(&joined).unwrap(), body(both));
        }
    }
}
