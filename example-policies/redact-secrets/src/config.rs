//! What the operator can choose.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::kind::Kind;

/// What is looked for, and where.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether what the caller sends is redacted.
    pub(crate) request: bool,
    /// Whether the text of replies is redacted.
    pub(crate) reply: bool,
    /// Whether the whole conversation is redacted, and not its new part alone. Callers send the
    /// conversation again with each turn: without this a secret leaves one turn later.
    pub(crate) history: bool,
    /// Whether the system prompt is redacted.
    pub(crate) system: bool,
    /// Whether the arguments of tool calls are redacted, in replies and in the history. Off, since a
    /// command or a file with a placeholder in the place of a secret does not do what was meant.
    pub(crate) tool_calls: bool,
    /// Kinds that are not looked for.
    pub(crate) off: Vec<Kind>,
    /// Secrets of the operator's own.
    pub(crate) extra: Vec<Extra>,
    /// Texts that are no secrets, whatever they look like: keys of a sandbox, of documentation.
    pub(crate) allow: Vec<String>,
    /// How random a value must look to be taken for a secret because of the name it is assigned to,
    /// in bits for each character. Prose is below 2.5, random letters and digits are above 3.
    pub(crate) min_entropy: f64,
}

/// A secret of the operator's own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// What stands in the placeholder: lower case letters, digits and `-`.
    pub(crate) name: String,
    /// What it looks like, in the syntax of Rust's `regex` crate. Where it has a group named
    /// `secret`, that alone is redacted. Matches of over 16 KiB are not found.
    pub(crate) regex: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            request: true,
            reply: true,
            history: true,
            system: true,
            tool_calls: false,
            off: Vec::new(),
            extra: Vec::new(),
            allow: Vec::new(),
            min_entropy: 2.8,
        }
    }
}
