//! Replies that go on with another one: what is special about messages.

use serde_json::{Value, json};
use sluice_protocol::{Delivery, Irrevocable, Wants};

use super::Anthropic;
use crate::{
    dialect::recorded,
    drive::KeepAll,
    redone::{Form, LIMITS, Then, recorded_redone, redone},
    rulings::TOOLS,
    sse::events,
};

fn usage(sent: &str) -> Value {
    let events = events(sent.as_bytes()).into_iter();
    let mut deltas = events.filter(|(name, _)| name == "message_delta");
    let (_, data) = deltas.next().unwrap();
    assert_eq!(deltas.next(), None);
    let mut delta: Value = serde_json::from_str(&data).unwrap();
    delta["usage"].take()
}

#[test]
fn the_usage_of_both_is_added_up() {
    let (sent, _) = recorded_redone::<Anthropic>(["tool", "text"], TOOLS, 0);
    let both = json!({
        "input_tokens": 944,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 24_086,
        "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0 },
        "output_tokens": 178,
        "service_tier": "standard",
    });
    assert_eq!(usage(&sent), both);
}

#[test]
fn of_a_reply_that_is_not_read_to_its_end_the_usage_counts_that_it_told() {
    let [first, second] = ["tool", "text"].map(|name| recorded::<Anthropic>(name).as_bytes());
    let plan = [(0, Then::Reply(second.to_vec()))];
    let limits = (TOOLS, LIMITS);
    let (outcome, _) = redone::<Anthropic>(Form::Stream, (first, 1), limits, plan, &mut KeepAll);
    let usage = usage(str::from_utf8(&outcome.sent).unwrap());
    assert_eq!(usage["input_tokens"], 944);
    assert_eq!(usage["output_tokens"], 3 + 89);
}

#[test]
fn nothing_is_rejected_behind_a_call_that_went_out() {
    let event = |name: &str, fields: &str| {
        format!("event: {name}\ndata: {{\"type\":\"{name}\"{fields}}}\n\n")
    };
    let block = |index: u64, block: &str| {
        let start = format!(r#","index":{index},"content_block":{block}"#);
        let stop = format!(r#","index":{index}"#);
        event("content_block_start", &start) + &event("content_block_stop", &stop)
    };
    let stream = event("message_start", r#","message":{"id":"m","content":[]}"#)
        + &block(0, r#"{"type":"tool_use","id":"a","name":"n","input":{}}"#)
        + &block(1, r#"{"type":"thinking","thinking":"t","signature":""}"#)
        + &event(
            "message_delta",
            r#","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":1}"#,
        )
        + &event("message_stop", "");
    let wants = Wants {
        thinking: Delivery::Whole,
        ..Wants::NOTHING
    };
    let plan = [(0, Then::Nothing)];
    let first = (stream.as_bytes(), 10);
    let (outcome, redone) =
        redone::<Anthropic>(Form::Stream, first, (wants, LIMITS), plan, &mut KeepAll);
    assert_eq!(redone.rejected, [Err(Irrevocable::CallOut)]);
    assert_eq!(str::from_utf8(&outcome.sent).unwrap(), stream);
}
