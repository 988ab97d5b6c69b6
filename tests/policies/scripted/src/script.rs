//! The script: what a test can tell the scripted policy to do.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use sluice_policy_sdk::{Block, ToolCall, Wants};

/// The whole script.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Script {
    /// What it asks to see.
    pub(crate) wants: Wanted,
    /// Whether it reports what it is shown.
    pub(crate) report: bool,
    /// Whether it reports the ids of the request's context.
    pub(crate) context: bool,
    /// If there are any, it refuses its configuration with these.
    pub(crate) faults: Vec<String>,
    /// Edits of the request, in order.
    pub(crate) edits: Vec<Edit>,
    /// The verdict on the request.
    pub(crate) request: RequestRule,
    /// Rules for blocks. The first that matches decides; a block that none matches is kept.
    pub(crate) blocks: Vec<Rule>,
    /// The verdict on text in pieces.
    pub(crate) pieces: Pieces,
    /// Texts added after the last block.
    pub(crate) end: Vec<String>,
}

/// What it asks to see.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Wanted {
    request: bool,
    text: Delivery,
    thinking: Delivery,
    tool_call: Delivery,
    other: Delivery,
    end: bool,
    stateless: bool,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Delivery {
    #[default]
    None,
    Observe,
    /// For text alone. For other kinds it counts as whole.
    Pieces,
    Whole,
}

/// An edit of the request.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Edit {
    Model(String),
    AppendSystem(String),
    RemoveTool(String),
    Set {
        pointer: String,
        value: Value,
    },
    /// Replaces each new block that contains something by a text.
    ReplaceNews {
        contains: String,
        text: String,
    },
}

/// The verdict on the request.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RequestRule {
    #[default]
    Forward,
    Answer(Vec<Said>),
    /// With this message.
    Refuse(String),
}

/// A rule for blocks.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// `text`, `thinking`, `tool-call` or `other`. Any kind if it is missing.
    #[serde(default)]
    kind: Option<String>,
    /// The name of the tool called.
    #[serde(default)]
    tool: Option<String>,
    /// A text that the block must contain, in its text, arguments or JSON.
    #[serde(default)]
    contains: String,
    /// The verdict.
    pub(crate) then: Then,
}

/// A verdict on a block.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Then {
    Keep,
    Replace(Vec<Said>),
    /// With this message.
    Drop(String),
    /// With this message.
    Stop(String),
}

/// The verdict on text in pieces.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pieces {
    #[default]
    Keep,
    /// Sends each as it came, through `send`.
    Send,
    /// Sends each in capitals.
    Upper,
    /// Sends nothing.
    Swallow,
    /// Holds everything back until the block is over.
    Hold,
    /// Stops the reply after more than this many bytes.
    StopAfter(usize),
}

/// A block in a verdict.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Said {
    Text(String),
    Thinking(String),
    ToolCall {
        #[serde(default)]
        id: String,
        name: String,
        arguments: Value,
    },
}

impl Wanted {
    pub(crate) fn to_wants(&self) -> Wants {
        let mut wants = Wants::nothing();
        if self.request {
            wants = wants.request();
        }
        if self.end {
            wants = wants.end();
        }
        if self.stateless {
            wants = wants.stateless();
        }
        wants = match self.text {
            Delivery::None => wants,
            Delivery::Observe => wants.text_observed(),
            Delivery::Pieces => wants.text_pieces(),
            Delivery::Whole => wants.text_whole(),
        };
        wants = match self.thinking {
            Delivery::None => wants,
            Delivery::Observe => wants.thinking_observed(),
            Delivery::Pieces | Delivery::Whole => wants.thinking_whole(),
        };
        wants = match self.tool_call {
            Delivery::None => wants,
            Delivery::Observe => wants.tool_calls_observed(),
            Delivery::Pieces | Delivery::Whole => wants.tool_calls_whole(),
        };
        match self.other {
            Delivery::None => wants,
            Delivery::Observe => wants.others_observed(),
            Delivery::Pieces | Delivery::Whole => wants.others_whole(),
        }
    }
}

impl Rule {
    pub(crate) fn hits(&self, block: &Block) -> bool {
        let kind = match block {
            Block::Text(_) => "text",
            Block::Thinking(_) => "thinking",
            Block::ToolCall(_) => "tool-call",
            Block::ToolResult(_) => "tool-result",
            Block::Other(_) => "other",
        };
        let tool = match block {
            Block::ToolCall(call) => Some(&call.name),
            _ => None,
        };
        self.kind.as_deref().is_none_or(|wanted| wanted == kind)
            && (self.tool.is_none() || self.tool.as_ref() == tool)
            && text_of(block).contains(&self.contains)
    }
}

impl From<&Said> for Block {
    fn from(said: &Said) -> Self {
        match said {
            Said::Text(text) => Self::Text(text.clone()),
            Said::Thinking(text) => Self::Thinking(text.clone()),
            Said::ToolCall {
                id,
                name,
                arguments,
            } => Self::ToolCall(ToolCall {
                id: id.clone(),
                name: name.clone(),
                arguments: arguments.to_string(),
            }),
        }
    }
}

pub(crate) fn text_of(block: &Block) -> &str {
    match block {
        Block::Text(text) | Block::Thinking(text) | Block::Other(text) => text,
        Block::ToolCall(call) => &call.arguments,
        Block::ToolResult(result) => &result.content,
    }
}
