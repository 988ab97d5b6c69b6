//! Replies as servers send them that offer this API for other models: each is delivered under policies that want everything,
//! and says the same as without. Where a shape was seen stands beside it.

mod events;
mod numbers;

use serde_json::{Value, json};
use sluice_protocol::{Delivery, Step, Wants};

use super::OpenaiResponses;
use crate::{
    dialect::{Content, Dialect as _},
    drive::{self, KeepAll},
    readers::READERS,
    recorded::EVERYTHING,
    sse,
};

/// What a server sends, event by event, and the blocks in it.
type Case = (&'static str, Vec<Value>, Vec<Content>);

fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

fn thinking(text: &str) -> Content {
    Content::Thinking(text.to_owned())
}

fn call(id: &str) -> Content {
    Content::ToolCall {
        id: id.to_owned(),
        name: "Bash".to_owned(),
        arguments: json!({ "command": "ls" }),
    }
}

const LS: &str = r#"{"command":"ls"}"#;

fn event(name: &str, fields: Value) -> Value {
    let mut event = json!({ "type": format!("response.{name}") });
    let fields = fields.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(fields);
    event
}

fn created() -> Value {
    event(
        "created",
        json!({ "response": { "id": "resp_1", "object": "response", "status": "in_progress" } }),
    )
}

fn ended(name: &str, output: Value) -> Value {
    event(
        name,
        json!({ "response": { "id": "resp_1", "object": "response", "status": "completed", "output": output } }),
    )
}

fn completed(output: Value) -> Value {
    ended("completed", output)
}

fn part(said: &str) -> Value {
    json!({ "type": "output_text", "annotations": [], "logprobs": [], "text": said })
}

fn message(content: Value) -> Value {
    json!({ "id": "msg_1", "type": "message", "role": "assistant", "content": content })
}

fn function(id: &str, said: &str) -> Value {
    json!({ "id": format!("fc_{id}"), "type": "function_call", "call_id": id, "name": "Bash", "arguments": said })
}

/// An event of an item at this place.
fn of(name: &str, item: u64, id: &str, fields: Value) -> Value {
    let mut event = event(name, fields);
    event["output_index"] = json!(item);
    event["item_id"] = json!(id);
    event
}

fn delta(item: u64, part: u64, said: &str) -> Value {
    let fields = json!({ "content_index": part, "delta": said, "logprobs": [] });
    of("output_text.delta", item, "msg_1", fields)
}

fn added(item: u64, json: &Value) -> Value {
    event(
        "output_item.added",
        json!({ "output_index": item, "item": json }),
    )
}

fn done(item: u64, json: &Value) -> Value {
    event(
        "output_item.done",
        json!({ "output_index": item, "item": json }),
    )
}

/// The events of a case as a stream, each with its name or without.
fn stream(events: &[Value], is_named: bool) -> String {
    let events = events.iter().map(|event| match is_named {
        true => format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap()
        ),
        false => format!("data: {event}\n\n"),
    });
    events.collect()
}

/// What clients that add up deltas have of the texts.
fn added_up(sent: &[u8]) -> String {
    let events = sse::events(sent).into_iter();
    let deltas = events.filter(|(name, _)| name == "response.output_text.delta");
    let said = deltas.map(|(_, data)| serde_json::from_str::<Value>(&data).unwrap());
    said.map(|event| event["delta"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_other_servers_send_is_delivered_and_judged_as_what_it_is() {
    for (name, events, blocks) in numbers::cases().into_iter().chain(events::cases()) {
        let named = stream(&events, true);
        for stream in [&named, &stream(&events, false)] {
            let outcome =
                drive::stream::<OpenaiResponses>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
            let sent = String::from_utf8_lossy(&outcome.sent).into_owned();
            assert_eq!(outcome.error, None, "{name}");
            assert_eq!(outcome.blocks(), blocks, "{name}");
            // Where a strict client could read it, it still can.
            let received = OpenaiResponses::receive(&outcome.sent);
            let was_received = OpenaiResponses::receive(named.as_bytes()).is_ok();
            assert!(
                !was_received || received.is_ok(),
                "{name}: {received:?}\n{sent}"
            );
            let calls = blocks
                .iter()
                .filter(|block| matches!(block, Content::ToolCall { .. }));
            let has_call = calls.count() > 0;
            let expected = ("Bash".to_owned(), LS.to_owned());
            for reader in &READERS {
                let found = OpenaiResponses::calls(&outcome.sent, reader);
                assert_eq!(
                    !found.is_empty(),
                    has_call,
                    "{name}, {}: {sent}",
                    reader.name
                );
                // Who goes by ids alone reads so much without Sluice too.
                let raw = OpenaiResponses::calls(named.as_bytes(), reader);
                let is_right = found
                    .iter()
                    .all(|call| *call == expected || raw.contains(call));
                assert!(is_right, "{name}, {}: {found:?}", reader.name);
            }
            let said: String = blocks
                .iter()
                .filter_map(|block| match block {
                    Content::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            assert!(
                [said.as_str(), ""].contains(&&*added_up(&outcome.sent)),
                "{name}: {sent}"
            );
            let ending = sse::events(&outcome.sent).pop().unwrap().0;
            assert_eq!(ending, events.last().unwrap()["type"], "{name}");
        }
    }
}

#[test]
fn texts_of_other_servers_in_pieces_are_the_same_texts() {
    let wants = Wants {
        text: Delivery::Pieces,
        ..EVERYTHING
    };
    for (name, events, blocks) in numbers::cases().into_iter().chain(events::cases()) {
        let stream = stream(&events, true);
        let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], wants, &mut KeepAll);
        assert_eq!(outcome.error, None, "{name}");
        let heard = outcome.steps.iter().filter_map(|step| match step {
            Step::Piece { text, .. } => Some(text.as_str()),
            _ => None,
        });
        let texts = blocks.iter().filter_map(|block| match block {
            Content::Text(text) => Some(text.as_str()),
            _ => None,
        });
        assert_eq!(
            heard.collect::<String>(),
            texts.collect::<String>(),
            "{name}"
        );
    }
}
