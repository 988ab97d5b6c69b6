//! Streams whose events are not those of one reply: some are missing, come twice or in another order, have the number of
//! another item, or say something else than the rest.

use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use sluice_protocol::{Delivery, ReplyError, Wants};

use super::OpenaiResponses;
use crate::{
    dialect::Dialect as _,
    drive,
    generate::{MARK, Upstream, upstream, wants},
    oddities::{EverySecond, no_other},
    properties::Holds,
    readers::READERS,
    sse::events,
};

/// Something that is done to the events of a reply.
#[derive(Clone, Debug)]
struct Change {
    at: Index,
    other: Index,
    how: usize,
}

/// The events, each with its data; which of them is meant, and another one.
type Way = fn(&mut Vec<Value>, usize, usize);

const WAYS: [Way; 16] = [
    |events, at, _| drop(events.remove(at)),
    |events, at, other| events.insert(other, events[at].clone()),
    |events, at, other| events.swap(at, other),
    |events, at, other| events[at]["output_index"] = json!(other % 3),
    |events, at, _| events[at]["output_index"] = json!(7),
    |events, at, _| {
        drop(
            events[at]
                .as_object_mut()
                .map(|event| event.remove("output_index")),
        )
    },
    |events, at, other| events[at]["content_index"] = json!(other % 3),
    |events, at, _| {
        drop(
            events[at]
                .as_object_mut()
                .map(|event| event.remove("content_index")),
        )
    },
    |events, at, other| events[at]["item_id"] = json!(format!("fc_{}", other % 3)),
    |events, at, other| events[at]["item"]["id"] = json!(format!("fc_{}", other % 3)),
    |events, at, other| events[at]["item"]["name"] = json!(format!("{MARK}other{}", other % 3)),
    |events, at, other| {
        let command = json!({ "command": format!("other {}", other % 3) }).to_string();
        for key in ["arguments", "delta", "input"] {
            if events[at][key].is_string() {
                events[at][key] = json!(command);
            }
        }
        events[at]["item"]["arguments"] = json!(command);
    },
    |events, at, _| {
        for key in ["arguments", "input", "action", "operation"] {
            events[at]["item"][key] = json!(null);
        }
    },
    // What the end repeats.
    |events, _, other| {
        let output = events
            .last_mut()
            .and_then(|end| end["response"]["output"].as_array_mut());
        if let Some(output) = output.filter(|output| !output.is_empty()) {
            output.remove(other % output.len());
        }
    },
    |events, _, other| {
        let output = events
            .last_mut()
            .and_then(|end| end["response"]["output"].as_array_mut());
        if let Some(output) = output.filter(|output| !output.is_empty()) {
            let at = other % output.len();
            output[at]["arguments"] = json!(r#"{"command":"late"}"#);
            output[at]["input"] = json!("command late");
            output.push(output[at].clone());
        }
    },
    |events, at, _| {
        let call = json!({ "type": "function_call", "id": "fc_9", "call_id": "call_9",
            "name": format!("{MARK}bash"), "arguments": r#"{"command":"stray"}"# });
        events[at]["response"]["output"] = json!([call]);
        events[at]["item"] = call;
    },
];

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let one = (any::<Index>(), any::<Index>(), 0..WAYS.len());
    let one = one.prop_map(|(at, other, how)| Change { at, other, how });
    prop::collection::vec(one, 1..6)
}

fn changed(upstream: &Upstream, changes: &[Change]) -> String {
    let events = events(upstream.stream.as_bytes());
    let data = events.into_iter().map(|(_, data)| data);
    let mut events: Vec<Value> = data
        .filter_map(|data| serde_json::from_str(&data).ok())
        .collect();
    for event in &mut events {
        drop(
            event
                .as_object_mut()
                .map(|event| event.remove("sequence_number")),
        );
    }
    for change in changes {
        if !events.is_empty() {
            let (at, other) = (
                change.at.index(events.len()),
                change.other.index(events.len()),
            );
            WAYS[change.how](&mut events, at, other);
        }
    }
    let written = events.iter().map(|event| {
        let name = event["type"].as_str().unwrap_or_default();
        format!("event: {name}\ndata: {event}\n\n")
    });
    written.collect()
}

/// No client finds a call that was not judged, or one that was dropped, or one with other arguments; and the reply ends in an
/// error only where its end is missing.
fn judged_is_read(upstream: &Upstream, mut wants: Wants, changes: &[Change]) -> Holds {
    wants.tool_call = Delivery::Whole;
    let stream = changed(upstream, changes);
    let mut judge = EverySecond::default();
    let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], wants, &mut judge);
    if let Some(error) = &outcome.error {
        prop_assert_eq!(error, &ReplyError::Truncated, "{}", stream);
    }
    let ends = ["completed", "incomplete", "failed"];
    let ends = ends.map(|end| format!("\"type\":\"response.{end}\""));
    let sent = String::from_utf8_lossy(&outcome.sent);
    prop_assert!(
        ends.iter().any(|end| sent.contains(end)),
        "{} of {}",
        sent,
        stream
    );
    let kept = judge.kept(outcome.error.is_some());
    for reader in READERS {
        let calls = OpenaiResponses::calls(&outcome.sent, &reader);
        no_other(&kept, calls, &reader, &outcome.sent, &stream)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn invariant_14_what_a_policy_judged_is_what_any_client_reads_in_disorder(
        upstream in upstream::<OpenaiResponses>(), wants in wants(), changes in changes(),
    ) {
        judged_is_read(&upstream, wants, &changes)?;
    }
}
