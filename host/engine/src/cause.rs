//! Why a policy failed.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

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

    pub(crate) fn trap(text: &str) -> Self {
        Self::Trap(text::cut(text, TEXT_MAX).to_owned())
    }

    pub(crate) fn illegal(text: impl fmt::Display) -> Self {
        Self::Illegal(text::cut(&text.to_string(), TEXT_MAX).to_owned())
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
