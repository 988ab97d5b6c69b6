//! Requests: a short question, a coding agent's turn, and one late in a conversation.

use bytes::Bytes;
use serde_json::{Value, json};

use super::prose::Prose;
use super::{Dialect, MODEL, Script};

/// The size of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// A short question, 1 KB.
    Question,
    /// A coding agent's turn, 80 KB: a system prompt, 24 tools, some twenty messages.
    Turn,
    /// The same late in a conversation, 1 MB.
    Late,
}

const TOOLS: usize = 24;

impl Size {
    fn bytes(self) -> usize {
        match self {
            Self::Question => 1_000,
            Self::Turn => 80_000,
            Self::Late => 1_000_000,
        }
    }
}

/// The body of a request that the scripted upstream answers with `script`.
pub(crate) fn request(dialect: Dialect, size: Size, script: Script) -> Bytes {
    let mut prose = Prose::new(size.bytes() as u64);
    let mut body = json!({
        "model": MODEL,
        "max_tokens": 4096,
        "stream": script.streamed(),
    });
    let mut text = |bytes| format!("{} {}", script.word(), prose.text(bytes));
    if size == Size::Question {
        body["messages"] = json!([{"role": "user", "content": text(850)}]);
        return encode(&body);
    }
    let system = text(12_000);
    body["tools"] = (0..TOOLS).map(|n| tool(dialect, n, &mut prose)).collect();
    let mut messages = match dialect {
        Dialect::Chat => vec![json!({"role": "system", "content": system})],
        Dialect::Messages => {
            body["system"] = json!([{"type": "text", "text": system}]);
            Vec::new()
        }
    };
    let mut length = encode(&body).len() + encode(&json!(messages)).len();
    for turn in 0.. {
        let turn = self::turn(dialect, turn, &mut prose);
        length += turn
            .iter()
            .map(|message| encode(message).len() + 1)
            .sum::<usize>();
        messages.extend(turn);
        if length >= size.bytes() {
            break;
        }
    }
    body["messages"] = messages.into();
    encode(&body)
}

fn encode(body: &Value) -> Bytes {
    body.to_string().into()
}

/// One turn of the conversation: the agent's action, its result, and the person's answer.
fn turn(dialect: Dialect, turn: usize, prose: &mut Prose) -> Vec<Value> {
    let (id, result) = (format!("call_{turn:06}"), prose.text(3_000));
    let arguments = json!({"command": format!("sed -n 1,80p src/room_{turn}.rs"), "timeout": 60});
    let (said, asked) = (prose.text(250), prose.text(150));
    match dialect {
        Dialect::Chat => vec![
            json!({"role": "user", "content": asked}),
            json!({"role": "assistant", "content": said, "tool_calls": [{
                "id": id, "type": "function",
                "function": {"name": "bash", "arguments": arguments.to_string()},
            }]}),
            json!({"role": "tool", "tool_call_id": id, "content": result}),
        ],
        Dialect::Messages => vec![
            json!({"role": "user", "content": asked}),
            json!({"role": "assistant", "content": [
                {"type": "text", "text": said},
                {"type": "tool_use", "id": id, "name": "bash", "input": arguments},
            ]}),
            json!({"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": id, "content": result},
            ]}),
        ],
    }
}

fn tool(dialect: Dialect, n: usize, prose: &mut Prose) -> Value {
    let name = if n == 0 {
        "bash".to_owned()
    } else {
        format!("tool_{n}")
    };
    let description = prose.text(600);
    let schema = json!({
        "type": "object",
        "properties": {
            "command": {"type": "string", "description": prose.text(120)},
            "timeout": {"type": "integer", "minimum": 0, "maximum": 600},
            "paths": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["command"],
    });
    match dialect {
        Dialect::Chat => json!({"type": "function", "function": {
            "name": name, "description": description, "parameters": schema,
        }}),
        Dialect::Messages => {
            json!({"name": name, "description": description, "input_schema": schema})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_the_size_they_say() {
        for dialect in Dialect::ALL {
            for size in [Size::Question, Size::Turn, Size::Late] {
                let length = request(dialect, size, Script::Whole).len();
                let wanted = size.bytes();
                assert!(
                    (wanted * 9 / 10..wanted * 11 / 10).contains(&length),
                    "{dialect:?} {size:?}: {length}"
                );
            }
        }
    }

    #[test]
    fn the_same_request_is_made_each_time() {
        let make = || request(Dialect::Chat, Size::Turn, Script::Paced);
        assert_eq!(make(), make());
    }
}
