//! What an operator chooses about the record. These are values of settings, so what they say is in docs/settings.md.

use clap::ValueEnum;
use schemars::JsonSchema;

/// What happens if there is no room for another recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, ValueEnum)]
#[schemars(inline, rename_all = "kebab-case")]
pub enum OnFull {
    /// Recordings are dropped, counted and logged. Exchanges go on.
    #[default]
    Drop,
    /// New exchanges wait for up to 30 seconds and then get a 503.
    Block,
}

/// What is kept of contents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, ValueEnum)]
#[schemars(inline, rename_all = "kebab-case")]
pub enum KeptContents {
    /// Everything, also the secrets that policies took out on the way.
    #[default]
    All,
    /// What went to the model API and to the agent. What policies took out on the way is kept nowhere: there are its
    /// length and its digest.
    AsSent,
    /// Lengths and digests.
    None,
}

/// When an exchange is on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, ValueEnum)]
#[schemars(inline, rename_all = "kebab-case")]
pub enum Durability {
    /// Soon after its end, and nobody waits for that. If the process is killed, the exchanges under way and the last
    /// moment are lost.
    #[default]
    Relaxed,
    /// Before the model API is asked, and again before the last piece of the reply leaves. Whatever a caller got to its
    /// end is in the record, and an exchange that was cut off by the end of the process is recorded as cut.
    Strict,
}
