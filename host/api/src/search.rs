//! What a search finds, and the names that filters can be set to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ExchangeSummary;

/// A block that was found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Hit {
    /// The first exchange of a session that has the block.
    pub exchange: ExchangeSummary,
    /// The id of the block's content.
    pub content: String,
    /// What it is.
    pub kind: String,
    /// Who said it.
    pub role: Option<String>,
    /// The piece of its text that shows what was found.
    pub snippet: Snippet,
}

/// A piece of a text, in parts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Snippet {
    /// The parts, in order.
    pub parts: Vec<SnippetPart>,
    /// Whether the text goes on before it.
    pub cut_before: bool,
    /// Whether the text goes on behind it.
    pub cut_behind: bool,
}

/// A part of a snippet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SnippetPart {
    /// Its text.
    pub text: String,
    /// Whether it is what was searched for.
    pub found: bool,
}

/// The names that filters can be set to, those that were used most first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Facets {
    /// Callers, by their pseudonyms.
    pub callers: Vec<Name>,
    /// Models that were asked for.
    pub models: Vec<Name>,
    /// Dialects.
    pub apis: Vec<Name>,
    /// Upstreams.
    pub upstreams: Vec<Name>,
    /// Policies that said something.
    pub policies: Vec<Name>,
    /// Rules that policies named.
    pub rules: Vec<Name>,
}

/// A name and how often it was used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Name {
    /// The name.
    pub name: String,
    /// The policy, if it is a rule.
    pub of: Option<String>,
    /// How many exchanges, attempts or verdicts have it.
    pub uses: u64,
    /// When it was first used, in milliseconds of Unix time.
    pub first_at_ms: u64,
    /// When it was last used, in milliseconds of Unix time.
    pub last_at_ms: u64,
}
