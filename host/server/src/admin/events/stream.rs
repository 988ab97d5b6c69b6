//! Writes what a listener hears as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use sluice_api::{Gap, GapCause, Happening, LiveEvent};

use crate::bus::{Heard, Listener, unix_millis};

/// The longest time without a byte. Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long browsers wait before they connect again, in milliseconds.
const RETRY: u32 = 2000;

/// The stream of all that a listener hears. It ends when the listener is dropped for being slow, or when the process
/// stops.
pub(super) fn of(listener: Listener) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    // An id without data is no event, but a client that is cut off before the first one sends it.
    let begin = format!("retry: {RETRY}\nid: {}\n\n", listener.position());
    let begin = stream::iter([Ok(Bytes::from(begin))]);
    let rest = stream::unfold(listener, |mut listener| async move {
        let bytes = next(&mut listener).await?;
        Some((Ok(bytes), listener))
    });
    begin.chain(rest)
}

/// The next bytes: events, or a sign of life that says how far the listener has heard.
async fn next(listener: &mut Listener) -> Option<Bytes> {
    let Ok(heard) = tokio::time::timeout(HEARTBEAT, listener.next()).await else {
        return Some(format!(": heartbeat\nid: {}\n\n", listener.position()).into());
    };
    match heard {
        Heard::Events(entries) => Some(match &entries[..] {
            [one] => one.frame.clone(),
            several => {
                let mut all = BytesMut::new();
                several.iter().for_each(|entry| all.extend(&entry.frame));
                all.freeze()
            }
        }),
        Heard::UnknownId => Some(gap(listener, GapCause::UnknownId, None)),
        Heard::Missed(missed) => Some(gap(listener, GapCause::TooSlow, Some(missed))),
        Heard::Closed => None,
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
