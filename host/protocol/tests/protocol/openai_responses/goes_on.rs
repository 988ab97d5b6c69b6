//! Replies that go on with another one: what is special about responses.

use serde_json::{Value, json};

use super::OpenaiResponses;
use crate::{
    dialect::recorded,
    drive::KeepAll,
    redone::{Form, LIMITS, Then, recorded_redone, redone},
    rulings::TOOLS,
    sse::events,
};

#[test]
fn the_end_has_the_usage_of_both_and_items_with_ids_of_their_own() {
    // Both give their message the same id.
    let (sent, _) = recorded_redone::<OpenaiResponses>(["tool", "text"], TOOLS, 0);
    let (name, end) = events(sent.as_bytes()).pop().unwrap();
    assert_eq!(name, "response.completed");
    let end: Value = serde_json::from_str(&end).unwrap();
    let response = &end["response"];
    let both = json!({
        "input_tokens": 944,
        "input_tokens_details": { "cached_tokens": 512 },
        "output_tokens": 178,
        "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": 1122,
    });
    assert_eq!(response["usage"], both);
    let ids: Vec<&Value> = response["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["id"])
        .collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(sent.matches("\"response.created\"").count(), 1);
    assert_eq!(sent.matches("\"response.in_progress\"").count(), 1);
}

#[test]
fn an_end_that_is_told_once_more_has_the_name_of_the_reply() {
    let [first, second] = ["tool", "text"].map(recorded::<OpenaiResponses>);
    let second = second.replace("\"id\":\"resp_", "\"id\":\"other_")
        + "event: response.done\ndata: {\"type\":\"response.done\",\"sequence_number\":20,\"response\":{\"id\":\"other_1\",\"status\":\"completed\"}}\n\n";
    assert!(second.matches("other_").count() > 2);
    let plan = [(0, Then::Reply(second.into_bytes()))];
    let limits = (TOOLS, LIMITS);
    let first = (first.as_bytes(), 1000);
    let (outcome, _) = redone::<OpenaiResponses>(Form::Stream, first, limits, plan, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert_eq!(sent.matches("\"response.done\"").count(), 1);
    assert!(!sent.contains("other_"), "{sent}");
}
