//! What can be wrong with a policy at load.

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

use crate::{Cause, text};

/// A policy that does not load.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("policy `{policy}`: {fault}")]
pub struct LoadError {
    /// The operator's name for it.
    pub policy: String,
    /// What is wrong with it.
    pub fault: LoadFault,
}

/// A set that does not load, with every policy at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadSetError(pub Vec<LoadError>);

/// What is wrong with a policy.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LoadFault {
    /// The operator's name for it is not usable.
    #[error("a name has 1 to {max} letters, digits, spaces and `-_./`")]
    Name {
        /// The longest name, in bytes.
        max: usize,
    },
    /// Another policy of the set has the same name.
    #[error("there are two policies of this name")]
    Duplicate,
    /// The operator's limits can't be met.
    #[error("{0}")]
    Limits(String),
    /// The operator grants what no version offers.
    #[error(
        "there is no interface `{0}` to grant; there are `clock`, `inference`, `random`, `state`"
    )]
    UnknownGrant(String),
    /// The component is larger than the engine takes.
    #[error("its component has {bytes} bytes, over the limit of {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The engine's limit.
        limit: usize,
    },
    /// The file is not a component.
    #[error("its file is not a WebAssembly component: {0}")]
    NotAComponent(&'static str),
    /// The component does not compile, or uses what the engine has switched off.
    #[error("its component does not compile: {0}")]
    Invalid(String),
    /// The component was built for WASI.
    #[error(
        "it imports `{0}`: policies get no WASI, so build it for `wasm32-unknown-unknown` (or \
         without the parts of its language that need WASI)"
    )]
    Wasi(String),
    /// The component imports something that is not in the contract.
    #[error("it imports `{0}`, which is not part of `sluice:policy`")]
    UnknownImport(String),
    /// The component was built for another version of the contract.
    #[error(
        "it was built for `sluice:policy` {built_for}, and this host offers {offered}: build it with the \
         SDK of this host's version"
    )]
    Version {
        /// The version it was built for.
        built_for: String,
        /// The version that this host offers.
        offered: &'static str,
    },
    /// The imports, the needs and the grants do not agree.
    #[error(
        "not granted: {fault} (it imports: {}; it declares as needs: {}; the operator grants: {})",
        list(imports),
        list(needs),
        list(grants)
    )]
    NotGranted {
        /// The disagreement.
        fault: String,
        /// The imports in the binary beyond those that every policy has.
        imports: BTreeSet<String>,
        /// The needs that the policy declares.
        needs: BTreeSet<String>,
        /// The grants of the operator.
        grants: BTreeSet<String>,
    },
    /// The component does not export the hooks, or exports them with other types.
    #[error("it does not keep to `sluice:policy`: {0}")]
    Contract(String),
    /// The answer of `describe` is not a description.
    #[error("`describe` answered no description: {0}")]
    Description(String),
    /// The policy refused its config.
    #[error("it refuses its config: {}", .0.join(" "))]
    Config(Vec<String>),
    /// The answer of `configure` can't be met.
    #[error("`configure` answered wants that can't be met: {0}")]
    Wants(String),
    /// A hook failed.
    #[error("`{hook}` failed: {cause}")]
    Failed {
        /// The hook.
        hook: &'static str,
        /// Why.
        cause: Cause,
    },
    /// The host could not start a thread or runtime to load it.
    #[error("the host can't start a thread to load it: {0}")]
    Thread(String),
    /// The compiler panicked.
    #[error("the compiler panicked over it: {0}")]
    Panicked(String),
}

impl LoadError {
    pub(super) fn new(policy: &str, fault: LoadFault) -> Self {
        Self {
            policy: text::one_line(text::cut(policy, super::NAME_MAX)),
            fault,
        }
    }
}

impl std::error::Error for LoadSetError {}

impl fmt::Display for LoadSetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

fn list(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
