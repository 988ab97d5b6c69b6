//! What is to be done about a choice, in the order in which policies hear of it.
//!
//! Where a dialect groups its blocks, its frames may mix those of several groups. Policies still hear of one group after
//! another, in the order in which they began; what stands in no group comes in the order in which it is told, but for texts in
//! pieces, of which they hear one after the other.

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
    /// The texts in no group that are to be judged whole, each with the number that its question gets.
    awaited: Vec<(u64, BlockId)>,
    /// The text in no group of which policies hear.
    heard: Option<BlockId>,
    /// Pieces of others, which wait until that is over.
    unheard: Vec<(u64, Task)>,
    /// How many tasks ask.
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

    /// A text begins that is to be judged whole. What comes behind it is done once it is.
    pub(crate) fn wait_for(&mut self, text: BlockId, number: u64) {
        self.awaited.push((number, text));
    }

    /// Such a text is there: the number that its question gets.
    pub(crate) fn arrived(&mut self, text: BlockId) -> Option<u64> {
        let at = self.awaited.iter().position(|(_, other)| *other == text)?;
        Some(self.awaited.remove(at).0)
    }

    /// Whether a text is to be judged whole that has begun.
    pub(crate) fn waits(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// Adds a task. `number` says its place among the tasks of all choices.
    pub(crate) fn push(&mut self, group: BlockId, number: u64, task: Task) {
        self.questions += usize::from(task.asks());
        self.add(group, number, task);
    }

    fn add(&mut self, group: BlockId, number: u64, task: Task) {
        match task.text() {
            Some(text) if group == 0 && *self.heard.get_or_insert(text) != text => {
                self.unheard.push((number, task));
            }
            _ => drop(self.tasks.insert((group, number), task)),
        }
    }

    /// The first task and its number, if it is its group's turn.
    pub(crate) fn front(&self) -> Option<(u64, &Task)> {
        let ((group, number), task) = self.tasks.first_key_value()?;
        let is_its_turn = self.open.first().is_none_or(|first| group <= first);
        let mut awaited = self.awaited.iter().map(|(awaited, _)| awaited);
        (is_its_turn && awaited.all(|awaited| number < awaited)).then_some((*number, task))
    }

    pub(crate) fn pop(&mut self) -> Option<(BlockId, Task)> {
        let ((group, _), task) = self.tasks.pop_first()?;
        self.questions -= usize::from(task.asks());
        if group == 0 && matches!(task, Task::LastPiece(_)) {
            self.heard = None;
            for (number, task) in std::mem::take(&mut self.unheard) {
                self.add(0, number, task);
            }
        }
        Some((group, task))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.unheard.is_empty()
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
