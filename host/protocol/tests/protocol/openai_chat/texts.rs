//! Texts that go on behind something else: clients add them up, and policies see what clients read.

use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, Step, Wants};

use super::OpenaiChat;
use crate::drive::{self, Judge, KeepAll, Outcome};

/// What may stand between two halves of a text, as deltas.
fn between() -> [(&'static str, Vec<Value>); 5] {
    let function = json!({ "name": "n", "arguments": "{}" });
    let call = json!({ "index": 0, "id": "call_1", "type": "function", "function": function });
    let bare = json!({ "index": 0, "function": { "arguments": " " } });
    [
        ("a call", vec![json!({ "tool_calls": [call] })]),
        (
            "two pieces of a call",
            vec![
                json!({ "tool_calls": [call] }),
                json!({ "tool_calls": [bare] }),
            ],
        ),
        (
            "a legacy call",
            vec![json!({ "function_call": { "name": "n", "arguments": "{}" } })],
        ),
        ("thinking", vec![json!({ "reasoning_content": "hm" })]),
        (
            "a picture",
            vec![json!({ "content": [{ "type": "image_url", "image_url": { "url": "x" } }] })],
        ),
    ]
}

fn chunk(delta: &Value, finish_reason: Option<&str>) -> String {
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish_reason });
    let chunk = json!({ "id": "chatcmpl-1", "choices": [choice] });
    format!("data: {chunk}\n\n")
}

fn stream(deltas: &[Value]) -> String {
    let role = json!({ "role": "assistant", "content": "" });
    let deltas = [&role].into_iter().chain(deltas);
    let chunks: String = deltas.map(|delta| chunk(delta, None)).collect();
    let end = chunk(&json!({}), Some("stop"));
    format!("{chunks}{end}data: [DONE]\n\n")
}

/// All that a client reads in a field.
fn read(outcome: &Outcome, field: &str) -> String {
    let sent = String::from_utf8(outcome.sent.clone()).unwrap();
    let chunks = sent
        .lines()
        .filter_map(|line| line.strip_prefix("data: {"))
        .map(|rest| serde_json::from_str::<Value>(&format!("{{{rest}")).unwrap());
    let said = chunks.filter_map(|chunk| {
        let said = &chunk["choices"][0]["delta"][field];
        said.as_str().map(str::to_owned)
    });
    said.collect()
}

/// The texts in pieces that policies heard.
fn heard(outcome: &Outcome) -> Vec<String> {
    let (mut texts, mut heard) = (Vec::new(), String::new());
    for step in &outcome.steps {
        if let Step::Piece { text, last } = step {
            heard.push_str(text);
            if *last {
                texts.push(std::mem::take(&mut heard));
            }
        }
    }
    assert_eq!(heard, "", "a text has no end");
    texts
}

fn judged(outcome: &Outcome, field: &str) -> Vec<String> {
    let blocks = outcome.steps.iter().filter_map(|step| match (step, field) {
        (
            Step::Judge(Block::Text(text)) | Step::Observe(Block::Text(text)),
            "content" | "refusal",
        )
        | (
            Step::Judge(Block::Thinking(text)) | Step::Observe(Block::Thinking(text)),
            "reasoning_content",
        ) => Some(text.clone()),
        _ => None,
    });
    blocks.collect()
}

/// Everything else that can be wanted beside a text.
fn wants(text: Delivery, thinking: Delivery) -> impl Iterator<Item = Wants> {
    let others = [Delivery::None, Delivery::Observe, Delivery::Whole];
    others.into_iter().flat_map(move |tool_call| {
        [false, true].map(|end| Wants {
            text,
            thinking,
            tool_call,
            end,
            ..Wants::NOTHING
        })
    })
}

/// Says something else in the place of a secret, in whole texts and at the end of those in pieces.
#[derive(Default)]
struct Redact(String);

impl Judge for Redact {
    fn block(&mut self, block: &Block) -> Ruling {
        match block {
            Block::Text(text) if text.contains("secret") => {
                let text = text.replace("secret", "[gone]");
                Ruling::Replace(vec![Block::Text(text)])
            }
            _ => Ruling::Keep,
        }
    }

    fn piece(&mut self, text: &str, last: bool) -> PieceRuling {
        self.0.push_str(text);
        let all = std::mem::take(&mut self.0).replace("secret", "[gone]");
        if last {
            return PieceRuling::Send(all);
        }
        // What may be the beginning of a secret is kept back.
        let cut = (0..all.len()).find(|at| "secret".starts_with(&all[*at..]));
        let cut = cut.unwrap_or(all.len());
        self.0 = all[cut..].to_owned();
        PieceRuling::Send(all[..cut].to_owned())
    }
}

#[test]
fn a_text_that_goes_on_behind_something_else_is_one_block() {
    for (name, other) in between() {
        for field in ["content", "refusal"] {
            let halves = ["a sec", "ret b"].map(|half| json!({ field: half }));
            let [first, second] = halves;
            let deltas = [vec![first], other.clone(), vec![second]].concat();
            let stream = stream(&deltas);
            for delivery in [Delivery::Observe, Delivery::Whole] {
                for wants in wants(delivery, Delivery::None) {
                    let kept =
                        drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut KeepAll);
                    assert_eq!(kept.error, None);
                    assert_eq!(judged(&kept, field), ["a secret b"], "{name} {wants:?}");
                    assert_eq!(String::from_utf8(kept.sent).unwrap(), stream, "{name}");
                }
            }
            for delivery in [Delivery::Pieces, Delivery::Whole] {
                for wants in wants(delivery, Delivery::None) {
                    let mut redact = Redact::default();
                    let outcome =
                        drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut redact);
                    assert_eq!(outcome.error, None);
                    let said = read(&outcome, field);
                    assert_eq!(said, "a [gone] b", "{name} {field} {wants:?}");
                }
            }
        }
    }
}

#[test]
fn pieces_behind_a_call_that_nobody_judges_go_out_as_they_come() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..Wants::NOTHING
    };
    for (name, other) in between() {
        let first = json!({ "content": "a" });
        let second = json!({ "content": "b" });
        let deltas = [vec![first], other, vec![second]].concat();
        let stream = stream(&deltas);
        let cut = stream.find(r#""finish_reason":"stop""#).unwrap();
        let cut = stream[..cut].rfind("data: ").unwrap();
        let outcome = drive::stream::<OpenaiChat>([&stream.as_bytes()[..cut]], wants, &mut KeepAll);
        let sent = String::from_utf8(outcome.sent).unwrap();
        assert!(sent.starts_with(&stream[..cut]), "{name}: {sent}");
    }
}

#[test]
fn of_two_texts_in_pieces_policies_hear_one_after_the_other() {
    let deltas = [
        json!({ "content": "a" }),
        json!({ "refusal": "x" }),
        json!({ "content": "b" }),
        json!({ "refusal": "y", "content": "c" }),
    ];
    for wants in wants(Delivery::Pieces, Delivery::None) {
        let stream = stream(&deltas);
        let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut KeepAll);
        assert_eq!(heard(&outcome), ["abc", "xy"], "{wants:?}");
        assert_eq!(String::from_utf8(outcome.sent).unwrap(), stream);
    }
}

#[test]
fn thinking_that_goes_on_is_judged_with_what_came_before() {
    let deltas = [
        json!({ "reasoning_content": "a sec" }),
        json!({ "content": "x" }),
        json!({ "reasoning_content": "ret b" }),
        json!({ "content": "y" }),
    ];
    let stream = stream(&deltas);
    let field = "reasoning_content";
    for text in [Delivery::None, Delivery::Pieces, Delivery::Whole] {
        for wants in wants(text, Delivery::Whole) {
            let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut KeepAll);
            let judged = judged(&outcome, field);
            assert_eq!(judged, ["a sec", "a secret b"], "{wants:?}");
            assert_eq!(String::from_utf8(outcome.sent).unwrap(), stream);
        }
        for wants in wants(text, Delivery::Observe) {
            let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], wants, &mut KeepAll);
            assert_eq!(judged(&outcome, field), ["a secret b"], "{wants:?}");
            assert_eq!(String::from_utf8(outcome.sent).unwrap(), stream);
        }
    }
}

#[test]
fn parts_of_a_whole_reply_are_one_text_too() {
    let part = |text: &str| json!({ "type": "text", "text": text });
    let picture = json!({ "type": "image_url", "image_url": { "url": "x" } });
    let message =
        json!({ "role": "assistant", "content": [part("a sec"), picture, part("ret b")] });
    let choice = json!({ "index": 0, "message": message, "finish_reason": "stop" });
    let body = json!({ "id": "chatcmpl-1", "choices": [choice] }).to_string();
    for wants in wants(Delivery::Whole, Delivery::None) {
        let kept = drive::whole::<OpenaiChat>(body.as_bytes(), wants, &mut KeepAll);
        assert_eq!(judged(&kept, "content"), ["a secret b"]);
        assert_eq!(String::from_utf8(kept.sent).unwrap(), body);
        let redacted = drive::whole::<OpenaiChat>(body.as_bytes(), wants, &mut Redact::default());
        let sent: Value = serde_json::from_slice(&redacted.sent).unwrap();
        let content = &sent["choices"][0]["message"]["content"];
        assert_eq!(content, &json!([part("a [gone] b"), picture]));
    }
}
