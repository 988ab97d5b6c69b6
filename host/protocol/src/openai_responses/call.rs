//! An item as the events that tell it.

use super::{
    event::Kind,
    item::{ItemKind, kind_of, set_content, set_status, string},
    made::{Place, call_event, item_event},
};
use crate::{
    json::{fields, quote, set_fields, unescape},
    sse::Frame,
};

/// A call that ends before its time.
pub(super) struct Cut {
    pub(super) json: String,
    /// The end of its arguments, where it has events of their own.
    pub(super) said: Option<(Kind, String)>,
}

/// Where a call has its arguments, and the events that tell them; nothing where there are none.
fn arguments(json: &str) -> Option<(&'static str, Kind, Kind)> {
    match string(json, "type").as_str() {
        "function_call" => Some(("arguments", Kind::ArgumentsDelta, Kind::ArgumentsDone)),
        "custom_tool_call" => Some(("input", Kind::InputDelta, Kind::InputDone)),
        _ => None,
    }
}

/// An open call with the arguments that it has said so far, which are written as between quotes.
pub(super) fn with_arguments(json: &str, said: &[u8]) -> Cut {
    let Some((key, _, done)) = arguments(json) else {
        return Cut {
            json: json.to_owned(),
            said: None,
        };
    };
    let said = quote(&unescape(said));
    let set = set_fields(json, [(key, Some(said.clone()))]);
    Cut {
        json: set.unwrap_or_else(|_| json.to_owned()),
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
    if let Some((key, delta, done)) = arguments(json) {
        let [said] = fields(json.as_bytes(), [key]).unwrap_or_default();
        let said = said.map_or("\"\"", |said| said.text(json.as_bytes()));
        told = vec![
            call_event(delta, place, said),
            call_event(done, place, said),
        ];
        let emptied = set_fields(&open, [(key, Some("\"\"".to_owned()))]);
        open = emptied.unwrap_or(open);
    }
    let mut events = vec![item_event("response.output_item.added", place, &open)];
    events.append(&mut told);
    events
}
