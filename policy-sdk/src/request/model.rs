//! The request in a native build: a body in memory that is edited as the host would edit it.
//!
//! Blocks are those of an Anthropic body. Texts are read in every dialect.

mod readable;

use serde_json::{Value, json};

use self::readable::Found;
use super::TextPage;
use crate::{Block, BlockAddress, EditError, PlacedBlock, ToolCall, ToolResult};

/// The fields besides the messages that hold texts.
const BESIDE: [&str; 4] = ["system", "instructions", "prompt", "prediction"];

/// A body in memory.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) body: Value,
    pub(crate) context: Value,
}

impl Model {
    pub(super) fn context(&self) -> String {
        self.context.to_string()
    }

    pub(super) fn model(&self) -> String {
        string(&self.body["model"])
    }

    pub(super) fn set_model(&mut self, model: &str) -> Result<(), EditError> {
        self.set("/model", &Value::from(model).to_string())
    }

    pub(super) fn message_count(&self) -> u32 {
        self.messages().len() as u32
    }

    pub(super) fn message(&self, index: u32) -> Vec<PlacedBlock> {
        let message = &self.body["messages"][index as usize];
        let blocks = match &message["content"] {
            Value::String(text) => vec![Block::Text(text.clone())],
            content => list(content).iter().map(read_block).collect(),
        };
        let place = |(block, content)| PlacedBlock {
            at: BlockAddress {
                message: index,
                block,
            },
            role: string(&message["role"]),
            block: content,
        };
        (0..).zip(blocks).map(place).collect()
    }

    pub(super) fn news(&self) -> Vec<PlacedBlock> {
        let news = self.first_new()..self.message_count();
        news.flat_map(|index| self.message(index)).collect()
    }

    pub(super) fn first_new(&self) -> u32 {
        let messages = self.messages();
        let replied = messages.iter().rposition(|m| m["role"] == "assistant");
        replied.map_or(0, |index| index as u32 + 1)
    }

    pub(super) fn texts(&self, message: Option<u32>, start: u32) -> TextPage {
        let texts = self.found(message).into_iter().skip(start as usize);
        TextPage {
            texts: texts.map(|found| found.text).collect(),
            has_more: false,
        }
    }

    pub(super) fn replace_texts(
        &mut self,
        message: Option<u32>,
        texts: &[(u32, String)],
    ) -> Result<(), EditError> {
        let all = self.found(message);
        let mut body = self.body.clone();
        for (number, text) in texts {
            let found = all.get(*number as usize);
            let found = found.ok_or_else(|| nothing_at(format!("text {number}")))?;
            let place = body.pointer_mut(&found.pointer);
            let place = place.ok_or_else(|| nothing_at(found.pointer.clone()))?;
            *place = found.write(place, text);
        }
        self.body = body;
        Ok(())
    }

    /// The messages, or the items of `input` in an API that has those instead.
    fn messages(&self) -> &[Value] {
        match &self.body["input"] {
            Value::Array(items) => items,
            _ => list(&self.body["messages"]),
        }
    }

    /// Returns the texts of a message, or of the fields besides the messages, with their places in
    /// the body.
    fn found(&self, message: Option<u32>) -> Vec<Found> {
        let within = |pointer: String, texts: Vec<Found>| {
            texts.into_iter().map(move |found| Found {
                pointer: format!("{pointer}{}", found.pointer),
                ..found
            })
        };
        let Some(message) = message else {
            let beside = BESIDE.into_iter();
            let beside = beside.flat_map(|name| {
                let texts = readable::of_field(name, &self.body[name]);
                within(format!("/{name}"), texts)
            });
            return beside.collect();
        };
        let list = match self.body["input"].is_array() {
            true => "input",
            false => "messages",
        };
        let texts = self.messages().get(message as usize);
        let texts = texts.map(readable::of_message).unwrap_or_default();
        within(format!("/{list}/{message}"), texts).collect()
    }

    pub(super) fn replace(
        &mut self,
        at: BlockAddress,
        blocks: Vec<Block>,
    ) -> Result<(), EditError> {
        let (message, block) = (at.message as usize, at.block as usize);
        let content = self
            .body
            .pointer_mut(&format!("/messages/{message}/content"))
            .ok_or_else(|| nothing_at(format!("message {message}")))?;
        if let (Value::String(text), 0) = (&mut *content, block) {
            *content = match blocks.as_slice() {
                [Block::Text(new)] => Value::from(new.as_str()),
                _ => {
                    let old = json!({"type": "text", "text": text});
                    blocks.iter().map(|new| write_block(new, &old)).collect()
                }
            };
            return Ok(());
        }
        let all = content
            .as_array_mut()
            .filter(|all| block < all.len())
            .ok_or_else(|| nothing_at(format!("message {message}, block {block}")))?;
        let old = all[block].clone();
        let new = blocks.iter().map(|new| write_block(new, &old));
        all.splice(block..=block, new);
        Ok(())
    }

    pub(super) fn append_system(&mut self, text: &str) -> Result<(), EditError> {
        let part = json!({"type": "text", "text": text});
        let system = match self.body["system"].take() {
            Value::Null => Value::from(text),
            Value::String(old) => Value::from(format!("{old}\n\n{text}")),
            Value::Array(mut parts) => {
                parts.push(part);
                Value::from(parts)
            }
            other => return Err(EditError(format!("system is {other}"))),
        };
        self.body["system"] = system;
        Ok(())
    }

    pub(super) fn tool_names(&self) -> Vec<String> {
        let tools = list(&self.body["tools"]).iter();
        tools.map(|tool| string(&tool["name"])).collect()
    }

    pub(super) fn remove_tool(&mut self, name: &str) -> Result<(), EditError> {
        if let Some(tools) = self.body["tools"].as_array_mut() {
            tools.retain(|tool| tool["name"] != name);
        }
        Ok(())
    }

    pub(super) fn get(&self, pointer: &str) -> Option<String> {
        self.body.pointer(pointer).map(Value::to_string)
    }

    pub(super) fn set(&mut self, pointer: &str, value: &str) -> Result<(), EditError> {
        let value: Value =
            serde_json::from_str(value).map_err(|e| EditError(format!("not valid JSON: {e}")))?;
        if let Some(field) = self.body.pointer_mut(pointer) {
            *field = value;
            return Ok(());
        }
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        let key = key.replace("~1", "/").replace("~0", "~");
        match self.body.pointer_mut(parent) {
            Some(Value::Object(fields)) => {
                fields.insert(key, value);
            }
            Some(Value::Array(items)) if key == "-" => items.push(value),
            _ => return Err(nothing_at(pointer.to_owned())),
        }
        Ok(())
    }

    pub(super) fn body(&self) -> String {
        self.body.to_string()
    }
}

fn read_block(block: &Value) -> Block {
    match block["type"].as_str() {
        Some("text") => Block::Text(string(&block["text"])),
        Some("thinking") => Block::Thinking(string(&block["thinking"])),
        Some("tool_use") => Block::ToolCall(ToolCall {
            id: string(&block["id"]),
            name: string(&block["name"]),
            arguments: block["input"].to_string(),
        }),
        Some("tool_result") => Block::ToolResult(ToolResult {
            call_id: string(&block["tool_use_id"]),
            content: result_text(&block["content"]),
            is_error: block["is_error"] == true,
        }),
        _ => Block::Other(block.to_string()),
    }
}

fn result_text(content: &Value) -> String {
    let parts = list(content).iter().filter(|part| part["type"] == "text");
    match content {
        Value::String(text) => text.clone(),
        _ => parts
            .map(|part| string(&part["text"]))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

/// Fields of `old` that a block of the same kind does not name are kept, such as `cache_control`.
fn write_block(block: &Block, old: &Value) -> Value {
    let new = match block {
        Block::Text(text) => json!({"type": "text", "text": text}),
        Block::Thinking(text) => json!({"type": "thinking", "thinking": text}),
        Block::ToolCall(call) => json!({
            "type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments(),
        }),
        Block::ToolResult(result) => json!({
            "type": "tool_result", "tool_use_id": result.call_id, "content": result.content,
            "is_error": result.is_error,
        }),
        Block::Other(json) => serde_json::from_str(json).unwrap_or_default(),
    };
    if new["type"] != old["type"] {
        return new;
    }
    let mut merged = old.clone();
    if let (Value::Object(into), Value::Object(from)) = (&mut merged, new) {
        into.extend(from);
    }
    merged
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn nothing_at(place: String) -> EditError {
    EditError(format!("nothing at {place}"))
}
