//! The set that new exchanges begin with.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::{Policy, PolicySet};

/// Holds the current [`PolicySet`] and swaps it while traffic flows.
#[derive(Debug)]
pub struct Registry {
    current: ArcSwap<PolicySet>,
    /// One install at a time, so that generations count up in the order they are seen.
    installing: Mutex<()>,
}

impl Registry {
    /// Begins with a set.
    pub fn new(set: PolicySet) -> Self {
        Self {
            current: ArcSwap::from_pointee(set),
            installing: Mutex::new(()),
        }
    }

    /// The set that an exchange which begins now keeps to its end.
    pub fn current(&self) -> Arc<PolicySet> {
        self.current.load_full()
    }

    /// Makes these policies current and answers their generation. Running exchanges are not disturbed.
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
