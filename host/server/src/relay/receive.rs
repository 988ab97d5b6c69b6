//! Hears what other processes tell.

use std::time::{Duration, Instant};

use sluice_api::{Gap, GapCause, Happening, LiveEvent};

use super::connection::Heard;
use super::others::{News, Others};
use super::send::BEAT;
use super::state::State;
use crate::bus::{Bus, EventId, ProcessId};
use crate::clock::unix_millis;

/// The largest message that is read, in bytes. No event is as large.
pub(super) const LARGEST: usize = 256 << 10;
/// How long nothing may come, not even a beat of this process itself, until the connection counts as lost.
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
        let (mut last, mut is_sound) = (Instant::now(), false);
        loop {
            let message = tokio::select! {
                biased;
                _ = check.tick() => {
                    self.count();
                    if last.elapsed() > SILENCE {
                        return "Redis does not pass on what is published".to_owned();
                    }
                    continue;
                }
                // What came before the connection was lost is read all the same.
                message = heard.messages.recv() => message,
                () = heard.lost.cancelled() => None,
            };
            let Some(message) = message else {
                return "the connection was lost".to_owned();
            };
            last = Instant::now();
            // Not before: a connection may hear and not be allowed to publish.
            if self.take(&message).await == Some(self.process)
                && !std::mem::replace(&mut is_sound, true)
            {
                self.state.connected();
            }
        }
    }

    fn count(&self) {
        self.state.others(self.others.there(Instant::now()));
    }

    /// Takes a message. Returns the process that it is of.
    async fn take(&mut self, message: &[u8]) -> Option<ProcessId> {
        let Some(read) = read(message) else {
            self.state.unreadable();
            return None;
        };
        match read {
            Message::Beat(id) => {
                self.beat(id).await;
                Some(id.process)
            }
            Message::Event(id, event) => {
                self.event(id, *event).await;
                Some(id.process)
            }
        }
    }

    async fn beat(&mut self, id: EventId) {
        if id.process == self.process {
            return;
        }
        let missing = self.others.beat(id);
        if missing > 0 {
            self.missed(id, missing).await;
        }
        self.others.heard(id, Instant::now());
        self.count();
    }

    async fn event(&mut self, id: EventId, event: LiveEvent) {
        if id.process == self.process {
            return;
        }
        let News::New { missing } = self.others.event(id) else {
            return;
        };
        if missing > 0 {
            let number = id.number - 1;
            self.missed(EventId { number, ..id }, missing).await;
        }
        self.bus.pass_on(event).await;
        self.state.received();
        self.others.heard(id, Instant::now());
    }

    /// Tells that events are missing, the last of which had this id.
    async fn missed(&self, last: EventId, missing: u64) {
        let gap = Gap {
            because: GapCause::Lost,
            missed: Some(missing),
            process: Some(last.process.to_string()),
        };
        let event = LiveEvent {
            id: last.to_string(),
            at_ms: unix_millis(),
            what: Happening::Gap(gap),
        };
        self.bus.pass_on(event).await;
        self.state.lost(missing);
    }
}

/// A message of a process.
enum Message {
    /// An event.
    Event(EventId, Box<LiveEvent>),
    /// The process is there. The id is that of its last event.
    Beat(EventId),
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
