//! The agents that were seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A program that calls model APIs, or the library that it uses if its headers tell no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Agent {
    /// Claude Code, as a program or through its SDK.
    ClaudeCode,
    /// Codex, in the terminal, in an editor or in scripts.
    Codex,
    /// opencode.
    Opencode,
    /// Qwen Code.
    QwenCode,
    /// Gemini CLI.
    GeminiCli,
    /// Cline. Its command line only tells that it uses the AI SDK.
    Cline,
    /// `LiteLLM`, which Aider calls Anthropic with.
    Litellm,
    /// The official Anthropic SDKs.
    AnthropicSdk,
    /// The official `OpenAI` SDKs, which Aider calls `OpenAI` with.
    OpenaiSdk,
    /// The AI SDK for TypeScript.
    AiSdk,
    /// Any other program.
    #[serde(other)]
    Other,
}

/// What is known about an agent that was seen since the start.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct AgentSeen {
    /// The agent, by the name that it gives itself.
    pub agent: Agent,
    /// When its last request came, in milliseconds of Unix time.
    pub last_seen_ms: u64,
    /// The HTTP status of the last reply that began.
    pub last_status: Option<u16>,
    /// How many requests it made.
    pub requests: u64,
    /// How many of them went to each path that Sluice serves. A part that names one thing is written `{id}`.
    pub paths: BTreeMap<String, u64>,
}
