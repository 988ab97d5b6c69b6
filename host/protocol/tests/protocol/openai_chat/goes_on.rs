//! Replies that go on with another one: what is special about chunks.

use serde_json::{Value, json};
use sluice_protocol::{Delivery, Irrevocable, Limits, Wants};

use super::OpenaiChat;
use crate::{
    dialect::recorded,
    drive::KeepAll,
    redone::{Form, LIMITS, Then, recorded_redone, redone},
    sse::events,
};

const TEXTS: Wants = Wants {
    text: Delivery::Whole,
    ..Wants::NOTHING
};

fn chunks(sent: &str) -> Vec<Value> {
    let events = events(sent.as_bytes()).into_iter();
    events
        .filter_map(|(_, data)| serde_json::from_str(&data).ok())
        .collect()
}

#[test]
fn the_usage_of_both_is_added_up_where_nothing_was_delivered_too() {
    let (sent, rejected) = recorded_redone::<OpenaiChat>(["usage", "usage"], TEXTS, 0);
    assert_eq!(rejected.delivered, []);
    let chunks = chunks(&sent);
    let usages = chunks.iter().filter(|chunk| chunk["usage"].is_object());
    let usages: Vec<&Value> = usages.map(|chunk| &chunk["usage"]).collect();
    let both = json!({
        "prompt_tokens": 944,
        "completion_tokens": 178,
        "total_tokens": 1122,
        "prompt_tokens_details": { "cached_tokens": 512, "audio_tokens": 0 },
        "completion_tokens_details": {
            "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    });
    assert_eq!(usages, [&both]);
    let deltas = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]);
    let said: String = deltas
        .clone()
        .filter_map(|delta| delta["content"].as_str())
        .collect();
    assert_eq!(said, "Hi.");
    assert_eq!(deltas.filter(|delta| delta["role"].is_string()).count(), 1);
}

#[test]
fn a_reply_of_one_chunk_goes_on_with_one_role() {
    let wants = Wants {
        tool_call: Delivery::Whole,
        ..TEXTS
    };
    let (sent, _) = recorded_redone::<OpenaiChat>(["one_chunk", "one_chunk"], wants, 0);
    let chunks = chunks(&sent);
    let deltas = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]);
    assert_eq!(deltas.filter(|delta| delta["role"].is_string()).count(), 1);
}

#[test]
fn several_choices_do_not_go_on() {
    let stream = recorded::<OpenaiChat>("n2");
    let limits = Limits {
        choices: 2,
        ..LIMITS
    };
    let plan = [(0, Then::Nothing)];
    let first = (stream.as_bytes(), 1000);
    let (outcome, redone) =
        redone::<OpenaiChat>(Form::Stream, first, (TEXTS, limits), plan, &mut KeepAll);
    assert_eq!(redone.rejected, [Err(Irrevocable::SeveralChoices)]);
    assert_eq!(outcome.error, None);
}

#[test]
fn nothing_is_rejected_while_policies_hear_of_a_text_in_pieces() {
    let chunk = |delta: &str, reason: &str| {
        format!(
            "data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{{delta}}},\"finish_reason\":{reason}}}]}}\n\n"
        )
    };
    let stream = chunk(r#""role":"assistant","content":"a""#, "null")
        + &chunk(r#""reasoning_content":"b""#, "null")
        + &chunk(r#""content":"c""#, "null")
        + &chunk("", "\"stop\"")
        + "data: [DONE]\n\n";
    let wants = Wants {
        text: Delivery::Pieces,
        thinking: Delivery::Whole,
        ..Wants::NOTHING
    };
    let plan = [(0, Then::Nothing)];
    let first = (stream.as_bytes(), 10);
    let (outcome, redone) =
        redone::<OpenaiChat>(Form::Stream, first, (wants, LIMITS), plan, &mut KeepAll);
    assert_eq!(redone.rejected, [Err(Irrevocable::TextOpen)]);
    assert_eq!(outcome.error, None);
}
