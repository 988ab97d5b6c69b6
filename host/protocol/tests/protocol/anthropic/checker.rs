//! What the Messages API allows, written down a second time.
//!
//! Shares no code with the crate: reads a reply as an SDK does, into a JSON message, and says what is
//! illegal about it.

use serde_json::{Value, json};

use crate::{
    dialect::{Content, Received},
    sse::events,
};

/// Reads a stream, event by event, and checks their order.
pub(super) fn stream(bytes: &[u8]) -> Result<Received, String> {
    let mut reader = Reader::default();
    for (name, data) in events(bytes) {
        reader
            .take(&name, &data)
            .map_err(|what| format!("{what} at {name}: {data}"))?;
    }
    match (reader.ended, reader.failed) {
        // The stop reason says that the message is complete: SDKs miss nothing then.
        (false, false) if !reader.closing => Err("the stream just stops".to_owned()),
        (_, failed) => Ok(Received {
            choices: vec![reader.content.iter().map(content).collect()],
            body: json!({ "content": reader.content, "stop_reason": reader.stop_reason }),
            failed,
        }),
    }
}

/// Reads a whole reply.
pub(super) fn whole(body: &[u8]) -> Result<Received, String> {
    let message: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let blocks = message["content"].as_array().ok_or("no content")?;
    Ok(Received {
        choices: vec![blocks.iter().map(content).collect()],
        body: json!({ "content": blocks, "stop_reason": message["stop_reason"] }),
        failed: false,
    })
}

fn content(block: &Value) -> Content {
    let string = |name: &str| block[name].as_str().unwrap_or_default().to_owned();
    match block["type"].as_str().unwrap_or_default() {
        "text" => Content::Text(string("text")),
        "thinking" => Content::Thinking(string("thinking")),
        "tool_use" => Content::ToolCall {
            id: string("id"),
            name: string("name"),
            arguments: block["input"].clone(),
        },
        _ => Content::Other(block.clone()),
    }
}

/// Whether a message may stand in a conversation that goes on.
pub(super) fn message(message: &Value) -> Result<(), String> {
    let content = message["content"].as_array().ok_or("no content")?;
    let stop_reason = message["stop_reason"].as_str().ok_or("no stop reason")?;
    if content.is_empty() {
        return Err("empty content".to_owned());
    }
    let mut ids = Vec::new();
    for block in content {
        let kind = block["type"].as_str().ok_or("a block without a type")?;
        if kind != "tool_use" && !ids.is_empty() {
            return Err(format!("{kind} after a tool call"));
        }
        match kind {
            "text"
                if block["text"]
                    .as_str()
                    .is_none_or(|text| text.trim().is_empty()) =>
            {
                return Err("a blank text".to_owned());
            }
            "tool_use" => ids.push(tool_use(block, stop_reason)?),
            _ => {}
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    match (stop_reason, count) {
        _ if ids.len() < count => Err("two tool calls of one id".to_owned()),
        ("tool_use", 0) => Err("stopped for a tool call that is not there".to_owned()),
        ("end_turn", 1..) => Err("a turn ended with a tool call".to_owned()),
        _ => Ok(()),
    }
}

fn tool_use(block: &Value, stop_reason: &str) -> Result<String, String> {
    let id = block["id"].as_str().unwrap_or_default();
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if id.is_empty() || !id.chars().all(legal) {
        return Err(format!("the tool call id {id:?}"));
    }
    if block["name"].as_str().is_none_or(str::is_empty) {
        return Err("a tool call without a name".to_owned());
    }
    if !block["input"].is_object() && stop_reason != "max_tokens" {
        return Err(format!("the input {}", block["input"]));
    }
    Ok(id.to_owned())
}

#[derive(Default)]
struct Reader {
    started: bool,
    open: bool,
    content: Vec<Value>,
    input: String,
    stop_reason: Value,
    closing: bool,
    ended: bool,
    failed: bool,
}

impl Reader {
    fn take(&mut self, name: &str, data: &str) -> Result<(), String> {
        const KNOWN: [&str; 8] = [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
            "ping",
            "error",
        ];
        if !KNOWN.contains(&name) {
            return Ok(());
        }
        let event: Value = serde_json::from_str(data).map_err(|error| error.to_string())?;
        if event["type"] != name {
            return Err("the event's name is not its type".to_owned());
        }
        let in_order = match name {
            "ping" => true,
            _ if self.ended || self.failed => false,
            "error" => {
                self.failed = true;
                true
            }
            "message_start" => !std::mem::replace(&mut self.started, true),
            _ if !self.started => false,
            "message_stop" => {
                self.ended = true;
                self.closing && !self.open
            }
            "message_delta" => {
                self.closing = true;
                self.stop_reason = event["delta"]["stop_reason"].clone();
                event["usage"]["output_tokens"].is_u64() && !self.open
            }
            _ => !self.closing && self.block(name, &event)?,
        };
        in_order
            .then_some(())
            .ok_or_else(|| "out of order".to_owned())
    }

    fn block(&mut self, name: &str, event: &Value) -> Result<bool, String> {
        let index = event["index"].as_u64().ok_or("no index")?;
        let open = self.open;
        if name == "content_block_start" {
            self.open = true;
            self.input.clear();
            self.content.push(event["content_block"].clone());
            return Ok(!open && index + 1 == self.content.len() as u64);
        }
        if !open || index + 1 != self.content.len() as u64 {
            return Ok(false);
        }
        let block = self.content.last_mut().ok_or("no block")?;
        if name == "content_block_delta" {
            return Ok(delta(block, &mut self.input, &event["delta"]));
        }
        self.open = false;
        if !self.input.is_empty() {
            let input = serde_json::from_str(&self.input);
            block["input"] = input.unwrap_or_else(|_| Value::from(self.input.as_str()));
        }
        Ok(true)
    }
}

/// Adds a delta to a block; false where they do not go together.
fn delta(block: &mut Value, input: &mut String, delta: &Value) -> bool {
    let string = |name: &str| delta[name].as_str().unwrap_or_default().to_owned();
    let mut append = |name: &str| {
        let text = block[name].as_str().unwrap_or_default().to_owned() + &string(name);
        block[name] = Value::from(text);
    };
    match delta["type"].as_str().unwrap_or_default() {
        "text_delta" => append("text"),
        "thinking_delta" => append("thinking"),
        "signature_delta" => append("signature"),
        "input_json_delta" => {
            input.push_str(&string("partial_json"));
            return block["input"].is_object();
        }
        "citations_delta" => {
            let mut citations = block["citations"].as_array().cloned().unwrap_or_default();
            citations.push(delta["citation"].clone());
            block["citations"] = Value::from(citations);
        }
        _ => {}
    }
    true
}

#[test]
fn the_checker_refuses_what_the_api_refuses() {
    let check = |content: Value, stop_reason: &str| {
        message(&json!({ "content": content, "stop_reason": stop_reason })).is_ok()
    };
    let text = json!({ "type": "text", "text": "x" });
    let call = |id: &str| json!({ "type": "tool_use", "id": id, "name": "n", "input": {} });
    assert!(check(json!([text, call("a"), call("b")]), "tool_use"));
    assert!(!check(json!([]), "end_turn"));
    assert!(!check(json!([call("a"), text]), "tool_use"));
    assert!(!check(json!([call("a"), call("a")]), "tool_use"));
    assert!(!check(json!([text]), "tool_use"));
    assert!(!check(json!([call("a")]), "end_turn"));
    assert!(!check(json!([{ "type": "text", "text": " " }]), "end_turn"));
    assert!(!check(
        json!([{ "type": "tool_use", "id": "", "name": "n", "input": {} }]),
        "tool_use"
    ));
}

#[test]
fn the_checker_refuses_a_stream_out_of_order() {
    let event = |value: &str| {
        let kind: Value = serde_json::from_str(value).unwrap();
        format!(
            "event: {}\ndata: {value}\n\n",
            kind["type"].as_str().unwrap()
        )
    };
    let start = event(r#"{"type":"message_start","message":{}}"#);
    let open = event(
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"x"}}"#,
    );
    let close = event(r#"{"type":"content_block_stop","index":0}"#);
    let end = event(
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}"#,
    );
    let stop = event(r#"{"type":"message_stop"}"#);
    let ok = |events: &[&String]| {
        let bytes: String = events.iter().map(|event| event.as_str()).collect();
        stream(bytes.as_bytes()).is_ok()
    };
    assert!(ok(&[&start, &open, &close, &end, &stop]));
    assert!(ok(&[&start, &open, &close, &end]));
    assert!(!ok(&[&start, &open, &close]));
    assert!(!ok(&[&start, &open, &end, &stop]));
    assert!(!ok(&[&open, &close, &end, &stop]));
    assert!(!ok(&[&start, &open, &close, &open, &close, &end, &stop]));
    assert!(!ok(&[&start, &open, &close, &end, &stop, &stop]));
    assert!(!ok(&[&start, &end, &open, &close, &stop]));
}
