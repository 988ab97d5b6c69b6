//! What is to be done about the choices of a reply, and what comes next of it.

use std::collections::BTreeMap;

use super::{Irrevocable, agenda::Agenda, choice::Task, reading::BlockId};

/// The agendas of all choices.
#[derive(Debug, Default)]
pub(crate) struct Agendas {
    of: BTreeMap<u64, Agenda>,
    /// The choice of whose text a piece was asked about, and not yet the last. Policies hear one text at a time.
    speaking: Option<u64>,
    /// How many tasks there have been.
    tasks: u64,
    /// The bytes that the tasks keep.
    kept: usize,
}

impl Agendas {
    pub(crate) fn of(&mut self, choice: u64) -> &mut Agenda {
        self.of.entry(choice).or_default()
    }

    /// Adds a task.
    pub(crate) fn push(&mut self, choice: u64, group: BlockId, task: Task) {
        self.tasks += 1;
        self.kept += task.size();
        let number = self.tasks;
        self.of(choice).push(group, number, task);
    }

    /// A text in no group begins that is to be judged whole.
    pub(crate) fn wait_for(&mut self, choice: u64, text: BlockId) {
        self.tasks += 1;
        let number = self.tasks;
        self.of(choice).wait_for(text, number);
    }

    /// A block is there: what is to be done about it comes before what came behind its start, if that was waited for.
    pub(crate) fn push_whole(
        &mut self,
        choice: u64,
        group: BlockId,
        block: BlockId,
        task: Option<Task>,
    ) {
        let number = self.of(choice).arrived(block);
        let Some(task) = task else { return };
        let Some(number) = number else {
            return self.push(choice, group, task);
        };
        self.kept += task.size();
        self.of(choice).push(group, number, task);
    }

    /// The first task that can be done. While the text of one choice comes in pieces, nothing is asked about the others.
    pub(crate) fn pop(&mut self) -> Option<(u64, BlockId, Task)> {
        if !self.has_tasks() {
            return None;
        }
        let speaking = self.speaking;
        let can_be_done = |choice: u64, task: &Task| {
            let other_speaks = speaking.is_some_and(|speaking| speaking != choice);
            !(other_speaks && task.asks())
        };
        let fronts = self.of.iter().filter_map(|(choice, agenda)| {
            let (number, task) = agenda.front()?;
            can_be_done(*choice, task).then_some((number, *choice))
        });
        let (_, choice) = fronts.min()?;
        let (group, task) = self.of.get_mut(&choice)?.pop()?;
        self.kept = self.kept.saturating_sub(task.size());
        match task {
            Task::Piece(_) => self.speaking = Some(choice),
            Task::LastPiece(_) => self.speaking = None,
            _ => {}
        }
        Some((choice, group, task))
    }

    /// Whether anything is to be done. Each task keeps bytes.
    pub(crate) fn has_tasks(&self) -> bool {
        self.kept > 0
    }

    /// The bytes that the tasks keep.
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    /// Whether nothing is to be done before what comes now in this group. Where it stands in none that goes for all choices: a
    /// stop in one ends the others there.
    pub(crate) fn is_clear(&self, choice: u64, group: BlockId) -> bool {
        match group {
            0 => !self.has_tasks() && !self.get(choice).is_some_and(Agenda::waits),
            group => self.get(choice).is_none_or(|agenda| agenda.is_clear(group)),
        }
    }

    pub(crate) fn is_empty(&self, choice: u64) -> bool {
        self.get(choice).is_none_or(Agenda::is_empty)
    }

    /// Whether the closing of a choice is to be done.
    pub(crate) fn closes(&self, choice: u64) -> bool {
        self.get(choice).is_some_and(Agenda::closes)
    }

    /// Whether a piece of a call that nobody judges has yet to go out in a choice.
    pub(crate) fn waits_for_a_call(&self, choice: u64) -> bool {
        self.get(choice).is_some_and(Agenda::waits_for_a_call)
    }

    /// Err if policies heard of a text in pieces, and not yet of its end.
    pub(crate) fn check_texts(&self) -> Result<(), Irrevocable> {
        match self.speaking {
            Some(_) => Err(Irrevocable::TextOpen),
            None => Ok(()),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.of.clear();
        self.kept = 0;
    }

    fn get(&self, choice: u64) -> Option<&Agenda> {
        self.of.get(&choice)
    }
}
