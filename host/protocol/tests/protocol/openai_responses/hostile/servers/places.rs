//! Replies whose events have other numbers, ids or places than the API gives them.

use serde_json::{Value, json};

use super::super::{added, arguments, call, completed, created, done, event, message, text};
use super::{data_of, legal, message_events, only_call, outcome, output, sent};
use crate::{
    recorded::EVERYTHING,
    rulings::{KEEP, Ruled, TOOLS, drop_call},
    sse,
};

/// The same events with something else in the place of their numbers.
fn renumbered(events: Vec<String>, from: &str, to: &str) -> Vec<String> {
    let events = events.into_iter();
    events.map(|event| event.replace(from, to)).collect()
}

#[test]
fn an_event_whose_number_does_not_fit_finds_its_item_by_the_order() {
    let ended = |mut events: Vec<String>| {
        events.push(completed(&json!([message("x")])));
        events
    };
    let plain = legal(&ended(message_events(&["x"], "x")));
    for (from, to) in [
        (r#""output_index":0,"#, r#""output_index":3,"#),
        (r#""content_index":0,"#, r#""content_index":1,"#),
        (r#""content_index":0,"#, ""),
        (r#""output_index":0,"#, ""),
        (r#""output_index":0,"#, r#""output_index":"0","#),
    ] {
        let events = renumbered(message_events(&["x"], "x"), from, to);
        let parsed = |sent: &str| -> Vec<Value> {
            let events = sse::events(sent.as_bytes()).into_iter();
            events
                .map(|(_, data)| serde_json::from_str(&data).unwrap())
                .collect()
        };
        assert_eq!(parsed(&legal(&ended(events))), parsed(&plain), "{to}");
        // Those behind the start alone.
        let mut events = message_events(&["x"], "x");
        let rest = renumbered(events.split_off(3), from, to);
        events.extend(rest);
        assert_eq!(parsed(&legal(&ended(events))), parsed(&plain), "{to}");
    }
}

#[test]
fn items_that_share_a_number_are_told_apart_by_their_ids() {
    let said = r#"{"a":1}"#;
    let (open, full) = (call("n", ""), call("n", said));
    let mut events = message_events(&["x"], "x");
    let end = events.pop().unwrap();
    events.extend([
        added(0, &open),
        arguments("delta", "delta", said),
        done(0, &full),
        end,
        completed(&json!([message("x"), full])),
    ]);
    let sent = legal(&events);
    only_call(&sent, "n", said);
    let numbers = data_of(&sent, "response.output_item.added").into_iter();
    let numbers: Vec<Value> = numbers.map(|event| event["output_index"].clone()).collect();
    assert_eq!(numbers, [0, 1]);
}

#[test]
fn what_the_reply_says_of_itself_before_it_has_content_counts_once() {
    let again = event(
        "response.in_progress",
        json!({ "response": { "id": "resp_1", "output": [call("agent_", "{}")] } }),
    );
    let mut events = message_events(&["x"], "x");
    events.splice(1..1, [created(), again.clone()]);
    events.push(again);
    events.push(completed(&json!([message("x")])));
    let sent = legal(&events);
    assert!(!sent.contains("agent_"), "{sent}");
    assert_eq!(data_of(&sent, "response.created").len(), 1);
    assert_eq!(data_of(&sent, "response.in_progress").len(), 2);
}

#[test]
fn an_item_may_have_another_id_in_each_event() {
    let said = r#"{"a":1}"#;
    let named = |id: &str, mut item: Value| {
        item["id"] = json!(id);
        item
    };
    let mut events = renumbered(
        message_events(&["a", "b"], "ab"),
        "\"item_id\":\"msg_1\"",
        "\"item_id\":\"msg_other\"",
    );
    let end = named("msg_end", message("ab"));
    events.pop();
    let mut delta = arguments("delta", "delta", said);
    delta = delta
        .replace("fc_1", "fc_delta")
        .replace("\"output_index\":0", "\"output_index\":1");
    events.extend([
        done(0, &end),
        added(1, &named("fc_begun", call("n", ""))),
        delta,
        done(1, &named("fc_end", call("n", said))),
        completed(&json!([
            named("msg_9", message("ab")),
            named("fc_9", call("n", said))
        ])),
    ]);
    let sent = sent(&events, EVERYTHING);
    only_call(&sent, "n", said);
    // Clients look for the part of that id.
    for delta in data_of(&sent, "response.output_text.delta") {
        assert_eq!(delta["item_id"], "msg_1", "{sent}");
    }
    assert_eq!(output(&sent)[1]["call_id"], "call_1");
}

#[test]
fn reasoning_stays_behind_the_call_that_it_followed() {
    let reasoning = json!({ "id": "rs_1", "type": "reasoning", "summary": [] });
    let calls = |name: &str| [added(0, &call(name, "")), done(0, &call(name, "{}"))];
    for name in ["n", "gone"] {
        let events = [
            vec![created()],
            calls(name).to_vec(),
            vec![
                added(1, &reasoning),
                done(1, &reasoning),
                done(2, &message("x")),
                completed(&json!([call(name, "{}"), reasoning, message("x")])),
            ],
        ];
        let mut ruled = Ruled {
            block: |block| drop_call("gone", block),
            ..KEEP
        };
        let outcome = outcome(&events.concat(), TOOLS, &mut ruled);
        let sent = String::from_utf8(outcome.sent).unwrap();
        let kinds = data_of(&sent, "response.output_item.done").into_iter();
        let kinds: Vec<Value> = kinds.map(|event| event["item"]["type"].clone()).collect();
        let first = if name == "gone" {
            "message"
        } else {
            "function_call"
        };
        assert_eq!(kinds, [first, "reasoning", "message"], "{sent}");
        let repeated = output(&sent);
        let repeated = repeated.as_array().unwrap().iter();
        let repeated: Vec<Value> = repeated.map(|item| item["type"].clone()).collect();
        assert_eq!(kinds, repeated);
    }
}

#[test]
fn a_reply_that_does_not_say_that_it_begins_has_ids_of_its_own() {
    let made = |id: &str| {
        let mut item = call("gone", "{}");
        item["id"] = json!(id);
        let events = [done(0, &item), completed(&json!([item]))];
        let mut ruled = Ruled {
            block: |block| drop_call("gone", block),
            ..KEEP
        };
        let outcome = outcome(&events, TOOLS, &mut ruled);
        let sent = String::from_utf8(outcome.sent).unwrap();
        output(&sent)[0]["id"].clone()
    };
    assert_ne!(made("fc_one"), made("fc_two"));
}

#[test]
fn calls_of_one_id_are_told_apart_by_their_numbers() {
    let open = |index: u64| {
        let mut item = call("n", "");
        item["call_id"] = json!(format!("call_{index}"));
        item
    };
    let said = r#"{"a":1}"#;
    let full = |index: u64| {
        let mut item = open(index);
        item["arguments"] = json!(said);
        item
    };
    let delta = |index: u64| {
        let delta = arguments("delta", "delta", said);
        delta.replace("\"output_index\":0", &format!("\"output_index\":{index}"))
    };
    let events = [
        created(),
        added(0, &open(0)),
        added(1, &open(1)),
        delta(0),
        delta(1),
        done(0, &full(0)),
        done(1, &full(1)),
        completed(&json!([full(0), full(1)])),
    ];
    let sent = sent(&events, EVERYTHING);
    only_call(&sent, "n", said);
    assert_eq!(data_of(&sent, "response.output_item.done").len(), 2);
}

#[test]
fn an_id_is_the_same_however_it_is_written() {
    let mut events = message_events(&["x"], "x");
    events.push(completed(&json!([message("x")])));
    for id in [r#"m\"sg"#, r"msg\u00e9"] {
        let events = renumbered(events.clone(), "msg_1", id);
        let sent = legal(&events);
        assert_eq!(data_of(&sent, "response.output_text.delta").len(), 1);
    }
}

#[test]
fn a_text_of_no_item_is_not_added_to_the_call_that_it_names() {
    let said = r#"{"a":1}"#;
    let events = [
        created(),
        text("delta", "delta", "x").replace("msg_1", ""),
        added(1, &call("n", "")),
        arguments("delta", "delta", said).replace("\"output_index\":0", "\"output_index\":1"),
        text("delta", "delta", "y").replace("msg_1", "fc_1"),
        done(1, &call("n", said)),
        completed(&json!([call("n", said)])),
    ];
    for wants in [TOOLS, EVERYTHING] {
        only_call(&sent(&events, wants), "n", said);
    }
}

#[test]
fn a_text_of_no_item_is_that_of_a_message() {
    let events = [
        created(),
        text("delta", "delta", "x"),
        text("delta", "delta", "y"),
        completed(&json!([message("xy")])),
    ];
    let sent = sent(&events, EVERYTHING);
    assert_eq!(
        data_of(&sent, "response.output_item.added").len(),
        1,
        "{sent}"
    );
    assert_eq!(data_of(&sent, "response.output_text.delta").len(), 2);
    assert_eq!(output(&sent)[0]["content"][0]["text"], "xy");
}
