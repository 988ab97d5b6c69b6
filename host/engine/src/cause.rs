//! Why a policy failed.

use std::fmt;
use std::time::Duration;

use thiserror::Error;
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::config::CallBounds;
use crate::host::HostState;
use crate::text;

/// The longest text of a failure that is kept, in bytes.
const TEXT_MAX: usize = 2048;

/// Why a policy failed. Its text holds nothing of the exchange, unless the policy itself put that into the text of
/// a panic.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Cause {
    /// It trapped: it panicked, accessed bad memory, or exhausted its call stack.
    #[error("it trapped: {0}")]
    Trap(String),
    /// It used up the fuel of one call.
    #[error("it spent its fuel of {limit}")]
    Fuel {
        /// The fuel of the call.
        limit: u64,
    },
    /// It asked for more memory than its limit allows and failed when it did not get it.
    #[error("it ran out of its memory of {} KiB", .limit >> 10)]
    Memory {
        /// The memory limit of the instance, in bytes.
        limit: usize,
    },
    /// A call took longer than its deadline.
    #[error("it ran out of its time of {} ms", .limit.as_millis())]
    Deadline {
        /// The time that the call had.
        limit: Duration,
    },
    /// Its answer, or what it asked the host for, is illegal by the contract.
    #[error("it gave an illegal answer: {0}")]
    Illegal(String),
    /// No instance was free within the deadline.
    #[error("no instance was free within {} ms", .limit.as_millis())]
    NoInstance {
        /// How long the call could wait.
        limit: Duration,
    },
    /// The host could not carry out the call. The policy is not to blame.
    #[error("the host could not run it: {0}")]
    Host(String),
}

impl Cause {
    /// A stable name for metrics and queries.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Trap(_) => "trap",
            Self::Fuel { .. } => "fuel",
            Self::Memory { .. } => "memory",
            Self::Deadline { .. } => "deadline",
            Self::Illegal(_) => "illegal",
            Self::NoInstance { .. } => "no-instance",
            Self::Host(_) => "host",
        }
    }

    /// The settings that raise the bound which a call met: fields of the policy file, or a flag.
    /// `None` if it met none.
    pub fn raised_by(&self) -> Option<&'static str> {
        match self {
            Self::Fuel { .. } => Some("`limits.fuel`"),
            Self::Memory { .. } => Some("`limits.memory_mib`"),
            Self::Deadline { .. } => Some("`limits.deadline_ms`"),
            Self::NoInstance { .. } => Some("`limits.deadline_ms` or `--instances`"),
            Self::Trap(_) | Self::Illegal(_) | Self::Host(_) => None,
        }
    }

    /// The bound that a call met and what raises it, for the person at the agent. `None` if it met none:
    /// what a policy says of itself may say what the exchange said.
    pub(crate) fn bound(&self) -> Option<String> {
        let raised_by = self.raised_by()?;
        Some(format!("{self}; {raised_by} raises that bound"))
    }

    pub(crate) fn illegal(text: impl fmt::Display) -> Self {
        Self::Illegal(text::cut(&text.to_string(), TEXT_MAX).to_owned())
    }

    fn of_untyped(text: &str, error: &wasmtime::Error, state: &mut HostState) -> Self {
        // Wasmtime's error for this has no public type.
        if text.contains("fuel allocated for hostcalls") {
            let limit = state.bounds.handed;
            return Self::illegal(format_args!(
                "it handed the host more than {limit} bytes in one call"
            ));
        }
        Self::Trap(trap_text(text, error, state))
    }

    /// Names what ended a call; `state` knows what the error alone does not say.
    pub(crate) fn of(error: &wasmtime::Error, state: &mut HostState) -> Self {
        let denied = state.limiter.take_denied();
        if let Some(illegal) = error.downcast_ref::<Illegal>() {
            return Self::illegal(illegal);
        }
        let CallBounds { fuel, time, .. } = state.bounds;
        if error.is::<PoolConcurrencyLimitError>() {
            return Self::NoInstance { limit: time };
        }
        if error.is::<TimeUp>() {
            return Self::Deadline { limit: time };
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Self::Fuel { limit: fuel },
            // A denied growth ends in the guest's own trap, through its allocator.
            _ if denied => Self::Memory {
                limit: state.limiter.limit(),
            },
            Some(trap) => Self::Trap(trap_text(&trap.to_string(), error, state)),
            None => Self::of_untyped(&error.root_cause().to_string(), error, state),
        }
    }
}

/// The error of a host function when the time of the call is up.
#[derive(Debug, Error)]
#[error("the time of the call is up")]
pub(crate) struct TimeUp;

/// The error of a host function when the policy's call is illegal by the contract.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct Illegal(pub(crate) String);

impl Illegal {
    pub(crate) fn error(text: impl Into<String>) -> wasmtime::Error {
        Self(text.into()).into()
    }
}

/// The policy's last error line says more than `unreachable`: the SDK's panic hook puts the panic there.
fn trap_text(trap: &str, error: &wasmtime::Error, state: &mut HostState) -> String {
    let text = match (state.telemetry.take_last_error(), function(error)) {
        (Some(said), _) => said,
        (None, Some(function)) => format!("{trap}, in `{function}`"),
        (None, None) => trap.to_owned(),
    };
    text::cut(&text, TEXT_MAX).to_owned()
}

fn function(error: &wasmtime::Error) -> Option<String> {
    let trace = error.downcast_ref::<WasmBacktrace>()?;
    let name = trace.frames().iter().find_map(|frame| frame.func_name())?;
    Some(text::one_line(text::cut(name, 200)))
}
