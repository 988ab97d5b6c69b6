//! An event as it is kept: read once, written once, shared by all who hear of it.

use std::time::Instant;

use bytes::Bytes;
use sluice_api::LiveEvent;

use super::id::{EventId, LastSeen, ProcessId};

/// An event, with the bytes by which it is sent.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: EventId,
    /// The event.
    pub event: LiveEvent,
    /// The event as a server-sent event.
    pub frame: Bytes,
    /// The event as JSON: a part of the frame.
    pub json: Bytes,
    pub(super) arrived: Instant,
}

impl Entry {
    /// Writes an event. `from` is the process that tells it.
    pub(super) fn new(id: EventId, event: LiveEvent, from: ProcessId, arrived: Instant) -> Self {
        let json = serde_json::to_string(&event).expect("names and numbers are JSON");
        let kind = event.what.kind().as_str();
        let seen = LastSeen {
            event: id,
            from: Some(from),
        };
        let head = format!("id: {seen}\nevent: {kind}\ndata: ");
        let frame = Bytes::from(format!("{head}{json}\n\n"));
        Self {
            id,
            json: frame.slice(head.len()..head.len() + json.len()),
            frame,
            event,
            arrived,
        }
    }

    /// About how many bytes it takes: its names stand in the event and in the frame.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + 2 * self.frame.len()
    }
}
