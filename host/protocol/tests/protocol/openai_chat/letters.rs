//! Letters whose two halves come in two chunks.

use serde_json::json;
use sluice_protocol::{Delivery, Wants};

use super::OpenaiChat;
use crate::{
    dialect::Dialect as _,
    drive::{self, KeepAll},
};

fn chunk(choice: &serde_json::Value) -> String {
    let chunk = json!({ "id": "chatcmpl-1", "choices": [choice] });
    format!("data: {chunk}\n\n")
}

#[test]
fn a_letter_whose_halves_come_in_two_chunks_is_one() {
    let said = |half: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{half}\"}}}}]}}\n\n"
        )
    };
    let start = chunk(&json!({ "index": 0, "delta": { "role": "assistant", "content": "" } }));
    let stop = json!({ "index": 0, "delta": {}, "finish_reason": "stop" });
    let end = chunk(&stop) + "data: [DONE]\n\n";
    let halves = [r"ok \ud83d", r"\ude00", r" fine\ud83d", r"\ude00"].map(said);
    let stream = start + &halves.concat() + &end;
    for text in [Delivery::Pieces, Delivery::Whole, Delivery::None] {
        let wants = Wants {
            text,
            tool_call: Delivery::Whole,
            ..Wants::NOTHING
        };
        let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut KeepAll);
        let received = OpenaiChat::receive(&outcome.sent).unwrap();
        let content = &received.body["choices"][0]["message"]["content"];
        assert_eq!(content, "ok \u{1f600} fine\u{1f600}", "{text:?}");
    }
}
