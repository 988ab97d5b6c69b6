//! An item as the events that tell it.

use super::{
    event::Kind,
    item::{ItemKind, kind_of, set_content, set_status, string},
    made::{Place, call_event, item_event},
};
use crate::{
    json::{Span, between_quotes, fields, quote, unescape, with_fields},
    openai::items::callers_key,
    sse::Frame,
};

/// A call that ends before its time.
pub(super) struct Cut {
    pub(super) json: String,
    /// The end of its arguments, where it has events of their own.
    pub(super) said: Option<(Kind, String)>,
}

/// A view of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    json: &'a str,
    kind: Option<Span>,
    pub(super) id: Option<Span>,
    pub(super) call_id: Option<Span>,
    pub(super) name: Option<Span>,
    /// The key of its arguments, where it is one of the caller's own tools.
    pub(super) key: Option<&'static str>,
    arguments: Option<Span>,
}

impl<'a> Call<'a> {
    pub(super) fn of(json: &'a str) -> Self {
        let text = json.as_bytes();
        let names = ["type", "id", "call_id", "name", "arguments", "input"];
        let [kind, id, call_id, name, arguments, input] = fields(text, names).unwrap_or_default();
        let key = kind.and_then(|kind| kind.string(text));
        let key = key.and_then(|kind| callers_key(&kind));
        Self {
            json,
            kind,
            id,
            call_id,
            name,
            key,
            arguments: match key {
                Some("arguments") => arguments,
                Some(_) => input,
                None => None,
            },
        }
    }

    /// What a field says.
    pub(super) fn string(&self, field: Option<Span>) -> Option<String> {
        field?.string(self.json.as_bytes())
    }

    /// What tells it from other calls.
    pub(super) fn names(&self) -> [Option<String>; 4] {
        [self.kind, self.id, self.call_id, self.name].map(|field| self.string(field))
    }

    /// Whether it calls a function, whose arguments are JSON.
    pub(super) fn is_function(&self) -> bool {
        self.key == Some("arguments")
    }

    /// Whether its arguments are a string.
    pub(super) fn has_arguments(&self) -> bool {
        let arguments = self.arguments.unwrap_or_default();
        arguments.bytes(self.json.as_bytes()).starts_with(b"\"")
    }

    /// Its arguments as they stand between quotes.
    pub(super) fn raw_arguments(&self) -> &'a [u8] {
        between_quotes(
            self.arguments
                .unwrap_or_default()
                .bytes(self.json.as_bytes()),
        )
    }

    /// The events that tell its arguments.
    fn kinds(&self) -> Option<(Kind, Kind)> {
        match self.key? {
            "arguments" => Some((Kind::ArgumentsDelta, Kind::ArgumentsDone)),
            _ => Some((Kind::InputDelta, Kind::InputDone)),
        }
    }
}

/// An open call with the arguments that it has said so far, which are written as between quotes.
pub(super) fn with_arguments(json: &str, said: &[u8]) -> Cut {
    let call = Call::of(json);
    let Some((key, (_, done))) = call.key.zip(call.kinds()) else {
        return Cut {
            json: json.to_owned(),
            said: None,
        };
    };
    let said = quote(&unescape(said));
    Cut {
        json: with_fields(json, [(key, Some(said.clone()))]),
        said: Some((done, said)),
    }
}

/// All events of an item with this number.
pub(super) fn events(json: &str, item: u64) -> Vec<Frame> {
    let mut events = events_before_end(json, item);
    let id = string(json, "id");
    let place = Place {
        item_id: &id,
        item,
        part: 0,
    };
    events.push(item_event("response.output_item.done", place, json));
    events
}

/// The same but for the last. What a message says stands in that alone.
pub(super) fn events_before_end(json: &str, item: u64) -> Vec<Frame> {
    let id = string(json, "id");
    let place = Place {
        item_id: &id,
        item,
        part: 0,
    };
    let mut open = set_status(json, "in_progress");
    if kind_of(json) == ItemKind::Message {
        open = set_content(&open, &[]);
    }
    let mut told = Vec::new();
    let call = Call::of(json);
    if let Some((key, (delta, done))) = call.key.zip(call.kinds()) {
        let said = call.arguments.map(|said| said.text(json.as_bytes()));
        let said = said.unwrap_or("\"\"");
        told = vec![
            call_event(delta, place, said),
            call_event(done, place, said),
        ];
        open = with_fields(&open, [(key, Some("\"\"".to_owned()))]);
    }
    let mut events = vec![item_event("response.output_item.added", place, &open)];
    events.append(&mut told);
    events
}
