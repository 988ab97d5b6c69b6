//! The calls that were found, each once.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use crate::heap::Table;
use crate::{Bound, Call, Reason};

/// The most calls of one program.
const MOST_CALLS: usize = 512;

/// The calls so far.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) calls: Vec<Call>,
    /// Their places, by their hashes.
    places: Table<u64, Vec<usize>>,
    pub(crate) met: Option<Bound>,
    /// Why a program inside the program was not read.
    pub(crate) reason: Option<Reason>,
}

impl Report {
    /// Adds a call, unless it was found before.
    pub(crate) fn add(&mut self, call: Call) {
        let mut hasher = DefaultHasher::new();
        (&call.target, &call.arguments).hash(&mut hasher);
        let places = self.places.entry(hasher.finish()).or_default();
        if places.iter().any(|place| self.calls[*place] == call) {
            return;
        }
        if self.calls.len() >= MOST_CALLS {
            self.met.get_or_insert(Bound::Calls);
            return;
        }
        places.push(self.calls.len());
        self.calls.push(call);
    }
}
