//! Hears what other processes tell.

use std::time::{Duration, Instant};

use redis::Msg;
use sluice_api::{Gap, GapCause, Happening, LiveEvent};

use super::connection::Heard;
use super::others::{News, Others};
use super::send::BEAT;
use super::state::State;
use crate::bus::{Bus, EventId, ProcessId};

/// The largest message that is read, in bytes. No event is as large.
const LARGEST: usize = 256 << 10;
/// How long the own beats may be missing until the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(15);

/// Passes the events of others on to the bus.
pub(super) struct Receiving {
    bus: Bus,
    process: ProcessId,
    state: State,
    others: Others,
}

impl Receiving {
    pub(super) fn new(bus: Bus, process: ProcessId, state: State) -> Self {
        Self {
            bus,
            process,
            state,
            others: Others::default(),
        }
    }

    /// Runs until the connection is lost. Returns why it counts as lost.
    pub(super) async fn run(&mut self, heard: &mut Heard) -> String {
        let mut check = tokio::time::interval(BEAT);
        let (mut last_own, mut is_sound) = (Instant::now(), false);
        loop {
            let message = tokio::select! {
                message = heard.messages.recv() => message,
                () = heard.lost.cancelled() => None,
                _ = check.tick() => {
                    self.count();
                    if last_own.elapsed() > SILENCE {
                        return "Redis does not pass on what is published".to_owned();
                    }
                    continue;
                }
            };
            let Some(message) = message else {
                return "the connection was lost".to_owned();
            };
            if self.take(&message) == Some(self.process) {
                last_own = Instant::now();
                // Not before: a connection may hear and not be allowed to publish.
                if !std::mem::replace(&mut is_sound, true) {
                    self.state.connected();
                }
            }
        }
    }

    fn count(&self) {
        self.state.others(self.others.there(Instant::now()));
    }

    /// Takes a message. Returns the process that it is of.
    fn take(&mut self, message: &Msg) -> Option<ProcessId> {
        let payload = message.get_payload_bytes();
        let read = read(payload);
        match &read {
            Some(Message::Beat(id)) => self.beat(*id),
            Some(Message::Event(id, event)) => self.event(*id, event),
            None => self.state.unreadable(),
        }
        read.map(|read| read.process())
    }

    fn beat(&mut self, id: EventId) {
        if id.process == self.process {
            return;
        }
        let missing = self.others.beat(id);
        if missing == 0 || self.missed(id, missing) {
            self.others.heard(id, Instant::now());
        }
        self.count();
    }

    fn event(&mut self, id: EventId, event: &LiveEvent) {
        if id.process == self.process {
            return;
        }
        let News::New { missing } = self.others.event(id) else {
            return;
        };
        let before = EventId {
            number: id.number - 1,
            ..id
        };
        if missing > 0 && self.missed(before, missing) {
            self.others.heard(before, Instant::now());
        }
        // One for which there is no room is missed, as the next one tells.
        if self.bus.pass_on(event.clone()) {
            self.state.received();
            self.others.heard(id, Instant::now());
        }
    }

    /// Tells that events are missing, the last of which had this id. Returns whether there was room for that.
    fn missed(&self, last: EventId, missing: u64) -> bool {
        let gap = Gap {
            because: GapCause::Lost,
            missed: Some(missing),
            process: Some(last.process.to_string()),
        };
        let told = self.bus.pass_on(LiveEvent {
            id: last.to_string(),
            at_ms: crate::bus::unix_millis(),
            what: Happening::Gap(gap),
        });
        if told {
            self.state.lost(missing);
        }
        told
    }
}

/// A message of a process.
enum Message {
    /// An event.
    Event(EventId, Box<LiveEvent>),
    /// The process is there. The id is that of its last event.
    Beat(EventId),
}

impl Message {
    fn process(&self) -> ProcessId {
        match self {
            Self::Event(id, _) | Self::Beat(id) => id.process,
        }
    }
}

fn read(payload: &[u8]) -> Option<Message> {
    let text = std::str::from_utf8(payload).ok()?;
    if text.len() > LARGEST {
        return None;
    }
    if let Ok(id) = text.parse() {
        return Some(Message::Beat(id));
    }
    let event: LiveEvent = serde_json::from_str(text).ok()?;
    let id: EventId = event.id.parse().ok()?;
    (id.number > 0).then(|| Message::Event(id, Box::new(event)))
}
