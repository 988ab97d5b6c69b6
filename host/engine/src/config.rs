//! What the operator decides: the engine's size, and each policy with its bounds.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The size of the engine. It applies to the process, not to each policy.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// How many instances of policies can live at once. An exchange holds one for each policy that
    /// it has called. Further calls wait, within the deadline of their hook.
    pub instances: u32,
    /// The most memory that a policy may be given, in bytes. Limits of a policy above it are
    /// refused.
    pub max_memory_bytes: usize,
    /// The largest component that is loaded, in bytes.
    pub max_component_bytes: usize,
    /// How often a running policy gives way to other tasks of its thread. Nothing ticks while no
    /// policy runs.
    pub tick: Duration,
    /// Whether exchanges start from configured snapshots, if one can be taken. If this is off, each
    /// exchange runs `configure` again.
    pub snapshots: bool,
    /// How long each step of a load may take: describing, configuring, taking the snapshot.
    pub load_deadline: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            instances: 1000,
            max_memory_bytes: 256 << 20,
            max_component_bytes: 64 << 20,
            tick: Duration::from_millis(2),
            snapshots: true,
            load_deadline: Duration::from_secs(10),
        }
    }
}

/// One policy, as the policy file names it.
#[derive(Clone, Debug)]
pub struct PolicySpec {
    /// The operator's name for the policy, used in logs, notices and recordings.
    pub name: String,
    /// The component's bytes.
    pub component: Bytes,
    /// The config that is passed to `configure`.
    pub config: serde_json::Value,
    /// Which side is taken when the policy fails.
    pub on_failure: OnFailure,
    /// What each call may cost.
    pub limits: Limits,
    /// The interfaces it may import beyond `request` and `telemetry`.
    pub grants: BTreeSet<String>,
}

/// Which side is taken when a policy fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// What it should have judged is blocked.
    #[default]
    Block,
    /// It passes, as if the policy were not there.
    Pass,
}

/// A call gets its base fuel once more for each block of this many bytes that it is given to read.
const BYTES_PER_FUEL: u64 = 25_000;
/// A call gets its base time once more for each block of this many bytes that it is given to read.
const BYTES_PER_DEADLINE: u64 = 8_000_000;
/// The most bytes that a policy can hand the host in one call. Wasmtime's own bound is 128 MiB;
/// with a thousand instances that could use up a machine's memory.
const HANDED: usize = 4 << 20;

/// The bounds of one call that is given next to nothing to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The base fuel of `on-request`; the size of the request adds to it. One unit is about one
    /// WebAssembly instruction.
    pub request_fuel: u64,
    /// The base fuel of every other hook. In any hook, each 25,000 bytes that the call is given to
    /// read add this much.
    pub block_fuel: u64,
    /// All memories of the instance together, in bytes.
    pub memory_bytes: usize,
    /// The wall-clock time of a call, including the wait for a free instance. Each 8,000,000 bytes
    /// that the call is given to read add this much.
    pub deadline: Duration,
}

/// The bounds of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallBounds {
    pub(crate) fuel: u64,
    pub(crate) time: Duration,
    /// The most bytes that the policy can hand the host at once.
    pub(crate) handed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_fuel: 200_000_000,
            block_fuel: 20_000_000,
            memory_bytes: 64 << 20,
            deadline: Duration::from_secs(2),
        }
    }
}

impl Limits {
    /// The fuel of `describe`, of `configure`, and of making an instance. A policy of sixty
    /// patterns that warms up its tables for the snapshot uses twenty times a request's fuel.
    pub(crate) fn load_fuel(&self) -> u64 {
        self.request_fuel.saturating_mul(50)
    }
}

impl Limits {
    /// Returns the bounds of a call that has `fuel` as its base and is given `bytes` bytes to read.
    pub(crate) fn call(&self, fuel: u64, bytes: usize) -> CallBounds {
        let share = |whole: u64, each: u64| {
            let more = u128::from(whole) * bytes as u128 / u128::from(each);
            u64::try_from(more).unwrap_or(u64::MAX)
        };
        let time = u64::try_from(self.deadline.as_micros()).unwrap_or(u64::MAX);
        let time = time.saturating_add(share(time, BYTES_PER_DEADLINE));
        CallBounds {
            fuel: fuel.saturating_add(share(self.block_fuel, BYTES_PER_FUEL)),
            time: Duration::from_micros(time),
            // A replacement is usually about as long as the text it replaces.
            handed: HANDED.saturating_add(bytes.saturating_mul(2)),
        }
    }

    /// Returns the bounds of `describe`, of `configure`, and of making an instance.
    pub(crate) fn load(&self, deadline: Duration) -> CallBounds {
        CallBounds {
            fuel: self.load_fuel(),
            time: deadline,
            handed: HANDED,
        }
    }
}

impl OnFailure {
    /// The word used in the policy file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Pass => "pass",
        }
    }
}
