//! What Chat Completions allows, written down a second time.
//!
//! Shares no code with the crate: puts the chunks of a stream together as an SDK does, and says what is
//! illegal about them.

mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    dialect::{Content, Received},
    sse::events,
};

/// The fields of a message that say something, in the order in which policies see them.
const TEXTS: [&str; 4] = ["reasoning_content", "reasoning", "content", "refusal"];

/// Reads a stream, chunk by chunk, and checks their order.
pub(super) fn stream(bytes: &[u8]) -> Result<Received, String> {
    let mut reader = Reader::default();
    for (_, data) in events(bytes) {
        reader
            .take(&data)
            .map_err(|what| format!("{what} at {data}"))?;
    }
    let finished = |choice: &Choice| choice.finish_reason.is_string();
    let complete = !reader.choices.is_empty() && reader.choices.values().all(finished);
    if !complete && !reader.failed {
        return Err("the stream just stops".to_owned());
    }
    let choices = reader.choices.into_iter();
    let choices = choices.map(|(index, choice)| (index, choice.message, choice.finish_reason));
    Ok(received(choices, reader.failed))
}

/// Reads a whole reply.
pub(super) fn whole(body: &[u8]) -> Result<Received, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let choices = body["choices"].as_array().ok_or("no choices")?;
    let choices = choices.iter().map(|choice| {
        let message = choice["message"].as_object().cloned().unwrap_or_default();
        let index = choice["index"].as_u64().unwrap_or_default();
        (index, message, choice["finish_reason"].clone())
    });
    Ok(received(choices, false))
}

/// Whether the messages may stand in a conversation that goes on.
pub(super) fn body(body: &Value) -> Result<(), String> {
    let choices = body["choices"].as_array().ok_or("no choices")?;
    for (at, choice) in choices.iter().enumerate() {
        if choice["index"] != at {
            return Err(format!("the choice {} in place {at}", choice["index"]));
        }
        let finish_reason = choice["finish_reason"].as_str().ok_or("no finish reason")?;
        message(&choice["message"], finish_reason)?;
    }
    match choices.is_empty() {
        true => Err("empty choices".to_owned()),
        false => Ok(()),
    }
}

fn message(message: &Value, finish_reason: &str) -> Result<(), String> {
    if message["role"] != "assistant" {
        return Err(format!("the role {}", message["role"]));
    }
    let says = |name: &str| {
        message[name]
            .as_str()
            .is_some_and(|text| !text.trim().is_empty())
    };
    let calls = message["tool_calls"]
        .as_array()
        .map_or(&[][..], |calls| calls);
    let old = &message["function_call"];
    if !says("content") && !says("refusal") && calls.is_empty() && old.is_null() {
        return Err("an empty message".to_owned());
    }
    let mut ids = Vec::new();
    for call in calls {
        ids.push(tool_call(call, finish_reason)?);
    }
    if !old.is_null() {
        named(old, "arguments", finish_reason)?;
    }
    ids.sort();
    ids.dedup();
    match (finish_reason, calls.len(), old.is_null()) {
        (_, count, _) if ids.len() < count => Err("two tool calls of one id".to_owned()),
        ("tool_calls", 0, _) => Err("finished for a tool call that is not there".to_owned()),
        ("function_call", _, true) => Err("finished for a call that is not there".to_owned()),
        ("stop", 1.., _) | ("stop", _, false) => Err("stopped with a call".to_owned()),
        _ => Ok(()),
    }
}

fn tool_call(call: &Value, finish_reason: &str) -> Result<String, String> {
    let id = call["id"].as_str().unwrap_or_default();
    if id.is_empty() {
        return Err(format!("no id in {call}"));
    }
    match call["type"].as_str() {
        Some("custom") => named(&call["custom"], "", finish_reason)?,
        Some("function") => named(&call["function"], "arguments", finish_reason)?,
        _ => return Err(format!("the type of {call}")),
    }
    Ok(id.to_owned())
}

fn named(call: &Value, arguments: &str, finish_reason: &str) -> Result<(), String> {
    if call["name"].as_str().is_none_or(str::is_empty) {
        return Err(format!("a call without a name: {call}"));
    }
    let parsed = call[arguments].as_str().map(parse).unwrap_or_default();
    if !parsed.is_object() && !arguments.is_empty() && finish_reason != "length" {
        return Err(format!("the arguments of {call}"));
    }
    Ok(())
}

/// What a string of arguments says: an object, else the string itself.
fn parse(arguments: &str) -> Value {
    match serde_json::from_str(arguments) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ if arguments.trim().is_empty() => json!({}),
        _ => json!(arguments),
    }
}

fn received(
    choices: impl Iterator<Item = (u64, Map<String, Value>, Value)>,
    failed: bool,
) -> Received {
    let mut bodies = Vec::new();
    let mut contents = Vec::new();
    for (index, message, finish_reason) in choices {
        let message = plain(&message);
        contents.push(content(&message));
        bodies.push(json!({ "index": index, "message": message, "finish_reason": finish_reason }));
    }
    Received {
        body: json!({ "choices": bodies }),
        choices: contents,
        failed,
    }
}

/// A message without what says nothing and what is not understood.
fn plain(message: &Map<String, Value>) -> Map<String, Value> {
    let mut plain = Map::new();
    for name in ["role"].iter().chain(&TEXTS) {
        if let Some(Value::String(text)) = message.get(*name)
            && !text.is_empty()
        {
            plain.insert((*name).to_owned(), json!(text));
        }
    }
    for name in ["tool_calls", "function_call"] {
        match message.get(name) {
            Some(Value::Array(calls)) if calls.is_empty() => {}
            None | Some(Value::Null) => {}
            Some(calls) => {
                plain.insert(name.to_owned(), calls.clone());
            }
        }
    }
    plain
}

fn content(message: &Map<String, Value>) -> Vec<Content> {
    let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut content = Vec::new();
    for name in TEXTS {
        if let Some(text) = message.get(name) {
            content.push(match name {
                "content" | "refusal" => Content::Text(string(text)),
                _ => Content::Thinking(string(text)),
            });
        }
    }
    let calls = message.get("tool_calls").and_then(Value::as_array);
    for call in calls.into_iter().flatten() {
        let function = &call["function"];
        content.push(if function.is_object() {
            Content::ToolCall {
                id: string(&call["id"]),
                name: string(&function["name"]),
                arguments: parse(&string(&function["arguments"])),
            }
        } else {
            let input = string(&call["custom"]["input"]);
            Content::ToolCall {
                id: string(&call["id"]),
                name: string(&call["custom"]["name"]),
                arguments: serde_json::from_str(&input)
                    .ok()
                    .filter(Value::is_object)
                    .unwrap_or_else(|| json!(input)),
            }
        });
    }
    if let Some(call) = message.get("function_call") {
        content.push(Content::ToolCall {
            id: String::new(),
            name: string(&call["name"]),
            arguments: parse(&string(&call["arguments"])),
        });
    }
    content
}

/// What two messages say that are one: each field says what it said in the first, and then what it says in the second. Content
/// is a text, and so it is parted.
pub(super) fn joined(first: &Value, second: &Value) -> Vec<Content> {
    let message = |body: &Value| body["choices"][0]["message"].as_object().cloned();
    let before = message(first).unwrap_or_default();
    let mut both = message(second).unwrap_or_default();
    for (name, value) in before {
        let said = value.as_str().unwrap_or_default();
        let between = if name == "content" { "\n\n" } else { "" };
        let more = both
            .get(&name)
            .and_then(Value::as_str)
            .filter(|_| name != "role");
        let text = more.map_or(said.to_owned(), |more| format!("{said}{between}{more}"));
        both.insert(name, json!(text));
    }
    content(&both)
}

#[derive(Default)]
struct Reader {
    id: Option<Value>,
    choices: BTreeMap<u64, Choice>,
    ended: bool,
    failed: bool,
}

#[derive(Default)]
struct Choice {
    message: Map<String, Value>,
    finish_reason: Value,
}

impl Reader {
    fn take(&mut self, data: &str) -> Result<(), String> {
        if self.ended || self.failed {
            return Err("something behind the end".to_owned());
        }
        if data == "[DONE]" {
            self.ended = true;
            return Ok(());
        }
        let chunk: Value = serde_json::from_str(data).map_err(|error| error.to_string())?;
        if !chunk["error"].is_null() {
            self.failed = true;
            return Ok(());
        }
        let choices = chunk["choices"].as_array().ok_or("no choices")?;
        let open = |choice: &Choice| choice.finish_reason.is_null();
        if choices.is_empty() && !chunk["usage"].is_null() && self.choices.values().any(open) {
            return Err("the usage before the end of a choice".to_owned());
        }
        // Filters of content speak in chunks of their own.
        if chunk["id"] != "" && *self.id.get_or_insert_with(|| chunk["id"].clone()) != chunk["id"] {
            return Err("another id".to_owned());
        }
        for choice in choices {
            let index = choice["index"].as_u64().ok_or("no index")?;
            self.choices.entry(index).or_default().take(choice)?;
        }
        Ok(())
    }
}

impl Choice {
    fn take(&mut self, chunk: &Value) -> Result<(), String> {
        if let Some(delta) = chunk["delta"].as_object() {
            self.add(delta)?;
        }
        if !chunk["finish_reason"].is_null() {
            if !self.finish_reason.is_null() {
                return Err("two finish reasons".to_owned());
            }
            self.finish_reason = chunk["finish_reason"].clone();
        }
        Ok(())
    }

    fn add(&mut self, delta: &Map<String, Value>) -> Result<(), String> {
        if let Some(role @ Value::String(_)) = delta.get("role") {
            self.message.insert("role".to_owned(), role.clone());
        }
        if !self.message.contains_key("role") {
            return Err("no role in the first delta".to_owned());
        }
        let said: Vec<_> = plain(delta)
            .into_iter()
            .filter(|(name, _)| name != "role")
            .collect();
        if !said.is_empty() && !self.finish_reason.is_null() {
            return Err("content behind the finish reason".to_owned());
        }
        for (name, value) in said {
            match name.as_str() {
                "tool_calls" => {
                    let calls = self.message.entry(name).or_insert_with(|| json!([]));
                    let calls = calls.as_array_mut().ok_or("no list of calls")?;
                    for piece in value.as_array().ok_or("no list of calls")? {
                        add_call(calls, piece)?;
                    }
                }
                "function_call" => match self.message.get_mut(&name) {
                    Some(call) => append(call, &value, "arguments"),
                    None => {
                        self.message.insert(name, value);
                    }
                },
                _ => {
                    let mut whole = json!({});
                    whole[&name] = self.message.get(&name).cloned().unwrap_or_default();
                    append(&mut whole, &json!({ &name: value }), &name);
                    self.message.insert(name.clone(), whole[&name].take());
                }
            }
        }
        Ok(())
    }
}

fn add_call(calls: &mut Vec<Value>, piece: &Value) -> Result<(), String> {
    let index = piece["index"]
        .as_u64()
        .ok_or("a tool call without an index")?;
    let count = calls.len() as u64;
    if index > count {
        return Err(format!("the tool call {index} after {count}"));
    }
    if index == count {
        let mut call = piece.clone();
        call.as_object_mut().ok_or("no tool call")?.remove("index");
        // Id and name have to be there from the beginning.
        tool_call(&call, "length")?;
        calls.push(call);
        return Ok(());
    }
    let call = calls
        .get_mut(usize::try_from(index).unwrap())
        .ok_or("no tool call")?;
    if piece["id"]
        .as_str()
        .is_some_and(|id| !id.is_empty() && call["id"] != id)
    {
        return Err("a tool call with two ids".to_owned());
    }
    for (inner, arguments) in [("function", "arguments"), ("custom", "input")] {
        if piece[inner].is_object() {
            append(&mut call[inner], &piece[inner], arguments);
        }
    }
    Ok(())
}

fn append(whole: &mut Value, piece: &Value, name: &str) {
    let string = |value: &Value| value[name].as_str().unwrap_or_default().to_owned();
    whole[name] = json!(string(whole) + &string(piece));
}
