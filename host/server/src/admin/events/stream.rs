//! Writes what a listener hears as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use sluice_api::{Gap, GapCause, Happening, LiveEvent};
use tokio::time::Instant;

use crate::bus::{Heard, Listener};
use crate::clock::unix_millis;

/// The longest time without a byte. Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a listener rests after few events, so that those of a busy second come together. A hundred listeners would
/// else be woken for each of a thousand events.
const REST: Duration = Duration::from_millis(20);
/// How many events are so many that more may wait, and the listener does not rest.
const MANY: usize = 32;
/// How long browsers wait before they connect again, in milliseconds.
const RETRY: u32 = 2000;

/// The stream of all that a listener hears. It ends when the listener is dropped for being slow, or when the process
/// stops.
pub(super) fn of(listener: Listener) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    // An id without data is no event, but a client that is cut off before the first one sends it.
    let begin = format!("retry: {RETRY}\nid: {}\n\n", listener.position());
    let begin = stream::iter([Ok(Bytes::from(begin))]);
    let rest = stream::unfold((listener, None), |(mut listener, rest)| async move {
        if let Some(rest) = rest {
            tokio::time::sleep_until(rest).await;
        }
        let (bytes, rest) = next(&mut listener).await?;
        Some((Ok(bytes), (listener, rest)))
    });
    begin.chain(rest)
}

/// The next bytes: events, or a sign of life that says how far the listener has heard. Then, until when the listener
/// rests.
async fn next(listener: &mut Listener) -> Option<(Bytes, Option<Instant>)> {
    let Ok(heard) = tokio::time::timeout(HEARTBEAT, listener.next()).await else {
        let beat = format!(": heartbeat\nid: {}\n\n", listener.position());
        return Some((beat.into(), None));
    };
    let entries = match heard {
        Heard::Events(entries) => entries,
        Heard::UnknownId => return Some((gap(listener, GapCause::UnknownId, None), None)),
        Heard::Missed(missed) => {
            return Some((gap(listener, GapCause::TooSlow, Some(missed)), None));
        }
        Heard::Closed => return None,
    };
    let bytes = match &entries[..] {
        [one] => one.frame.clone(),
        several => {
            let mut all = BytesMut::new();
            several.iter().for_each(|entry| all.extend(&entry.frame));
            all.freeze()
        }
    };
    let rests = entries.len() < MANY;
    Some((bytes, rests.then(|| Instant::now() + REST)))
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
