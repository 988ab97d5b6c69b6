//! The functions of a program, and which of them were called.

use std::collections::HashSet;
use std::rc::Rc;

use super::invocation::Invocation;
use crate::function::Function;

/// How many calls are followed again, with what may have changed by the time they run.
const MOST_LATER: usize = 256;
/// Calls of one function inside of itself.
const MOST_RECURSIVE: usize = 6;

/// The functions that a program made.
#[derive(Default)]
pub(super) struct Functions<'a> {
    /// All of them, in order.
    all: Vec<Rc<Function<'a>>>,
    /// How many of them were looked at by [`next_uncalled`](Self::next_uncalled).
    seen: usize,
    /// The keys of those that were called.
    called: HashSet<usize>,
    /// The keys of those that are being called.
    stack: Vec<usize>,
    /// Calls of which parts run later than they stand.
    later: Vec<Invocation<'a>>,
}

impl<'a> Functions<'a> {
    pub(super) fn add(&mut self, function: Rc<Function<'a>>) {
        self.all.push(function);
    }

    /// Returns the next function that nothing called.
    pub(super) fn next_uncalled(&mut self) -> Option<Rc<Function<'a>>> {
        let rest = &self.all[self.seen..];
        let at = rest
            .iter()
            .position(|function| !self.called.contains(&function.key()));
        let found = at.map(|at| Rc::clone(&rest[at]));
        self.seen += at.map_or(rest.len(), |at| at + 1);
        found
    }

    /// Notes that a function is called.
    pub(super) fn call(&mut self, key: usize) {
        self.called.insert(key);
    }

    /// Whether a function is called so often inside of itself that its result counts as unknown.
    pub(super) fn is_recursive(&self, key: usize) -> bool {
        self.stack.iter().filter(|other| **other == key).count() >= MOST_RECURSIVE
    }

    pub(super) fn enter(&mut self, key: usize) {
        self.stack.push(key);
    }

    pub(super) fn leave(&mut self) {
        self.stack.pop();
    }

    /// Remembers a call of which parts may run later.
    pub(super) fn runs_later(&mut self, call: &Invocation<'a>) {
        if self.later.len() < MOST_LATER {
            self.later.push(call.clone());
        }
    }

    /// Returns the calls of which parts may run later, and forgets them.
    pub(super) fn take_later(&mut self) -> Vec<Invocation<'a>> {
        std::mem::take(&mut self.later)
    }
}
