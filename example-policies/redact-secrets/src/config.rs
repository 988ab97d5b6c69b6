//! The operator's configuration.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::kind::Kind;

/// Which secrets are redacted, and where.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether requests are redacted.
    pub(crate) request: bool,
    /// Whether the text of replies is redacted.
    pub(crate) reply: bool,
    /// Whether the whole conversation is redacted, and not just its new part. Callers send the
    /// conversation again with each turn, so without this a secret leaves one turn later.
    pub(crate) history: bool,
    /// Whether the system prompt is redacted.
    pub(crate) system: bool,
    /// Whether the arguments of tool calls are redacted, in replies and in the history. Off by
    /// default, because a command or a file with a placeholder instead of a secret does not do what
    /// was meant.
    pub(crate) tool_calls: bool,
    /// Kinds of secrets that are not redacted.
    pub(crate) off: Vec<Kind>,
    /// Kinds of secrets of your own.
    pub(crate) extra: Vec<Extra>,
    /// Texts that are never secrets, such as the keys of a sandbox or of documentation.
    pub(crate) allow: Vec<String>,
    /// How random a value must look to be redacted because of the name that it is assigned to, in
    /// bits for each character. Prose is below 2.5, random letters and digits are above 3.
    pub(crate) min_entropy: f64,
}

/// A kind of secret of your own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// Its word in the placeholder: lower case letters, digits and `-`.
    pub(crate) name: String,
    /// Its form, in the syntax of Rust's `regex` crate. If it has a group named `secret`, only that
    /// group is redacted. Matches of more than 16 KiB are not found.
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
