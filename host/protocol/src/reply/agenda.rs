//! What is to be done about a choice, in the order in which policies hear of it.
//!
//! Where a dialect groups its blocks, its frames may mix those of several groups. Policies still hear of one group after
//! another, in the order in which they began; what stands in no group comes in the order in which it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    choice::{Note, Task},
    reading::BlockId,
};

/// Stands for what comes behind all groups.
pub(crate) const LAST: BlockId = BlockId::MAX;

/// The tasks of one choice.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// By their group, 0 where they have none, and by their number.
    tasks: BTreeMap<(BlockId, u64), Task>,
    /// How many of them ask.
    questions: usize,
    /// The groups that have begun and not ended.
    open: BTreeSet<BlockId>,
    /// Those of them with something that is judged.
    judged: BTreeSet<BlockId>,
}

impl Agenda {
    pub(crate) fn begin(&mut self, group: BlockId) {
        self.open.insert(group);
    }

    /// Something in a group is judged.
    pub(crate) fn judge(&mut self, group: BlockId) {
        if self.open.contains(&group) {
            self.judged.insert(group);
        }
    }

    /// A group ends, if this is one.
    pub(crate) fn end(&mut self, group: BlockId) {
        self.open.remove(&group);
        self.judged.remove(&group);
    }

    /// Adds a task. `number` says its place among the tasks of all choices.
    pub(crate) fn push(&mut self, group: BlockId, number: u64, task: Task) {
        self.questions += usize::from(task.asks());
        self.tasks.insert((group, number), task);
    }

    /// The first task and its number, if it is its group's turn.
    pub(crate) fn front(&self) -> Option<(u64, &Task)> {
        let ((group, number), task) = self.tasks.first_key_value()?;
        let is_its_turn = self.open.first().is_none_or(|first| group <= first);
        is_its_turn.then_some((*number, task))
    }

    pub(crate) fn pop(&mut self) -> Option<(BlockId, Task)> {
        let ((group, _), task) = self.tasks.pop_first()?;
        self.questions -= usize::from(task.asks());
        Some((group, task))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Whether nothing is asked, or will be, before what comes now in this group.
    pub(crate) fn is_clear(&self, group: BlockId) -> bool {
        self.questions == 0 && self.judged.range(..group).next().is_none()
    }

    /// Whether the closing of the choice is on it.
    pub(crate) fn closes(&self) -> bool {
        let last = self.tasks.last_key_value();
        last.is_some_and(|(_, task)| matches!(task, Task::Close))
    }

    /// Whether a piece of a call that nobody judges has yet to go out.
    pub(crate) fn waits_for_a_call(&self) -> bool {
        let mut tasks = self.tasks.values();
        tasks.any(|task| matches!(task, Task::Pass(_, Note::OfCall)))
    }
}
