//! What the calls of one judgement are read with.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::program::Program;
use crate::tool::Shell;

/// The longest source whose program is kept, in bytes.
const LONGEST_KEPT: usize = 1 << 20;

/// Reads a tool call and the calls inside it. It reads each program once, so it is made for one call of
/// the model and then dropped.
#[derive(Debug, Default)]
pub struct Reader<'a> {
    shells: &'a [Shell],
    programs: RefCell<HashMap<String, Rc<Program>>>,
}

impl<'a> Reader<'a> {
    /// Makes a reader that knows these tools, in addition to those that are known by their names.
    #[must_use]
    pub fn new(shells: &'a [Shell]) -> Self {
        Self {
            shells,
            programs: RefCell::default(),
        }
    }

    /// Reads a text as a program that calls tools.
    pub fn program(&self, source: &str) -> Rc<Program> {
        let known = self.programs.borrow().get(source).cloned();
        known.unwrap_or_else(|| {
            let program = Rc::new(Program::read(source));
            // A text longer than any program would take more memory than it saves time.
            if source.len() <= LONGEST_KEPT {
                let mut programs = self.programs.borrow_mut();
                programs.insert(source.to_owned(), program.clone());
            }
            program
        })
    }

    pub(crate) fn shells(&self) -> &'a [Shell] {
        self.shells
    }
}
