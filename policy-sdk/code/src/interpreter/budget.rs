//! What following a program may still take.

/// The most steps for following a program, in addition to those for its length. An expression takes about
/// one step, and a step is worth about a thousand units of the host's fuel.
const MOST_STEPS: usize = 6_000;
/// How many bytes of a source allow one more step.
const BYTES_PER_STEP: usize = 8;
/// Expressions, statements and calls in each other.
const DEEPEST: usize = 120;
/// Programs in each other: `eval("eval('…')")`.
const MOST_SOURCES: usize = 64;

/// What following a program may still take.
pub(super) struct Budget {
    steps: usize,
    most_steps: usize,
    depth: usize,
    sources: usize,
}

impl Budget {
    /// The budget for a source of this length, with at most `left` steps.
    pub(super) fn new(length: usize, left: usize) -> Self {
        Self {
            steps: 0,
            most_steps: left.min(MOST_STEPS + length / BYTES_PER_STEP),
            depth: 0,
            sources: 0,
        }
    }

    /// The steps that were taken.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Counts steps. Returns whether there are any left.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.steps <= self.most_steps
    }

    /// Goes one level deeper, until [`leave`](Self::leave). Returns whether that is allowed.
    pub(super) fn enter(&mut self) -> bool {
        let is_allowed = self.depth < DEEPEST;
        self.depth += usize::from(is_allowed);
        is_allowed
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Counts a program inside the program. Returns whether it is allowed.
    pub(super) fn take_source(&mut self) -> bool {
        self.sources += 1;
        self.sources <= MOST_SOURCES
    }
}
