//! What the operator decides: the engine's size, and each policy with its bounds.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The size of the engine. Per process, not per policy.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// How many instances of policies can live at once; one exchange holds one for each policy that it
    /// has called. More have to wait, within the deadline of their hook.
    pub instances: u32,
    /// The most memory any policy may be given, in bytes. Limits of policies above it are refused.
    pub max_memory_bytes: usize,
    /// The largest component that is loaded, in bytes.
    pub max_component_bytes: usize,
    /// How often a running policy gives way to other tasks of its thread. While none runs nothing ticks.
    pub tick: Duration,
    /// Whether exchanges start from configured snapshots, where one can be taken. Off, each exchange
    /// configures its instances anew: slower by all that `configure` does.
    pub snapshots: bool,
    /// How long describing, configuring and snapshotting a policy may take, each.
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
    /// The operator's name for it: in logs, notices and recordings.
    pub name: String,
    /// The component's bytes.
    pub component: Bytes,
    /// What `configure` is given.
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
    /// As if the policy were not there.
    Pass,
}

/// What a call is given to read adds to its bounds: for so many bytes it gets `block_fuel` once more.
const BYTES_PER_FUEL: u64 = 25_000;
/// And for so many bytes its deadline once more.
const BYTES_PER_DEADLINE: u64 = 8_000_000;
/// The most that a policy can hand the host in one call, in bytes. Wasmtime's own bound is 128 MiB,
/// which a thousand instances together could make a machine's whole memory.
const HANDED: usize = 4 << 20;

/// What one call of a hook may cost, where it is given next to nothing to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel of `on-request`, but for what the size of the request adds. A unit is about one instruction
    /// of WebAssembly.
    pub request_fuel: u64,
    /// Fuel of each other hook, likewise. Each 25,000 bytes that a call of any hook is given to read
    /// add as much.
    pub block_fuel: u64,
    /// All memories of the instance together, in bytes.
    pub memory_bytes: usize,
    /// Wall-clock time of a call, with the wait for a free instance. Each 8,000,000 bytes that it is
    /// given to read add as much.
    pub deadline: Duration,
}

/// What one call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallBounds {
    pub(crate) fuel: u64,
    pub(crate) time: Duration,
    /// The most that the policy can hand the host at once, in bytes.
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
    /// Fuel of `describe`, of `configure` and of making an instance. A policy of sixty patterns that
    /// warms up its tables for the snapshot spends twenty times a request's.
    pub(crate) fn load_fuel(&self) -> u64 {
        self.request_fuel.saturating_mul(50)
    }
}

impl Limits {
    /// The bounds of a call that has `fuel` and is given so many bytes to read.
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
            // What replaces a text is mostly as long as the text.
            handed: HANDED.saturating_add(bytes.saturating_mul(2)),
        }
    }

    /// The bounds of `describe`, of `configure` and of making an instance.
    pub(crate) fn load(&self, deadline: Duration) -> CallBounds {
        CallBounds {
            fuel: self.load_fuel(),
            time: deadline,
            handed: HANDED,
        }
    }
}

impl OnFailure {
    /// The word of the policy file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Pass => "pass",
        }
    }
}
