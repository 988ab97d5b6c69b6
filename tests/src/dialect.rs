//! The wire dialects, as far as a test has to know them to ask the same of each.
//!
//! It shares no code with what is under test, on purpose.

mod anthropic;
mod chat;
mod responses;

use bytes::Bytes;
use serde_json::{Value, json};
use sluice_protocol::Api;

use crate::turn::Turn;
use crate::{fixture, fixtures};

/// A wire dialect that has replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions.
    Chat,
    /// OpenAI Responses.
    Responses,
}

impl Dialect {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Anthropic, Self::Chat, Self::Responses];

    /// The dialect of the errors for callers of this API.
    pub fn of(api: Api) -> Self {
        match api {
            Api::Anthropic => Self::Anthropic,
            Api::OpenaiChat | Api::OpenaiEmbeddings => Self::Chat,
            Api::OpenaiResponses => Self::Responses,
        }
    }

    /// The path of a request.
    pub fn path(self) -> &'static str {
        match self {
            Self::Anthropic => "/v1/messages",
            Self::Chat => "/v1/chat/completions",
            Self::Responses => "/v1/responses",
        }
    }

    /// The headers that its clients send, with a key.
    pub fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Anthropic => &[
                ("x-api-key", "test-key"),
                ("anthropic-version", "2023-06-01"),
            ],
            Self::Chat | Self::Responses => &[("authorization", "Bearer test-key")],
        }
    }

    /// The response header that names an exchange.
    pub fn request_id_header(self) -> &'static str {
        match self {
            Self::Anthropic => "request-id",
            Self::Chat | Self::Responses => "x-request-id",
        }
    }

    /// What a heartbeat looks like.
    pub fn heartbeat(self) -> &'static str {
        match self {
            Self::Anthropic => "event: ping",
            Self::Chat | Self::Responses => ": sluice",
        }
    }

    /// Returns the stream of this name. It is shaped like a recorded one.
    pub fn fixture(self, name: &str) -> String {
        fixture(&format!("{}/{name}", self.folder()))
    }

    /// The names of the fixtures that end well.
    ///
    /// # Panics
    ///
    /// If they can't be read.
    pub fn fixtures(self) -> Vec<String> {
        let files = std::fs::read_dir(fixtures().join(self.folder())).expect("fixtures");
        let names = files.map(|file| {
            let path = file.expect("a fixture").path();
            let stem = path.file_stem().expect("a name");
            stem.to_string_lossy().into_owned()
        });
        // When upstream fails, what is held is discarded.
        let ends_well = |name: &String| !["error_midway", "failed"].contains(&name.as_str());
        let mut names: Vec<String> = names.filter(ends_well).collect();
        names.sort();
        names
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Chat => "openai_chat",
            Self::Responses => "openai_responses",
        }
    }

    /// The model that requests ask for.
    pub fn model(self) -> &'static str {
        match self {
            Self::Anthropic => "claude-sonnet-4-5",
            Self::Chat | Self::Responses => "gpt-5",
        }
    }

    /// A request of one text.
    pub fn request(self, text: &str, stream: bool) -> Value {
        let model = self.model();
        match self {
            Self::Anthropic => json!({
                "model": model,
                "max_tokens": 1024,
                "stream": stream,
                "messages": [{"role": "user", "content": text}],
            }),
            Self::Chat => json!({
                "model": model,
                "stream": stream,
                "messages": [{"role": "user", "content": text}],
            }),
            Self::Responses => json!({
                "model": model,
                "stream": stream,
                "store": false,
                "input": [{"type": "message", "role": "user",
                    "content": [{"type": "input_text", "text": text}]}],
            }),
        }
    }

    /// A request that declares these tools, and contains the result of an earlier call of `Bash`:
    /// this command and that output.
    pub fn late_request(self, command: &str, output: &str, tools: &[&str]) -> Value {
        let mut request = self.request("go on", false);
        let (messages, later, declared) = match self {
            Self::Anthropic => (
                "messages",
                anthropic::call(command, output),
                anthropic::tool as fn(&str) -> Value,
            ),
            Self::Chat => (
                "messages",
                chat::call(command, output),
                chat::tool as fn(&str) -> Value,
            ),
            Self::Responses => (
                "input",
                responses::call(command, output),
                responses::tool as fn(&str) -> Value,
            ),
        };
        let messages = request[messages].as_array_mut().expect("a conversation");
        messages.extend(later);
        request["tools"] = tools.iter().map(|name| declared(name)).collect();
        request
    }

    /// A request for a stream that declares one tool, of this name and with this description.
    pub fn declaring(self, name: &str, description: &str) -> Value {
        let tool = match self {
            Self::Anthropic => anthropic::tool as fn(&str) -> Value,
            Self::Chat => chat::tool as fn(&str) -> Value,
            Self::Responses => responses::tool as fn(&str) -> Value,
        };
        let mut tool = tool(name);
        let said = match self {
            Self::Chat => &mut tool["function"],
            Self::Anthropic | Self::Responses => &mut tool,
        };
        said["description"] = json!(description);
        let mut request = self.request("go", true);
        request["tools"] = json!([tool]);
        request
    }

    /// A stream that is one call of a tool, its arguments as they are written here.
    pub fn calling(self, name: &str, arguments: &str) -> String {
        self.stream_of(&match self {
            Self::Anthropic => anthropic::calling(name, arguments),
            Self::Chat => chat::calling(name, arguments),
            Self::Responses => responses::calling(name, arguments),
        })
    }

    /// A stream that is one call of a tool that takes free text. In a dialect without such tools
    /// the text is the argument `input`, which is how gateways translate them.
    pub fn calling_with_text(self, name: &str, input: &str) -> String {
        self.stream_of(&match self {
            Self::Anthropic => anthropic::calling(name, &json!({"input": input}).to_string()),
            Self::Chat => chat::calling_with_text(name, input),
            Self::Responses => responses::calling_with_text(name, input),
        })
    }

    fn stream_of(self, events: &[Value]) -> String {
        let frames = events.iter().map(|event| match &event["type"] {
            Value::String(name) => format!("event: {name}\ndata: {event}\n\n"),
            _ => format!("data: {event}\n\n"),
        });
        let end = match self {
            Self::Chat => "data: [DONE]\n\n",
            Self::Anthropic | Self::Responses => "",
        };
        frames.collect::<String>() + end
    }

    /// The whole reply that a stream adds up to.
    ///
    /// # Panics
    ///
    /// If the stream breaks a rule of the API: order, numbers, a missing end.
    pub fn whole_of(self, stream: &[u8]) -> Value {
        match self {
            Self::Anthropic => anthropic::message_of(stream),
            Self::Chat => chat::completion_of(stream),
            Self::Responses => responses::response_of(stream),
        }
    }

    /// What a whole reply says.
    pub fn turn_of(self, reply: &Value) -> Turn {
        match self {
            Self::Anthropic => anthropic::turn_of(reply),
            Self::Chat => chat::turn_of(reply),
            Self::Responses => responses::turn_of(reply),
        }
    }

    /// What a stream says.
    ///
    /// # Panics
    ///
    /// As [`whole_of`](Self::whole_of).
    pub fn turn(self, stream: &[u8]) -> Turn {
        self.turn_of(&self.whole_of(stream))
    }

    /// The error that ended a stream after it had begun. `None` if it ended well.
    ///
    /// # Panics
    ///
    /// If the stream is no stream, or an SDK would not raise its error.
    pub fn error_of(self, stream: &[u8]) -> Option<Value> {
        match self {
            Self::Anthropic => anthropic::error_of(stream),
            Self::Chat => chat::error_of(stream),
            Self::Responses => responses::error_of(stream),
        }
    }

    /// The fixture as the body of a whole reply.
    pub fn whole(self, name: &str) -> Bytes {
        let whole = self.whole_of(self.fixture(name).as_bytes());
        whole.to_string().into()
    }
}
