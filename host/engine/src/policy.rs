//! A policy that is ready to serve exchanges.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use sluice_protocol::Wants;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::digest::Digest;
use crate::host::{Counters, HostState};
use crate::wants::PolicyWants;
use crate::{Description, Engine, Limits, OnFailure, PolicySpec, wit};

/// A policy: compiled, configured, and ready to be instantiated for an exchange.
pub struct Policy {
    pub(crate) engine: Engine,
    pub(crate) name: Arc<str>,
    pub(crate) identity: Identity,
    pub(crate) revision: Arc<str>,
    pub(crate) description: Description,
    pub(crate) wants: PolicyWants,
    pub(crate) snapshot: Snapshot,
    pub(crate) counters: Arc<Counters>,
    /// What an exchange starts from. `None` for a policy that wants nothing.
    pub(crate) start: Option<Start>,
}

/// What an exchange's instance starts from.
pub(crate) struct Start {
    /// Compiled and linked.
    pub(crate) component: InstancePre<HostState>,
    /// The places of its hooks.
    pub(crate) hooks: wit::PolicyIndices,
    /// The config for an instance that comes from no snapshot.
    pub(crate) configure: Option<String>,
}

/// Everything that decides the outcome of a load. If it has not changed, the policy need not be loaded again.
#[derive(Debug, PartialEq)]
pub(crate) struct Identity {
    pub(crate) digest: Digest,
    pub(crate) config: Value,
    pub(crate) on_failure: OnFailure,
    pub(crate) limits: Limits,
    pub(crate) grants: BTreeSet<String>,
}

/// Whether exchanges start from a configured snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// They do: `configure` ran once, when the policy was loaded.
    Taken,
    /// They do not: `configure` runs for each exchange.
    PerExchange {
        /// Why no snapshot could be taken.
        reason: String,
    },
    /// The policy wants nothing, so no exchange starts it.
    NotNeeded,
}

impl Start {
    /// Links the component. Fails if its types are not those of the contract, or if it imports something that
    /// `linker` does not hold.
    pub(crate) fn new(
        linker: &Linker<HostState>,
        component: &Component,
        configure: Option<String>,
    ) -> wasmtime::Result<Self> {
        let component = linker.instantiate_pre(component)?;
        let hooks = wit::PolicyIndices::new(&component)?;
        Ok(Self {
            component,
            hooks,
            configure,
        })
    }
}

impl Policy {
    /// The operator's name for it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The digest of its component.
    pub fn digest(&self) -> Digest {
        self.identity.digest
    }

    /// The SHA-256 of its component, config, limits, grants and failure side, as 64 hexadecimal digits. Policies of the
    /// same revision judge alike, in any process on any machine.
    pub fn revision(&self) -> &Arc<str> {
        &self.revision
    }

    /// Its description of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The operator's config for it.
    pub fn config(&self) -> &Value {
        &self.identity.config
    }

    /// The side that is taken if it fails.
    pub fn on_failure(&self) -> OnFailure {
        self.identity.on_failure
    }

    /// The bounds of each of its calls.
    pub fn limits(&self) -> &Limits {
        &self.identity.limits
    }

    /// The grants that the operator gave it.
    pub fn grants(&self) -> &BTreeSet<String> {
        &self.identity.grants
    }

    /// Whether it is asked about requests.
    pub fn wants_request(&self) -> bool {
        self.wants.request
    }

    /// The blocks of replies that it wants.
    pub fn wants(&self) -> Wants {
        self.wants.reply
    }

    /// All that it wants.
    pub fn policy_wants(&self) -> PolicyWants {
        self.wants
    }

    /// Whether each call runs on an instance of its own.
    pub fn is_stateless(&self) -> bool {
        self.wants.stateless
    }

    /// Whether exchanges start from a configured snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The counters that it has added to since it was loaded.
    pub fn counters(&self) -> BTreeMap<String, u64> {
        self.counters.read()
    }

    /// Whether loading `spec` would result in this same policy.
    pub(crate) fn is(&self, spec: &PolicySpec, identity: &Identity) -> bool {
        *self.name == *spec.name && self.identity == *identity
    }
}

impl Identity {
    pub(crate) fn of(spec: &PolicySpec) -> Self {
        // Each field is named, so that a new one does not compile until it is part of the identity.
        let PolicySpec {
            name: _,
            component,
            config,
            on_failure,
            limits,
            grants,
        } = spec;
        Self {
            digest: Digest::of(component),
            config: config.clone(),
            on_failure: *on_failure,
            limits: *limits,
            grants: grants.clone(),
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.name)
            .field("digest", &self.identity.digest)
            .field("wants", &self.wants)
            .field("snapshot", &self.snapshot)
            .finish_non_exhaustive()
    }
}
