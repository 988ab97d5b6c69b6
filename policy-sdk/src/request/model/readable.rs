//! Finds the texts of a body in memory by the host's rules.
//!
//! `readable.json`, in the tests of the host's protocol crate, keeps the two the same.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::request::{Place, PlacedText};

/// A text, and how to put it back.
pub(super) struct Found {
    pub(super) text: PlacedText,
    /// Its place within the value that was read, as a JSON Pointer.
    pub(super) pointer: String,
    pub(super) coding: Coding,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    /// The arguments of a call: JSON, or a string that holds it.
    Call,
    Base64,
    DataUrl,
}

#[derive(Clone, Copy)]
enum Within {
    Said(Place),
    Holds(Place),
    Call,
    Coded(Coding),
    Nothing,
}

/// The texts of a message.
pub(super) fn of_message(message: &Value) -> Vec<Found> {
    let role = message["role"].as_str();
    let kind = message["type"].as_str().unwrap_or_default();
    let outer = match role {
        Some("system" | "developer") => Place::System,
        Some("tool" | "function") => Place::ToolResult,
        None if kind.ends_with("_output") => Place::ToolResult,
        _ => Place::Text,
    };
    let mut found = Vec::new();
    if let Some(place) = place_of(kind, outer) {
        match message {
            Value::Object(_) => read_object(message, place, true, String::new(), &mut found),
            _ => read(message, Within::Said(place), String::new(), &mut found),
        }
    }
    found
}

/// The texts of a field besides the messages.
pub(super) fn of_field(name: &str, value: &Value) -> Vec<Found> {
    let within = match name {
        "system" | "instructions" => Within::Said(Place::System),
        _ => Within::Holds(Place::Document),
    };
    let mut found = Vec::new();
    read(value, within, String::new(), &mut found);
    found
}

impl Found {
    /// The JSON value with this text replaced.
    pub(super) fn write(&self, old: &Value, text: &str) -> Value {
        let url = || {
            let (header, _) = old.as_str()?.split_once(',')?;
            header
                .ends_with(";base64")
                .then(|| format!("{header},{}", STANDARD.encode(text)))
        };
        match self.coding {
            Coding::Plain => Value::from(text),
            Coding::Base64 => Value::from(STANDARD.encode(text)),
            Coding::DataUrl => Value::from(url().unwrap_or_else(|| text.to_owned())),
            Coding::Call => match (old, serde_json::from_str(text)) {
                (Value::String(_), Ok(Value::String(raw))) => Value::from(raw),
                (Value::String(_), _) => Value::from(text),
                (_, Ok(arguments)) => arguments,
                (_, Err(_)) => Value::from(text),
            },
        }
    }
}

fn read(value: &Value, within: Within, pointer: String, found: &mut Vec<Found>) {
    let (place, coding) = match (within, value) {
        (Within::Said(place), Value::String(_)) => (place, Coding::Plain),
        (Within::Coded(coding), Value::String(_)) => (Place::Document, coding),
        (Within::Call, Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            (Place::ToolCall, Coding::Call)
        }
        (Within::Said(_) | Within::Holds(_), Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                read(item, within, format!("{pointer}/{at}"), found);
            }
            return;
        }
        (Within::Said(outer) | Within::Holds(outer), Value::Object(_)) => {
            let kind = value["type"].as_str().unwrap_or_default();
            if let Some(place) = place_of(kind, outer) {
                read_object(value, place, false, pointer, found);
            }
            return;
        }
        _ => return,
    };
    if let Some(text) = said(value, coding) {
        found.push(Found {
            text: PlacedText { place, text },
            pointer,
            coding,
        });
    }
}

fn read_object(
    object: &Value,
    place: Place,
    is_message: bool,
    pointer: String,
    found: &mut Vec<Found>,
) {
    let fields = object.as_object().into_iter().flatten();
    for (key, value) in fields {
        let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
        match (key.as_str(), value) {
            ("variables", Value::Object(all)) => {
                for (name, value) in all {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    let within = Within::Said(Place::Document);
                    read(value, within, format!("{pointer}/{name}"), found);
                }
            }
            ("data", _) if !is_message => read(value, data(object, place), pointer, found),
            (key, value) => read(value, within(key, place), pointer, found),
        }
    }
}

fn within(key: &str, place: Place) -> Within {
    match key {
        "text" | "content" | "output" | "outputs" | "results" | "refusal" | "stdout" | "stderr"
        | "logs" | "lines" | "transcript" | "reason" | "error" | "message" | "error_message"
        | "revised_prompt" => Within::Said(place),
        "title" | "context" | "cited_text" | "document_title" => Within::Said(Place::Document),
        "source" | "citations" | "annotations" | "document" => Within::Holds(Place::Document),
        "file" | "resource" | "function" | "custom" | "tool_calls" | "function_call" => {
            Within::Holds(place)
        }
        "input" | "arguments" | "action" | "actions" | "operation" | "code" | "query"
        | "queries" => Within::Call,
        "file_data" => Within::Coded(Coding::DataUrl),
        _ => Within::Nothing,
    }
}

fn data(object: &Value, place: Place) -> Within {
    let media = object["media_type"].as_str().unwrap_or_default();
    match object["type"].as_str().unwrap_or_default() {
        "base64" if is_text(media) => Within::Coded(Coding::Base64),
        "base64" | "image" | "audio" | "video" | "file" | "input_audio" => Within::Nothing,
        _ => Within::Said(place),
    }
}

fn place_of(kind: &str, outer: Place) -> Option<Place> {
    let is_outermost = matches!(outer, Place::System | Place::Text);
    Some(match kind {
        "thinking" | "redacted_thinking" | "reasoning" | "reasoning_text" | "summary_text" => {
            return None;
        }
        "document" | "search_result" => Place::Document,
        "" | "text" | "input_text" | "output_text" | "refusal" | "message" | "content"
        | "function" | "custom" => outer,
        _ if !is_outermost => outer,
        _ if ["_result", "_output", "_call"]
            .iter()
            .any(|end| kind.ends_with(end)) =>
        {
            Place::ToolResult
        }
        _ => Place::Document,
    })
}

fn said(value: &Value, coding: Coding) -> Option<String> {
    let Value::String(text) = value else {
        return Some(value.to_string());
    };
    match coding {
        Coding::Plain => Some(text.clone()),
        Coding::Base64 => decode(text),
        Coding::DataUrl => {
            let (header, payload) = text.split_once(',')?;
            let media = header.strip_prefix("data:")?;
            match media.strip_suffix(";base64") {
                Some(media) => is_text(media).then(|| decode(payload))?,
                None => is_text(media).then(|| text.clone()),
            }
        }
        Coding::Call => match serde_json::from_str(text) {
            Ok(Value::Object(_)) => Some(text.clone()),
            _ => Some(Value::from(text.as_str()).to_string()),
        },
    }
}

fn decode(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// The content types that tests of policies use. The host knows more.
fn is_text(media: &str) -> bool {
    let name = media.split(';').next().unwrap_or_default();
    name.is_empty() || name.starts_with("text/") || name == "application/json"
}
