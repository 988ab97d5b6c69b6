//! The operator's policy file: what it may say, and everything that is wrong with one.
//!
//! Reads the YAML alone. Whether the components are there is `source`'s to say, and whether they are
//! policies the engine's.

mod fault;
mod fields;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod tree;

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde_json::{Map, Value};

pub use self::fault::{Fault, Faults, Mark};
pub use self::schema::json_schema;
use super::passthrough::{MAX_PATTERN, MAX_PATTERNS, Passthrough};

/// What `on-request` gets of the fuel of the other hooks: it may read a conversation of megabytes.
const REQUEST_FUEL_FACTOR: u64 = 10;
/// What the schema says of a path that is passed; [`Pattern`](super::passthrough::Pattern) knows more.
const PATTERN: &str = r"^/(\*|[A-Za-z0-9._~!$&'()+,=:@-]+(/[A-Za-z0-9._~!$&'()+,=:@-]+)*(/\*)?)$";
/// The engine's pool has no larger slots.
pub(super) const MAX_MEMORY_MIB: u64 = 256;

/// The policies that Sluice runs over each request and over each block of the reply.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(title = "Sluice policy file", deny_unknown_fields)]
pub struct PolicyFile {
    /// In order: requests pass them first to last, replies last to first, so the first has the last
    /// word on what the caller receives.
    pub policies: Vec<Entry>,
    /// Paths that are forwarded although no policy sees them, with any method: each alone, or with `/*`
    /// at its end everything below it. The paths that policies judge are never among them, and what is
    /// below one of those only where it is led to by name, as by `/v1/responses/*`.
    #[schemars(with = "Vec<String>", default)]
    #[schemars(length(max = MAX_PATTERNS), extend("uniqueItems" = true))]
    #[schemars(inner(length(max = MAX_PATTERN), regex(pattern = PATTERN)))]
    pub passthrough: Passthrough,
}

/// One policy.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(title = "Policy", deny_unknown_fields)]
pub struct Entry {
    /// What it is called in logs, notices and recordings. Unique in the file.
    #[schemars(regex(pattern = "^[a-z0-9-]{1,64}$"))]
    pub name: String,
    /// The WebAssembly component: a path, relative to the folder of this file.
    #[schemars(with = "String", length(min = 1))]
    pub component: PathBuf,
    /// The digest of the component in hexadecimal. Where it is given, no other component is loaded.
    #[schemars(regex(pattern = "^(sha256:)?[0-9a-fA-F]{64}$"))]
    pub sha256: Option<String>,
    /// What the policy is configured with. Its shape is the policy's own.
    #[schemars(default = "empty_config")]
    pub config: Value,
    /// What happens where the policy fails (a trap, a bound, an illegal answer): `block` what it
    /// should have judged, or let it `pass`.
    #[schemars(default)]
    pub on_failure: OnFailure,
    /// `off` leaves it out, without so much as reading its component.
    #[schemars(default)]
    pub mode: Mode,
    /// What each call of it may cost.
    #[schemars(default)]
    pub limits: Limits,
    /// What it may use beyond the request and the log. This version offers nothing to grant.
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
    /// What it should have judged is blocked.
    #[default]
    Block,
    /// As if the policy were not there.
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
    /// It is left out.
    Off,
}

/// What each call of a policy may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, serde::Serialize)]
#[schemars(inline, deny_unknown_fields)]
#[serde(default)]
pub struct Limits {
    /// CPU of one call on a block, a piece or the end of a reply; a unit is about one instruction of
    /// WebAssembly. A call on a request gets ten times as much.
    #[schemars(range(min = 10_000, max = 10_000_000_000_u64))]
    pub fuel: u64,
    /// Memory of one instance, and each exchange has its own.
    #[schemars(range(min = 1, max = MAX_MEMORY_MIB))]
    pub memory_mib: u64,
    /// Time on the clock for one call, with the wait for a free instance.
    #[schemars(range(min = 10, max = 60_000))]
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
    /// A fault of one of its fields. A field that is left out stands where the entry does.
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
