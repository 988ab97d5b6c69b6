//! What following a command may still take.

use std::cell::Cell;
use std::rc::Rc;

use crate::halt::{Halt, Outcome};

/// The most steps for following one command. A step is worth about a thousand units of the host's
/// fuel, and all of them together less than a hook has by default.
const MOST_STEPS: usize = 8_000;
/// How many bytes of text are followed by their words, in addition to twice the length of the
/// command.
const UNPARSED: usize = 256 * 1024;

/// What following a command may still take, shared by all its shells.
#[derive(Clone)]
pub(super) struct Budget {
    steps: Rc<Cell<usize>>,
    /// How many more bytes of text may be followed by their words.
    unparsed: Rc<Cell<usize>>,
}

impl Budget {
    /// The budget of a command of this length.
    pub(super) fn new(length: usize) -> Self {
        Self {
            steps: Rc::new(Cell::new(MOST_STEPS)),
            unparsed: Rc::new(Cell::new(UNPARSED + 2 * length)),
        }
    }

    /// Spends steps. Fails if there are not so many left.
    pub(super) fn spend(&self, steps: usize) -> Outcome<()> {
        spend(&self.steps, steps)
    }

    /// Spends bytes of the text that may be followed by its words.
    pub(super) fn spend_unparsed(&self, length: usize) -> Outcome<()> {
        spend(&self.unparsed, length)
    }

    /// Sets the number of remaining steps, and returns the old number.
    pub(super) fn refill(&self, steps: usize) -> usize {
        self.steps.replace(steps)
    }
}

fn spend(of: &Cell<usize>, taken: usize) -> Outcome<()> {
    let left = of.get().checked_sub(taken).ok_or(Halt::Spent)?;
    of.set(left);
    Ok(())
}
