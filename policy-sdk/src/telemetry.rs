//! What a policy tells the operator: lines in the log, rows in the audit log, counters. Every hook may use it.
//!
//! In a native build nothing is written, and [`testing`](crate::testing) records what was said.

#[cfg(not(target_family = "wasm"))]
pub(crate) mod recorded;

use serde_json::Value;

#[cfg(target_family = "wasm")]
use host as sink;
#[cfg(not(target_family = "wasm"))]
use recorded as sink;

/// How important a line in the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Someone must act.
    Error,
    /// Something went wrong and was dealt with.
    Warn,
    /// Worth knowing.
    Info,
    /// Only of interest to someone who looks for a fault.
    Debug,
    /// Every single step.
    Trace,
}

/// Writes a line to the host's log. A line of more than 8 KiB is cut. Never log what the policy is there to hide.
pub fn log(level: Level, message: &str) {
    sink::log(level, message);
}

/// Adds a row to the audit log and a line to the live view.
pub fn emit(kind: &str, detail: &Value) {
    sink::emit(kind, detail);
}

/// Adds to a counter of this policy.
pub fn count(counter: &str, by: u64) {
    sink::count(counter, by);
}

impl Level {
    /// The word for the level in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

#[cfg(target_family = "wasm")]
mod host {
    use super::{Level, Value};
    use crate::bindings::sluice::policy::telemetry;

    pub(super) fn log(level: Level, message: &str) {
        telemetry::log(level.as_str(), message);
    }

    pub(super) fn emit(kind: &str, detail: &Value) {
        telemetry::emit(kind, &detail.to_string());
    }

    pub(super) fn count(counter: &str, by: u64) {
        telemetry::count(counter, by);
    }
}
