//! Holds the policy set that new exchanges use.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::{Policy, PolicySet};

/// Holds the current [`PolicySet`] and swaps it while traffic flows.
#[derive(Debug)]
pub struct Registry {
    current: ArcSwap<PolicySet>,
    /// Allows one install at a time, so that generations become current in the order they are
    /// counted.
    installing: Mutex<()>,
}

impl Registry {
    /// Makes a registry whose current set is this one.
    pub fn new(set: PolicySet) -> Self {
        Self {
            current: ArcSwap::from_pointee(set),
            installing: Mutex::new(()),
        }
    }

    /// The current set. An exchange that begins now keeps it to its end.
    pub fn current(&self) -> Arc<PolicySet> {
        self.current.load_full()
    }

    /// Makes these policies current and returns their generation. Running exchanges are not
    /// disturbed.
    pub fn install(&self, policies: Vec<Arc<Policy>>) -> u64 {
        let _installing = self
            .installing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let generation = self.current.load().generation() + 1;
        self.current
            .store(Arc::new(PolicySet::new(generation, policies)));
        generation
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new(PolicySet::empty())
    }
}
