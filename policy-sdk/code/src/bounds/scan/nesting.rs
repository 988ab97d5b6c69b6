//! How deeply the constructs of a source are nested, with brackets and without.

use super::super::{DEEPEST, LONGEST_RUN};

/// The source is nested too deeply, or can be read in two ways.
pub(super) struct Deep;

/// The open brackets, and the constructs without brackets inside the innermost of them.
#[derive(Default)]
pub(super) struct Nesting {
    levels: Vec<Level>,
    run: Run,
    /// The depths of the runs around all open brackets.
    around: usize,
}

/// Constructs without brackets in each other.
#[derive(Clone, Copy, Default)]
struct Run {
    depth: usize,
    /// How many `else` there are in this chain.
    chain: usize,
}

/// An open bracket.
pub(super) struct Level {
    /// The bracket. A template's mark stands for an expression in it.
    pub(super) bracket: u8,
    /// Whether it is the head of an `if` or a loop.
    pub(super) is_head: bool,
    run: Run,
}

impl Nesting {
    /// Begins a construct inside the one before.
    pub(super) fn deeper(&mut self) -> Result<(), Deep> {
        self.run.depth += 1;
        self.check()
    }

    /// Begins an `else`.
    pub(super) fn chain(&mut self) {
        self.run.chain += 1;
    }

    /// Begins an element of a list.
    pub(super) fn element(&mut self) {
        self.run.depth = 0;
    }

    /// Begins a statement, which may be the `else` of the one before.
    pub(super) fn statement(&mut self, is_else: bool) {
        self.run.depth = 0;
        if !is_else {
            self.run.chain = 0;
        }
    }

    /// Fails if the constructs without brackets are too many.
    pub(super) fn check(&self) -> Result<(), Deep> {
        if self.around + self.run.total() > LONGEST_RUN {
            Err(Deep)
        } else {
            Ok(())
        }
    }

    /// Whether another bracket may be opened.
    pub(super) fn check_brackets(&self) -> Result<(), Deep> {
        if self.levels.len() >= DEEPEST {
            Err(Deep)
        } else {
            Ok(())
        }
    }

    pub(super) fn open(&mut self, bracket: u8, is_head: bool) {
        // Each level is parsed inside the recursion of the one around it.
        let run = std::mem::take(&mut self.run);
        self.around += run.total();
        self.levels.push(Level {
            bracket,
            is_head,
            run,
        });
    }

    /// Closes the innermost bracket, and returns it.
    pub(super) fn close(&mut self) -> Option<Level> {
        let level = self.levels.pop()?;
        self.run = level.run;
        self.around -= level.run.total();
        Some(level)
    }
}

impl Run {
    fn total(self) -> usize {
        self.depth + self.chain
    }
}
