//! Code that may not run, or runs any number of times, and whether it changed anything.

/// The region that is being followed: a branch, a turn of a loop. Outside of all it is the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Region(u32);

/// All regions so far, and what changed in them.
#[derive(Default)]
pub(crate) struct Regions {
    current: Region,
    last: Region,
    /// Whether an alternative was added to an old value.
    is_changed: bool,
    /// Whether a value was replaced by another.
    has_past: bool,
}

impl Regions {
    pub(crate) fn current(&self) -> Region {
        self.current
    }

    /// Enters a new region. Returns the one around it, for [`leave`](Self::leave).
    pub(crate) fn enter(&mut self) -> Region {
        self.last = Region(self.last.0 + 1);
        std::mem::replace(&mut self.current, self.last)
    }

    pub(crate) fn leave(&mut self, around: Region) {
        self.current = around;
    }

    /// Notes whether an alternative was added to an old value.
    pub(crate) fn note_change(&mut self, is_changed: bool) {
        self.is_changed |= is_changed;
    }

    /// Whether an alternative was added since the last [`take_change`](Self::take_change).
    pub(crate) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Returns whether an alternative was added, and forgets it.
    pub(crate) fn take_change(&mut self) -> bool {
        std::mem::take(&mut self.is_changed)
    }

    /// Notes whether a value was replaced by another.
    pub(super) fn note_past(&mut self, is_replaced: bool) {
        self.has_past |= is_replaced;
    }

    /// Whether some value was ever replaced by another.
    pub(crate) fn has_past(&self) -> bool {
        self.has_past
    }
}
