//! Replies of several choices that a policy ends.

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, Ruling, Wants};

use super::OpenaiChat;
use crate::{
    dialect::{Dialect as _, Received},
    drive::{self, Judge},
};

/// Ends the reply at the first text.
struct Stops;

impl Judge for Stops {
    fn block(&mut self, block: &Block) -> Ruling {
        match block {
            Block::Text(_) => Ruling::Stop {
                notice: "[stop]".to_owned(),
            },
            _ => Ruling::Keep,
        }
    }
}

/// What is received, legally, of a stream that ends at its first text.
fn stopped(stream: &str) -> Received {
    let texts = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], texts, &mut Stops);
    let received = OpenaiChat::receive(&outcome.sent).unwrap();
    OpenaiChat::check(&received).unwrap();
    received
}

#[test]
fn a_stop_ends_the_other_choices_legally() {
    let choice = |index: u64, delta: &Value, reason: Option<&str>| json!({ "index": index, "delta": delta, "finish_reason": reason });
    let half = json!({ "role": "assistant", "tool_calls": [{ "index": 0, "id": "a", "type": "function", "function": { "name": "n", "arguments": "{" } }] });
    let text = json!({ "role": "assistant", "content": "x" });
    let choices = [choice(1, &half, None), choice(2, &text, Some("stop"))];
    let stream = format!(
        "data: {}\n\n",
        json!({ "id": "chatcmpl-1", "choices": choices })
    );
    let received = stopped(&stream);
    let reasons = [0, 1, 2].map(|at: usize| &received.body["choices"][at]["finish_reason"]);
    assert_eq!(reasons, ["stop", "length", "stop"]);
}

#[test]
fn a_stop_that_keeps_back_the_end_of_a_call_takes_its_finish_reason_too() {
    let stream = r#"
data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"n","arguments":"{"}}]}}]}

data: {"id":"chatcmpl-1","choices":[{"index":1,"delta":{"role":"assistant","content":"x"},"finish_reason":"stop"},{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]},"finish_reason":"tool_calls"}]}

"#;
    let received = stopped(stream);
    assert_eq!(received.body["choices"][0]["finish_reason"], "length");
}
