//! The operator's policy file: what it may say, and everything that is wrong with one.
//!
//! Reads the YAML alone. Whether the components are there is `source`'s to say, and whether they are
//! policies the engine's.

mod read;
mod reference;
mod schema;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

pub use self::reference::reference;
pub use self::schema::json_schema;
use super::passthrough::{MAX_PATTERN, MAX_PATTERNS, Passthrough};
use crate::yaml::{Fault, Mark};

/// How many times the fuel of other hooks `on-request` gets, because it may read a conversation of megabytes.
const REQUEST_FUEL_FACTOR: u64 = 10;
/// What the schema says of a path that is passed; [`Pattern`](super::passthrough::Pattern) knows more.
const PATTERN: &str = r"^/(\*|[A-Za-z0-9._~!$&'()+,=:@-]+(/[A-Za-z0-9._~!$&'()+,=:@-]+)*(/\*)?)$";
/// A digest as one may write it.
const EXAMPLE_DIGEST: &str =
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// The engine's pool has no larger slots.
pub(super) const MAX_MEMORY_MIB: u64 = 256;

/// The policies that Sluice runs over each request and over each block of the reply.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(title = "Sluice policy file", deny_unknown_fields)]
pub struct PolicyFile {
    /// The policies, in order. Requests pass them from the first to the last and replies from the last to the
    /// first, so the first policy has the last word on what the caller receives.
    pub policies: Vec<Entry>,
    /// Paths that are forwarded although no policy sees them, with any method. A path stands for itself alone,
    /// or for everything below it where it ends with `/*`. A path that policies judge is never forwarded this
    /// way. What lies below such a path is forwarded only where an entry names that path, as `/v1/responses/*`
    /// does.
    #[schemars(with = "Vec<String>", default, example = ["/v1/files", "/v1/files/*"])]
    #[schemars(length(max = MAX_PATTERNS), extend("uniqueItems" = true))]
    #[schemars(inner(length(max = MAX_PATTERN), regex(pattern = PATTERN)))]
    pub passthrough: Passthrough,
}

/// One policy.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(title = "Policy", deny_unknown_fields)]
pub struct Entry {
    /// The name of the policy in logs, notices and recordings. It must be unique in the file.
    #[schemars(regex(pattern = "^[a-z0-9-]{1,64}$"), example = "redact-secrets")]
    pub name: String,
    /// The path of the WebAssembly component, relative to the folder of this file.
    #[schemars(
        with = "String",
        length(min = 1),
        example = "policies/redact-secrets.wasm"
    )]
    pub component: PathBuf,
    /// The SHA-256 of the component in hexadecimal. If it is given, a component with another digest is refused.
    /// `sluice policy inspect FILE` prints it.
    #[schemars(regex(pattern = "^(sha256:)?[0-9a-fA-F]{64}$"), example = EXAMPLE_DIGEST)]
    pub sha256: Option<String>,
    /// The configuration of the policy. Each policy has its own fields here; `sluice policy inspect FILE` prints
    /// their schema.
    #[schemars(default = "empty_config", example = example_config())]
    pub config: Value,
    /// What happens if the policy itself fails: it traps, meets one of its limits, or gives an answer that is not
    /// allowed.
    #[schemars(default, example = OnFailure::Pass)]
    pub on_failure: OnFailure,
    /// Whether the policy is in use.
    #[schemars(default, example = Mode::Off)]
    pub mode: Mode,
    /// What each call of the policy may cost.
    #[schemars(default, example = example_limits())]
    pub limits: Limits,
    /// What the policy may use beyond the request and the log. This version offers nothing to grant.
    #[schemars(default)]
    pub grants: Grants,
    #[schemars(skip)]
    places: Places,
}

/// Which side is taken where a policy fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum OnFailure {
    /// What the policy should have judged is blocked.
    #[default]
    Block,
    /// What the policy should have judged passes, as if the policy were not there.
    Pass,
}

/// Whether a policy is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Mode {
    /// Its verdicts are carried out.
    #[default]
    Enforce,
    /// It is left out. Its component is not even read, so a broken policy can be switched off.
    Off,
}

/// What each call of a policy may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, serde::Serialize)]
#[schemars(inline, deny_unknown_fields)]
#[serde(default)]
pub struct Limits {
    /// The CPU of one call on a block, on a piece of text or on the end of a reply. A unit is about one
    /// instruction of WebAssembly. A call on a request gets ten times as much. What a call is given to read (the
    /// body of the request, the block, the piece) adds to that: as much as this once more for each 25,000 bytes.
    #[schemars(range(min = 10_000, max = 10_000_000_000_u64), example = 50_000_000)]
    pub fuel: u64,
    /// The memory of one instance, in MiB. Each exchange has an instance of its own.
    #[schemars(range(min = 1, max = MAX_MEMORY_MIB), example = 128)]
    pub memory_mib: u64,
    /// How long one call may take, in milliseconds, with the wait for a free instance. What it is given to read
    /// adds to that: as much as this once more for each 8,000,000 bytes.
    #[schemars(range(min = 10, max = 60_000), example = 500)]
    pub deadline_ms: u64,
}

/// What a policy may use beyond the request and the log: nothing in this version.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema, serde::Serialize)]
#[schemars(inline, deny_unknown_fields)]
pub struct Grants {}

/// Where the fields of an entry stand.
#[derive(Clone, Debug)]
struct Places {
    index: usize,
    entry: Mark,
    fields: Vec<(&'static str, Mark)>,
}

impl Entry {
    /// Returns a fault of one of its fields. If the field is left out, the fault points at the entry.
    pub(super) fn fault(&self, field: &str, problem: impl Into<String>) -> Fault {
        let place = self.places.fields.iter().find(|(name, _)| *name == field);
        let at = place.map_or(self.places.entry, |(_, at)| *at);
        Fault::new(
            at,
            format!("policies[{}].{field}", self.places.index),
            problem,
        )
    }
}

impl Limits {
    /// Fuel of a call on a request.
    pub fn request_fuel(&self) -> u64 {
        self.fuel * REQUEST_FUEL_FACTOR
    }

    /// Memory in bytes.
    pub fn memory_bytes(&self) -> usize {
        usize::try_from(self.memory_mib << 20).unwrap_or(usize::MAX)
    }

    /// Time on the clock for one call.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 20_000_000,
            memory_mib: 64,
            deadline_ms: 2_000,
        }
    }
}

impl Mode {
    /// The word of the policy file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Off => "off",
        }
    }
}

fn empty_config() -> Value {
    Value::Object(Map::new())
}

fn example_config() -> Value {
    json!({ "groups": { "git": false } })
}

fn example_limits() -> Value {
    json!({ "fuel": 50_000_000, "deadline_ms": 500 })
}
