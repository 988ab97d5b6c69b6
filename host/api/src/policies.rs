//! The policies in force.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which policies are in force, and why the newest policy file is not, if it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Policies {
    /// The generation that is in force. 0 if nothing was ever loaded.
    pub generation: u64,
    /// When that generation came into force, in milliseconds of Unix time.
    pub loaded_at_ms: Option<u64>,
    /// The policy file. `null` if there is none.
    pub file: Option<String>,
    /// The policies of that generation in the order of the file, and those that are off.
    pub policies: Vec<PolicyStatus>,
    /// The paths that are forwarded although no policy sees them.
    pub passthrough: Vec<String>,
    /// Why the last load failed. `null` if it succeeded.
    pub last_error: Option<LoadFailure>,
}

/// One policy of the policy file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct PolicyStatus {
    /// The operator's name for it.
    pub name: String,
    /// Whether it judges.
    pub mode: PolicyMode,
    /// The SHA-256 of its component. `null` if it is off.
    pub digest: Option<String>,
    /// The version that it names itself. `null` if it is off.
    pub version: Option<String>,
    /// Whether exchanges start from a snapshot: `taken`, `per exchange` or `not needed`. `null` if the policy is off.
    pub snapshot: Option<String>,
}

/// Whether a policy judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyMode {
    /// What it says is done.
    Enforce,
    /// It is not asked.
    Off,
}

/// A load that failed and changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LoadFailure {
    /// When, in milliseconds of Unix time.
    pub at_ms: Option<u64>,
    /// Everything that is wrong, one fault a line.
    pub text: String,
}
