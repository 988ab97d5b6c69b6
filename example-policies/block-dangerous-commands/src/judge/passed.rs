//! Remembers which programs passed, so that one that several arguments hold is judged once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use sluice_policy_tools::Program;

/// The programs that passed, by their addresses, and how many programs surrounded each.
#[derive(Default)]
pub(super) struct Passed(RefCell<HashMap<*const Program, (Weak<Program>, usize)>>);

impl Passed {
    /// Whether it has passed with this many programs around it.
    pub(super) fn has(&self, program: &Rc<Program>, depth: usize) -> bool {
        let passed = self.0.borrow();
        let known = passed.get(&Rc::as_ptr(program));
        known.is_some_and(|(_, at)| *at == depth)
    }

    /// Notes that it passes with this many programs around it.
    pub(super) fn note(&self, program: &Rc<Program>, depth: usize) {
        // While there is a weak reference, no other program gets this address.
        let known = (Rc::downgrade(program), depth);
        self.0.borrow_mut().insert(Rc::as_ptr(program), known);
    }
}
