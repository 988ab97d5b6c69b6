//! One generation of policies.

use std::sync::Arc;

use sluice_protocol::Wants;

use crate::Policy;

/// The policies of one generation, in the order of the policy file. A set is immutable: a reload
/// makes a new one, and the old one is dropped when the last exchange that began with it ends.
#[derive(Debug, Default)]
pub struct PolicySet {
    generation: u64,
    policies: Vec<Arc<Policy>>,
}

impl PolicySet {
    /// A set without policies: everything passes.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A generation of these policies, first to last.
    pub fn new(generation: u64, policies: Vec<Arc<Policy>>) -> Self {
        Self {
            generation,
            policies,
        }
    }

    /// The number of the generation. It grows with each set that a [`Registry`](crate::Registry)
    /// installs.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The policies, first to last.
    pub fn policies(&self) -> &[Arc<Policy>] {
        &self.policies
    }

    /// Whether a policy is asked about requests.
    pub fn wants_request(&self) -> bool {
        self.policies.iter().any(|policy| policy.wants_request())
    }

    /// What the policies together want of a reply.
    pub fn wants(&self) -> Wants {
        self.policies
            .iter()
            .fold(Wants::NOTHING, |wants, policy| wants.union(policy.wants()))
    }
}
