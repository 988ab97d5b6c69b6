//! Writes what a listener hears as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use sluice_api::{Gap, GapCause, Happening, LiveEvent};
use tokio::time::Instant;

use crate::admin::admit::Pass;
use crate::bus::{Heard, Listener};
use crate::clock::unix_millis;

/// The longest time without a byte. Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is looked whether the key still counts. All listeners together read its file once a second at most.
const LOOK: Duration = Duration::from_secs(2);
/// How long a listener rests after few events, so that those of a busy second come together. A hundred listeners would
/// else be woken for each of a thousand events.
const REST: Duration = Duration::from_millis(20);
/// How many events are so many that more may wait, and the listener does not rest.
const MANY: usize = 32;
/// How long browsers wait before they connect again, in milliseconds.
const RETRY: u32 = 2000;

/// The stream of all that a listener hears. It ends when the listener is dropped for being slow, when the key by which it
/// was let in does not count any more, or when the process stops.
pub(super) fn of(
    listener: Listener,
    pass: Pass,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    // An id without data is no event, but a client that is cut off before the first one sends it.
    let begin = format!("retry: {RETRY}\nid: {}\n\n", listener.position());
    let begin = stream::iter([Ok(Bytes::from(begin))]);
    let telling = Telling {
        listener,
        pass,
        look: Instant::now() + LOOK,
        rest: None,
        is_over: false,
    };
    let rest = stream::unfold(telling, |mut telling| async move {
        let bytes = telling.next().await?;
        Some((Ok(bytes), telling))
    });
    begin.chain(rest)
}

/// A stream on its way.
struct Telling {
    listener: Listener,
    pass: Pass,
    /// When it is looked next whether the key counts.
    look: Instant,
    /// Until when the listener rests.
    rest: Option<Instant>,
    is_over: bool,
}

impl Telling {
    /// The next bytes: events, or a sign of life that says how far the listener has heard.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(rest) = self.rest.take() {
            tokio::time::sleep_until(rest).await;
        }
        let beat = Instant::now() + HEARTBEAT;
        while !self.is_over {
            let now = Instant::now();
            if self.look <= now {
                self.look = now + LOOK;
                if !self.pass.counts() {
                    self.is_over = true;
                    return Some(gap(&self.listener, GapCause::KeyReset, None));
                }
            }
            match tokio::time::timeout_at(beat.min(self.look), self.listener.next()).await {
                Ok(heard) => return self.told(heard),
                Err(_) if beat <= Instant::now() => {
                    let position = self.listener.position();
                    return Some(format!(": heartbeat\nid: {position}\n\n").into());
                }
                Err(_) => {}
            }
        }
        None
    }

    fn told(&mut self, heard: Heard) -> Option<Bytes> {
        let entries = match heard {
            Heard::Events(entries) => entries,
            Heard::UnknownId => return Some(gap(&self.listener, GapCause::UnknownId, None)),
            Heard::Missed(missed) => {
                return Some(gap(&self.listener, GapCause::TooSlow, Some(missed)));
            }
            Heard::Closed => return None,
        };
        if entries.len() < MANY {
            self.rest = Some(Instant::now() + REST);
        }
        Some(match &entries[..] {
            [one] => one.frame.clone(),
            several => {
                let mut all = BytesMut::new();
                several.iter().for_each(|entry| all.extend(&entry.frame));
                all.freeze()
            }
        })
    }
}

/// Tells this listener alone that events are missing. Who comes back with its id goes on behind it.
fn gap(listener: &Listener, because: GapCause, missed: Option<u64>) -> Bytes {
    let position = listener.position();
    let event = LiveEvent {
        id: position.event.to_string(),
        at_ms: unix_millis(),
        what: Happening::Gap(Gap {
            because,
            missed,
            process: None,
        }),
    };
    let kind = event.what.kind().as_str();
    let data = serde_json::to_string(&event).expect("names and numbers are JSON");
    format!("id: {position}\nevent: {kind}\ndata: {data}\n\n").into()
}
