//! A reply, written as upstream would send it and read as a client would.

use serde_json::{Value, json};

/// The content of a reply, for a person to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) blocks: Vec<Block>,
    pub(super) stop_reason: String,
}

/// A part of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Text(String),
    /// A tool's name and its arguments.
    ToolCall(String, Value),
}

impl Reply {
    /// All texts, one after the other.
    pub(super) fn text(&self) -> String {
        let texts = self.blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            Block::ToolCall(..) => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn has_tool_call(&self) -> bool {
        self.blocks
            .iter()
            .any(|block| matches!(block, Block::ToolCall(..)))
    }

    /// The frames of a stream with this content.
    pub(super) fn frames(&self, model: &str) -> Vec<String> {
        let start = json!({ "type": "message_start", "message": self.head(model) });
        let mut events = vec![start, json!({ "type": "ping" })];
        for (index, block) in self.blocks.iter().enumerate() {
            let (empty, deltas) = block.parts();
            events.push(json!({
                "type": "content_block_start", "index": index, "content_block": empty,
            }));
            events.extend(deltas.into_iter().map(
                |delta| json!({ "type": "content_block_delta", "index": index, "delta": delta }),
            ));
            events.push(json!({ "type": "content_block_stop", "index": index }));
        }
        events.push(json!({
            "type": "message_delta",
            "delta": { "stop_reason": self.stop_reason, "stop_sequence": null },
            "usage": { "output_tokens": 42 },
        }));
        events.push(json!({ "type": "message_stop" }));
        events
            .iter()
            .map(|event| format!("event: {}\ndata: {event}\n\n", text(&event["type"])))
            .collect()
    }

    /// The JSON of a whole reply with this content.
    pub(super) fn whole(&self, model: &str) -> String {
        let mut whole = self.head(model);
        whole["stop_reason"] = json!(self.stop_reason);
        whole["content"] = self.blocks.iter().map(Block::whole).collect();
        whole.to_string()
    }

    fn head(&self, model: &str) -> Value {
        json!({
            "id": "msg_simulated", "type": "message", "role": "assistant", "model": model,
            "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": { "input_tokens": 42, "output_tokens": 1 },
        })
    }

    /// Reads a stream. Leaves out what a client would not understand.
    pub(super) fn read(stream: &str) -> Self {
        let mut reply = Self::default();
        let mut arguments = String::new();
        for data in stream.lines().filter_map(|line| line.strip_prefix("data:")) {
            let event: Value = serde_json::from_str(data).unwrap_or_default();
            let delta = &event["delta"];
            match (text(&event["type"]), reply.blocks.last_mut()) {
                ("content_block_start", _) => {
                    reply.blocks.extend(Block::start(&event["content_block"]));
                }
                ("content_block_delta", Some(Block::Text(so_far))) => {
                    so_far.push_str(text(&delta["text"]));
                }
                ("content_block_delta", Some(Block::ToolCall(..))) => {
                    arguments.push_str(text(&delta["partial_json"]));
                }
                ("content_block_stop", Some(Block::ToolCall(_, value))) => {
                    *value = serde_json::from_str(&arguments).unwrap_or_default();
                    arguments.clear();
                }
                ("message_delta", _) => reply.stop_reason = text(&delta["stop_reason"]).to_owned(),
                _ => {}
            }
        }
        reply
    }
}

impl Block {
    fn start(block: &Value) -> Option<Self> {
        match text(&block["type"]) {
            "text" => Some(Self::Text(text(&block["text"]).to_owned())),
            "tool_use" => Some(Self::ToolCall(text(&block["name"]).to_owned(), Value::Null)),
            _ => None,
        }
    }

    /// The empty block of its start frame, and its deltas. They are small, so that they cut words
    /// apart.
    fn parts(&self) -> (Value, Vec<Value>) {
        let empty = match self.whole() {
            mut call if call["type"] == "tool_use" => {
                call["input"] = json!({});
                call
            }
            _ => json!({ "type": "text", "text": "" }),
        };
        let pieces = |text: &str| -> Vec<String> {
            let letters: Vec<char> = text.chars().collect();
            letters
                .chunks(7)
                .map(|piece| piece.iter().collect())
                .collect()
        };
        let deltas = match self {
            Self::Text(text) => pieces(text)
                .into_iter()
                .map(|piece| json!({ "type": "text_delta", "text": piece }))
                .collect(),
            Self::ToolCall(_, arguments) => pieces(&arguments.to_string())
                .into_iter()
                .map(|piece| json!({ "type": "input_json_delta", "partial_json": piece }))
                .collect(),
        };
        (empty, deltas)
    }

    fn whole(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "type": "text", "text": text }),
            Self::ToolCall(name, arguments) => {
                json!({ "type": "tool_use", "id": "toolu_simulated", "name": name, "input": arguments })
            }
        }
    }
}

/// The text of a JSON string, empty for any other value.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_is_sent_reads_the_same() {
        let reply = Reply {
            blocks: vec![
                Block::Text("Some words, cut apart — and back together.".to_owned()),
                Block::ToolCall("Bash".to_owned(), json!({ "command": "ls -la /tmp" })),
            ],
            stop_reason: "tool_use".to_owned(),
        };
        assert_eq!(Reply::read(&reply.frames("m").concat()), reply);
        assert!(reply.has_tool_call());
    }
}
