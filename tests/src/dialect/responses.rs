//! OpenAI Responses: its events say everything three times, and must say the same each time.

use serde_json::{Value, json};

use crate::frames::{Frames, frames};
use crate::turn::Turn;

/// The response in the last event. It must equal what was streamed.
pub(super) fn response_of(stream: &[u8]) -> Value {
    let mut frames: Frames = frames(stream);
    for (at, (event, frame)) in frames.iter().enumerate() {
        assert_eq!(*event, frame["type"], "the event is named as its type");
        assert_eq!(
            frame["sequence_number"], at,
            "numbers without gaps: {frame}"
        );
    }
    assert_eq!(frames.remove(0).0, "response.created");
    let (last, end) = frames.pop().expect("an end");
    assert_eq!(last, "response.completed");
    let mut items: Vec<Value> = Vec::new();
    let mut said = Said::default();
    for (event, frame) in frames {
        if event == "response.in_progress" {
            continue;
        }
        assert_eq!(
            frame["output_index"],
            items.len(),
            "one item after the other: {frame}"
        );
        if event == "response.output_item.done" {
            let item = frame["item"].clone();
            said.check(&item);
            items.push(item);
        } else {
            said.take(&event, &frame);
        }
    }
    assert!(said.item.is_none(), "an item stays open");
    assert_eq!(
        end["response"]["output"],
        json!(items),
        "what was streamed is repeated"
    );
    assert_eq!(end["response"]["status"], "completed");
    end["response"].clone()
}

/// What the events of one item have said so far.
#[derive(Default)]
struct Said {
    item: Option<Value>,
    /// The texts, by part.
    texts: Vec<String>,
    arguments: String,
}

impl Said {
    fn take(&mut self, event: &str, frame: &Value) {
        if event == "response.output_item.added" {
            assert!(self.item.is_none(), "an item inside an item");
            self.item = Some(frame["item"].clone());
            return;
        }
        let item = self.item.as_ref().expect("an item is open");
        assert_eq!(frame["item_id"], item["id"], "of the open item: {frame}");
        let delta = frame["delta"].as_str().unwrap_or_default();
        match event {
            "response.content_part.added" => {
                assert_eq!(frame["content_index"], self.texts.len());
                self.texts.push(String::new());
            }
            "response.output_text.delta" => *self.text() += delta,
            "response.output_text.done" => assert_eq!(frame["text"], *self.text()),
            "response.content_part.done" => assert_eq!(frame["part"]["text"], *self.text()),
            "response.function_call_arguments.delta" => self.arguments += delta,
            "response.function_call_arguments.done" => {
                assert_eq!(frame["arguments"], self.arguments);
            }
            _ => {}
        }
    }

    fn text(&mut self) -> &mut String {
        self.texts.last_mut().expect("a part is open")
    }

    /// Checks that a finished item says what its events said.
    fn check(&mut self, item: &Value) {
        let said = std::mem::take(self);
        assert_eq!(said.item.expect("it was added")["id"], item["id"]);
        if item["type"] == "message" {
            let content = item["content"].as_array().expect("content");
            let texts: Vec<&Value> = content.iter().map(|part| &part["text"]).collect();
            assert_eq!(json!(texts), json!(said.texts));
        }
        if item["type"] == "function_call" {
            assert_eq!(item["arguments"], said.arguments);
        }
    }
}

pub(super) fn turn_of(response: &Value) -> Turn {
    let mut turn = Turn {
        stop: response["status"].as_str().unwrap_or_default().to_owned(),
        ..Turn::default()
    };
    for item in response["output"].as_array().expect("output is an array") {
        match item["type"].as_str() {
            Some("message") => {
                for part in item["content"].as_array().expect("content is an array") {
                    turn.add_text(&part["text"]);
                }
            }
            Some("function_call") => {
                let arguments = item["arguments"].as_str().unwrap_or_default();
                turn.add_call(&item["call_id"], &item["name"], arguments);
            }
            _ => {}
        }
    }
    turn.expect(turn.stop == "completed", || "not completed".to_owned());
    turn
}

pub(super) fn error_of(stream: &[u8]) -> Option<Value> {
    let (event, frame) = frames(stream).pop().expect("frames");
    assert_eq!(event, frame["type"], "the event is named as its type");
    (event == "response.failed").then(|| frame["response"]["error"].clone())
}

pub(super) fn call(command: &str, output: &str) -> Vec<Value> {
    let arguments = json!({"command": command}).to_string();
    vec![
        json!({"type": "function_call", "call_id": "call_1", "name": "Bash", "arguments": arguments}),
        json!({"type": "function_call_output", "call_id": "call_1", "output": output}),
    ]
}

/// The events of a reply that is one call.
pub(super) fn calling(name: &str, arguments: &str) -> Vec<Value> {
    let item = |status: &str, arguments: &str| {
        json!({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": name,
            "arguments": arguments, "status": status})
    };
    one_call("function_call_arguments", "arguments", arguments, item)
}

/// The events of a reply that is one call of a tool that takes free text.
pub(super) fn calling_with_text(name: &str, input: &str) -> Vec<Value> {
    let item = |status: &str, input: &str| {
        json!({"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_1", "namespace": "functions",
            "name": name, "input": input, "status": status})
    };
    one_call("custom_tool_call_input", "input", input, item)
}

fn one_call(
    events: &str,
    field: &str,
    text: &str,
    item: impl Fn(&str, &str) -> Value,
) -> Vec<Value> {
    let response = |status: &str, output: &[Value]| {
        json!({"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m",
            "output": output})
    };
    let whole = item("completed", text);
    let piece = |end: &str, field: &str| json!({"type": format!("response.{events}.{end}"), "item_id": whole["id"], "output_index": 0, field: text});
    let mut events = vec![
        json!({"type": "response.created", "response": response("in_progress", &[])}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": item("in_progress", "")}),
        piece("delta", "delta"),
        piece("done", field),
        json!({"type": "response.output_item.done", "output_index": 0, "item": whole}),
        json!({"type": "response.completed", "response": response("completed", std::slice::from_ref(&whole))}),
    ];
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    events
}

pub(super) fn tool(name: &str) -> Value {
    json!({"type": "function", "name": name, "parameters": {"type": "object"}})
}
