//! The request of the exchange, as a policy reads and edits it.

#[cfg(target_family = "wasm")]
mod host;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod model;
mod rewrite;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::{Block, BlockAddress, PlacedBlock};

pub use rewrite::{Place, TextAt};
pub(crate) use rewrite::{PlacedText, TextPage};

#[cfg(target_family = "wasm")]
use host::Host as Source;
#[cfg(not(target_family = "wasm"))]
use model::Model as Source;

/// The request of this exchange. Every method asks the host, so it costs nothing until it is used.
///
/// Every hook but `configure` may read it. Editing needs `&mut`, and only
/// [`on_request`](crate::Policy::on_request) is given that.
pub struct Request(pub(crate) Source);

/// What surrounds the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Context {
    /// The id of the exchange.
    pub exchange: Option<String>,
    /// The id of the agent conversation.
    pub session: Option<String>,
    /// The id of the authenticated client.
    pub caller: Option<String>,
    /// The caller's API: `anthropic`, `openai-chat`, `openai-responses` or `openai-embeddings`.
    pub api: String,
    /// The model asked for.
    pub model: String,
    /// The path of the HTTP request.
    pub path: String,
    /// Whether the caller asked for a streamed reply.
    pub streaming: bool,
    /// Unix time in milliseconds.
    pub received_at: u64,
    /// The headers, with their names in lower case. Headers that carry credentials are left out.
    pub headers: BTreeMap<String, Value>,
}

/// Why an edit was not made. The request has not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError(pub(crate) String);

impl Request {
    /// What surrounds the request.
    pub fn context(&self) -> Context {
        serde_json::from_str(&self.0.context()).unwrap_or_default()
    }

    /// The model asked for.
    pub fn model(&self) -> String {
        self.0.model()
    }

    /// Asks for another model.
    pub fn set_model(&mut self, model: &str) -> Result<(), EditError> {
        self.0.set_model(model)
    }

    /// How many messages the conversation has.
    pub fn message_count(&self) -> u32 {
        self.0.message_count()
    }

    /// The blocks of one message. Empty if there is no such message.
    pub fn message(&self, index: u32) -> Vec<PlacedBlock> {
        self.0.message(index)
    }

    /// What the caller added since the last reply: the new text of the user and the new tool results. This is what a
    /// policy usually judges.
    pub fn news(&self) -> Vec<PlacedBlock> {
        self.0.news()
    }

    /// The first message of [`news`](Self::news), or [`message_count`](Self::message_count) if that is empty.
    pub fn first_new(&self) -> u32 {
        self.0.first_new()
    }

    /// Replaces one block with these. Bytes of the body that do not belong to a replaced block stay as they are.
    pub fn replace(&mut self, at: BlockAddress, blocks: Vec<Block>) -> Result<(), EditError> {
        self.0.replace(at, blocks)
    }

    /// Adds a text at the end of the system prompt.
    pub fn append_system(&mut self, text: &str) -> Result<(), EditError> {
        self.0.append_system(text)
    }

    /// The names of the tools the caller declared, in order.
    pub fn tool_names(&self) -> Vec<String> {
        self.0.tool_names()
    }

    /// Removes every tool of that name from the tools that the caller declared.
    pub fn remove_tool(&mut self, name: &str) -> Result<(), EditError> {
        self.0.remove_tool(name)
    }

    /// Returns any field of the body, by its JSON Pointer (RFC 6901).
    pub fn get(&self, pointer: &str) -> Option<Value> {
        serde_json::from_str(&self.0.get(pointer)?).ok()
    }

    /// Sets any field of the body, by its JSON Pointer. The last step may name a new key of an object. If it is `-`,
    /// the value is appended to an array.
    pub fn set(&mut self, pointer: &str, value: &Value) -> Result<(), EditError> {
        self.0.set(pointer, &value.to_string())
    }

    /// The whole body as it is now, as JSON.
    pub fn body(&self) -> String {
        self.0.body()
    }

    /// The request of the exchange that this instance serves. In a native build it is empty.
    pub(crate) fn of_this_exchange() -> Self {
        Self(Source::default())
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EditError {}
