//! What is asked about a reply, and what comes of the answers.
//!
//! Takes readings in and says which question is next. Knows no dialect, and no bytes but that frames wait for what becomes
//! of what they say.

mod arriving;
mod closing;
mod ruling;

use std::collections::BTreeMap;

use super::{
    choice::{Choice, Judged, LastPiece, Piece, Task},
    dispositions::Ticket,
    queue::{At, Queue},
    reading::BlockId,
    rules::Rules,
    writing::Disposition,
};
use crate::{BlockKind, Delivery, Step, Wants};

/// The judging of one reply.
#[derive(Debug)]
pub(crate) struct Judging<P> {
    rules: &'static Rules,
    wants: Wants,
    pub(crate) queue: Queue<P>,
    choices: BTreeMap<u64, Choice>,
    /// The blocks and groups that have begun and of which not all is known.
    open: BTreeMap<BlockId, OpenBlock>,
    /// The choice of whose text a piece was asked about, and not yet the last. Policies hear one text at a time.
    speaking: Option<u64>,
    question: Option<Question>,
    end: End,
    /// Names the reply in ids of the host's making.
    seed: String,
    /// How many tasks there have been.
    tasks: u64,
    /// The bytes that the tasks keep.
    kept: usize,
}

/// A block between its start and what is known of its end.
#[derive(Debug)]
struct OpenBlock {
    kind: BlockKind,
    /// Of a group that of its most usual kind.
    delivery: Delivery,
    /// The group that it stands in or is; 0 where there is none.
    group: BlockId,
    is_group: bool,
    at: At,
    /// Of its first slot; of all where it is judged whole.
    ticket: Ticket,
    /// Whether the start of a text in pieces has gone out.
    is_opened: bool,
    /// Whether a piece of it goes out other than it came.
    is_edited: bool,
    /// Whether it is a call that goes on behind the start of another one.
    is_torn: bool,
    /// Whether what goes out of it is blank so far; of a group, whether it has no blocks.
    is_blank: bool,
}

/// What a step asked and nobody has answered yet.
#[derive(Debug)]
enum Question {
    Judge(u64, Judged),
    Piece(u64, Piece),
    LastPiece(u64, LastPiece),
    End,
}

/// How far the end of the reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It has not come.
    Open,
    /// It is there, and goes out when all tasks are done and policies were asked.
    Due(Ticket),
    /// Policies were asked.
    Told(Ticket),
    /// Upstream has failed.
    Failing,
    Over,
}

impl<P> Judging<P> {
    pub(crate) fn new(rules: &'static Rules, wants: Wants) -> Self {
        Self {
            rules,
            wants,
            queue: Queue::new(),
            choices: BTreeMap::new(),
            open: BTreeMap::new(),
            speaking: None,
            question: None,
            end: End::Open,
            seed: String::new(),
            tasks: 0,
            kept: 0,
        }
    }

    /// Whether a question is not answered.
    pub(crate) fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// Whether the end of the reply has come and all is known about it.
    pub(crate) fn is_over(&self) -> bool {
        self.end == End::Over
    }

    /// Whether something waits for policies.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.queue.is_empty() || self.question.is_some()
    }

    /// The bytes that are held for policies.
    pub(crate) fn held(&self) -> usize {
        self.queue.bytes() + self.kept
    }

    /// Throws away what waits and what is to be done.
    pub(crate) fn discard(&mut self) {
        self.queue.clear();
        self.question = None;
        self.kept = 0;
        self.choices.clear();
        self.open.clear();
    }

    /// The next thing to show or ask. `None` while more has to come.
    pub(crate) fn advance(&mut self) -> Option<Step> {
        loop {
            if !self.has_tasks() && matches!(self.end, End::Open | End::Over) {
                return None;
            }
            while let Some((choice, group, task)) = self.next_task() {
                if let Some(step) = self.perform(choice, group, task) {
                    return Some(step);
                }
            }
            match self.end {
                _ if self
                    .choices
                    .values()
                    .any(|choice| !choice.agenda.is_empty()) =>
                {
                    return None;
                }
                End::Open | End::Over => return None,
                End::Due(ticket) if self.wants.end => {
                    self.end = End::Told(ticket);
                    self.question = Some(Question::End);
                    let stop_reason = self.stop_reason();
                    return Some(Step::End { stop_reason });
                }
                End::Due(ticket) | End::Told(ticket) => {
                    self.queue.known.settle(ticket, Disposition::Keeps);
                    self.end = End::Over;
                }
                End::Failing => {
                    self.cut_behind_calls();
                    self.queue.known.end();
                    self.end = End::Over;
                }
            }
        }
    }

    /// Whether anything is to be done. Each task keeps bytes.
    fn has_tasks(&self) -> bool {
        self.kept > 0
    }

    /// The first task that can be done. While the text of one choice comes in pieces, nothing is asked about the others.
    fn next_task(&mut self) -> Option<(u64, BlockId, Task)> {
        let speaking = self.speaking;
        let can_be_done = |index: u64, task: &Task| {
            let other_speaks = speaking.is_some_and(|speaking| speaking != index);
            !(other_speaks && task.asks())
        };
        let fronts = self.choices.iter().filter_map(|(index, choice)| {
            let (number, task) = choice.agenda.front()?;
            can_be_done(*index, task).then_some((number, *index))
        });
        let (_, index) = fronts.min()?;
        let (group, task) = self.choices.get_mut(&index)?.agenda.pop()?;
        self.kept = self.kept.saturating_sub(task.size());
        Some((index, group, task))
    }

    fn perform(&mut self, index: u64, group: BlockId, task: Task) -> Option<Step> {
        let (question, step) = match task {
            Task::Pass(ticket, note) => {
                self.note(index, group, note);
                self.queue.known.settle(ticket, Disposition::Keeps);
                return None;
            }
            // None of its blocks went out.
            Task::EndGroup(ticket) => {
                self.queue.known.settle_group(ticket, Disposition::Goes);
                return None;
            }
            Task::Close => {
                self.close(index, Vec::new());
                return None;
            }
            Task::Observe(block) => return Some(Step::Observe(block)),
            Task::Judge(judged) => {
                let step = Step::Judge(judged.block.clone());
                (Question::Judge(index, judged), step)
            }
            Task::Piece(piece) => {
                self.speaking = Some(index);
                let text = piece.text.clone();
                (
                    Question::Piece(index, piece),
                    Step::Piece { text, last: false },
                )
            }
            Task::LastPiece(last) => {
                let text = String::new();
                (
                    Question::LastPiece(index, last),
                    Step::Piece { text, last: true },
                )
            }
        };
        self.question = Some(question);
        Some(step)
    }

    /// Upstream's word for why the model stopped: the first that there is.
    fn stop_reason(&self) -> String {
        let finishes = self.choices.values().flat_map(|choice| &choice.finishes);
        let mut reasons = finishes.map(|finish| finish.reason.clone());
        reasons
            .find(|reason| !reason.is_empty())
            .unwrap_or_default()
    }
}
