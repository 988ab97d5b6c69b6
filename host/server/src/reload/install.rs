//! Puts loaded components in force: through the engine into the registry.

use std::collections::BTreeSet;
use std::sync::Arc;

use sluice_engine::{
    Engine, Limits, LoadError, LoadFault, OnFailure, Policy, PolicySpec, Registry, Snapshot,
};

use super::policy_file;
use super::source::Component;
use super::status::PolicyStatus;

/// Takes all components or none of them. It blocks for as long as compiling takes.
pub trait Install: Send + Sync + 'static {
    /// Replaces the policies in force with these. If something is wrong, the error tells of everything that is.
    fn install(&self, components: &[Component]) -> Result<Installed, Vec<Refused>>;
}

/// What came into force.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its generation.
    pub generation: u64,
    /// Each of its policies, in order.
    pub policies: Vec<PolicyStatus>,
}

/// Why a policy can't be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its name.
    pub policy: String,
    /// The field of the policy file that is to blame.
    pub field: &'static str,
    /// What is wrong.
    pub problem: String,
}

/// Compiles components in an engine and swaps them into a registry.
#[derive(Clone, Debug)]
pub struct EngineInstall {
    engine: Engine,
    registry: Arc<Registry>,
}

impl EngineInstall {
    /// Nothing is compiled yet.
    pub fn new(engine: Engine, registry: Arc<Registry>) -> Self {
        Self { engine, registry }
    }
}

impl Install for EngineInstall {
    fn install(&self, components: &[Component]) -> Result<Installed, Vec<Refused>> {
        let specs = components.iter().map(spec).collect();
        let current = self.registry.current();
        let policies = self
            .engine
            .load_set(specs, Some(&current))
            .map_err(|errors| errors.0.into_iter().flat_map(refused).collect::<Vec<_>>())?;
        let statuses = policies.iter().map(|policy| status(policy)).collect();
        Ok(Installed {
            generation: self.registry.install(policies),
            policies: statuses,
        })
    }
}

fn spec(component: &Component) -> PolicySpec {
    let entry = &component.entry;
    PolicySpec {
        name: entry.name.clone(),
        component: component.bytes.clone(),
        config: entry.config.clone(),
        on_failure: match entry.on_failure {
            policy_file::OnFailure::Block => OnFailure::Block,
            policy_file::OnFailure::Pass => OnFailure::Pass,
        },
        limits: Limits {
            request_fuel: entry.limits.request_fuel(),
            block_fuel: entry.limits.fuel,
            memory_bytes: entry.limits.memory_bytes(),
            deadline: entry.limits.deadline(),
        },
        grants: BTreeSet::new(),
    }
}

/// Makes one refusal of each fault, so that each gets a line of its own.
fn refused(error: LoadError) -> Vec<Refused> {
    let LoadError { policy, fault } = error;
    let one = |field, problem| Refused {
        policy: policy.clone(),
        field,
        problem,
    };
    match fault {
        LoadFault::Config(faults) if !faults.is_empty() => faults
            .into_iter()
            .map(|fault| one("config", fault))
            .collect(),
        LoadFault::Config(_) => vec![one("config", "refused without a word".to_owned())],
        LoadFault::Name { .. } | LoadFault::Duplicate => vec![one("name", fault.to_string())],
        LoadFault::Limits(_) => vec![one("limits", fault.to_string())],
        LoadFault::UnknownGrant(_) | LoadFault::NotGranted { .. } => {
            vec![one("grants", fault.to_string())]
        }
        _ => vec![one("component", fault.to_string())],
    }
}

fn status(policy: &Policy) -> PolicyStatus {
    let snapshot = match policy.snapshot() {
        Snapshot::Taken => "taken",
        Snapshot::PerExchange { .. } => "per exchange",
        Snapshot::NotNeeded => "not needed",
    };
    PolicyStatus {
        name: policy.name().to_string(),
        mode: policy_file::Mode::Enforce,
        digest: Some(policy.digest().to_string()),
        version: Some(policy.description().version.clone()),
        snapshot: Some(snapshot),
    }
}

#[cfg(test)]
mod tests {
    use sluice_engine::{EngineConfig, Limits};

    use crate::reload::policy_file;

    #[test]
    fn the_defaults_and_bounds_of_the_policy_file_are_the_engines() {
        let (file, engine) = (policy_file::Limits::default(), Limits::default());
        assert_eq!(file.fuel, engine.block_fuel);
        assert_eq!(file.request_fuel(), engine.request_fuel);
        assert_eq!(file.memory_bytes(), engine.memory_bytes);
        assert_eq!(file.deadline(), engine.deadline);
        let most = EngineConfig::default().max_memory_bytes;
        assert_eq!(policy_file::MAX_MEMORY_MIB << 20, most as u64);
    }
}
