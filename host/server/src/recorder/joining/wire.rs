//! Requests and replies of the three dialects.

use serde_json::{Value, json};
use sluice_protocol::Api;

/// A request and its reply.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) api: Api,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) request: Value,
    pub(super) reply: String,
}

/// What is said in a conversation.
#[derive(Clone, Debug)]
pub(super) enum Said {
    User(String),
    Model(String),
    /// The id, the tool and its argument.
    Call(String, &'static str, String),
    /// The id of the call, and what came of it.
    Result(String, String),
    /// A block or an item of the dialect.
    Raw(Value),
}

pub(super) fn user(text: &str) -> Said {
    Said::User(text.to_owned())
}

pub(super) fn model(text: &str) -> Said {
    Said::Model(text.to_owned())
}

pub(super) fn call(id: &str, tool: &'static str, command: &str) -> Said {
    Said::Call(id.to_owned(), tool, command.to_owned())
}

pub(super) fn result(id: &str, text: &str) -> Said {
    Said::Result(id.to_owned(), text.to_owned())
}

/// The system prompt of every conversation, longer than what a reply must have to tell something.
pub(super) fn system() -> String {
    "You are an agent. Give a summary of what you did when you are done. ".repeat(8)
}

impl Turn {
    /// A turn in which this was said, and answered with that.
    pub(super) fn new(api: Api, said: &[Said], reply: &[Said]) -> Self {
        Self {
            api,
            headers: Vec::new(),
            request: request(api, said),
            reply: self::reply(api, reply),
        }
    }

    /// The same, as it is sent with a header.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same, with its reply as a stream of Anthropic's.
    pub(super) fn streamed(mut self, text: &str) -> Self {
        let half = text.len() / 2;
        let delta = |text: &str| {
            json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": "text_delta", "text": text}})
        };
        let frames = [
            json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
                "model": "m", "content": [], "stop_reason": null, "usage": {"input_tokens": 1, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            delta(&text[..half]),
            delta(&text[half..]),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
            json!({"type": "message_stop"}),
        ];
        let frame = |data: &Value| {
            format!(
                "event: {}\ndata: {data}\n\n",
                data["type"].as_str().unwrap()
            )
        };
        self.reply = frames.iter().map(frame).collect();
        self
    }
}

fn request(api: Api, said: &[Said]) -> Value {
    let all: Vec<_> = said.iter().map(|one| message(api, one)).collect();
    match api {
        Api::Anthropic => json!({
            "model": "m", "max_tokens": 1000, "messages": all,
            "system": [{"type": "text", "text": system()}],
            "tools": [{"name": "bash", "input_schema": {"type": "object"}}],
        }),
        Api::OpenaiChat => {
            let system = json!({"role": "system", "content": system()});
            let all: Vec<_> = std::iter::once(system).chain(all).collect();
            json!({"model": "m", "messages": all})
        }
        _ => json!({"model": "m", "instructions": system(), "input": all, "store": false}),
    }
}

fn message(api: Api, said: &Said) -> Value {
    match (api, said) {
        (Api::Anthropic, Said::User(text)) => {
            json!({"role": "user", "content": [{"type": "text", "text": text}]})
        }
        (Api::Anthropic, Said::Result(id, text)) => json!({"role": "user",
            "content": [{"type": "tool_result", "tool_use_id": id, "content": text}]}),
        (Api::Anthropic, said) => json!({"role": "assistant", "content": [block(said)]}),
        (Api::OpenaiChat, Said::User(text)) => json!({"role": "user", "content": text}),
        (Api::OpenaiChat, Said::Model(text)) => json!({"role": "assistant", "content": text}),
        (Api::OpenaiChat, Said::Call(id, tool, command)) => {
            json!({"role": "assistant", "content": null,
            "tool_calls": [chat_call(id, tool, command)]})
        }
        (Api::OpenaiChat, Said::Result(id, text)) => {
            json!({"role": "tool", "tool_call_id": id, "content": text})
        }
        (_, Said::User(text)) => json!({"type": "message", "role": "user",
            "content": [{"type": "input_text", "text": text}]}),
        (_, Said::Result(id, text)) => {
            json!({"type": "function_call_output", "call_id": id, "output": text})
        }
        (_, said) => item(said),
    }
}

/// A block of Anthropic's.
fn block(said: &Said) -> Value {
    match said {
        Said::User(text) | Said::Model(text) | Said::Result(_, text) => {
            json!({"type": "text", "text": text})
        }
        Said::Call(id, tool, command) => {
            json!({"type": "tool_use", "id": id, "name": tool, "input": {"command": command}})
        }
        Said::Raw(raw) => raw.clone(),
    }
}

fn chat_call(id: &str, tool: &str, command: &str) -> Value {
    let arguments = json!({"command": command}).to_string();
    json!({"id": id, "type": "function", "function": {"name": tool, "arguments": arguments}})
}

/// An item of Responses that the model made.
fn item(said: &Said) -> Value {
    match said {
        Said::User(text) | Said::Model(text) | Said::Result(_, text) => json!({"type": "message",
            "role": "assistant", "content": [{"type": "output_text", "text": text, "annotations": []}]}),
        Said::Call(id, tool, command) => json!({"type": "function_call", "call_id": id,
            "name": tool, "arguments": json!({"command": command}).to_string()}),
        Said::Raw(raw) => raw.clone(),
    }
}

fn reply(api: Api, said: &[Said]) -> String {
    let reply = match api {
        Api::Anthropic => json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
            "content": said.iter().map(block).collect::<Vec<_>>(),
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }),
        Api::OpenaiChat => {
            let text = said.iter().find_map(|one| match one {
                Said::Model(text) => Some(text.clone()),
                _ => None,
            });
            let calls = said.iter().filter_map(|one| match one {
                Said::Call(id, tool, command) => Some(chat_call(id, tool, command)),
                _ => None,
            });
            let mut message = json!({"role": "assistant", "content": text});
            let calls: Vec<_> = calls.collect();
            if !calls.is_empty() {
                message["tool_calls"] = calls.into();
            }
            json!({"id": "c1", "object": "chat.completion", "created": 1, "model": "m",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        }
        _ => {
            let items: Vec<_> = said.iter().map(item).collect();
            json!({"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": items})
        }
    };
    reply.to_string()
}
