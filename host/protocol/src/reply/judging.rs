//! What is asked about a reply, and what comes of the answers.
//!
//! Takes readings in and says which question is next. Knows no dialect, and no bytes but that frames wait for what becomes
//! of what they say. Its parts hand values to each other: [`Blocks`] says which decision each piece of a block waits for,
//! [`Agendas`] what is done next, [`Choices`] what rulings leave of a choice, and the [`Queue`] which frames can go out.

mod answering;

use super::{
    agenda::LAST,
    agendas::Agendas,
    blocks::{Blocks, Books, Taken},
    choice::{Finish, Judged, LastPiece, Note, Piece, Task},
    choices::Choices,
    dispositions::Ticket,
    queue::{At, Queue},
    reading::{BlockId, Event, Reading, What},
    rules::Rules,
    writing::{Disposition, Role, Slot, Slots},
};
use crate::{BlockKind, Step, Wants};

/// The judging of one reply.
#[derive(Debug)]
pub(crate) struct Judging<P> {
    /// Whether policies are asked at the end.
    is_end_wanted: bool,
    pub(crate) queue: Queue<P>,
    blocks: Blocks,
    choices: Choices,
    agendas: Agendas,
    question: Option<Question>,
    end: End,
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
    /// Upstream has failed, with the frame of this number.
    Failing(u64),
    Over,
}

impl<P> Judging<P> {
    pub(crate) fn new(rules: &'static Rules, wants: Wants) -> Self {
        Self {
            is_end_wanted: wants.end,
            queue: Queue::new(),
            blocks: Blocks::new(rules, wants),
            choices: Choices::new(rules),
            agendas: Agendas::default(),
            question: None,
            end: End::Open,
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
        self.queue.bytes() + self.agendas.kept()
    }

    /// Throws away what waits and what is to be done.
    pub(crate) fn discard(&mut self) {
        self.queue.clear();
        self.question = None;
        self.agendas.clear();
        self.choices.clear();
        self.blocks.clear();
    }

    /// Takes a reading in. Its frame waits, if only for what is to be done now.
    pub(crate) fn take(&mut self, reading: Reading<P>) {
        let frame = self.queue.next_frame();
        let mut slots = Slots::new();
        for event in reading.events {
            let slot = slots.len();
            slots.push(self.event(At { frame, slot }, event));
        }
        self.queue.push(reading.frame, slots);
    }

    /// Whether an event makes no difference to what policies are asked, nor to what goes out, and neither will others like
    /// it.
    pub(crate) fn passes_unseen(&self, event: &Event<P>) -> bool {
        let kind = self.blocks.unwanted(event.block);
        match (&event.what, kind, self.choices.get(event.choice)) {
            (What::Grows(_), Some(kind), Some(choice)) => {
                self.queue.is_empty()
                    && self.agendas.is_empty(event.choice)
                    && !choice.tally.minds(kind)
            }
            _ => false,
        }
    }

    fn event(&mut self, at: At, event: Event<P>) -> Slot<P> {
        let Event {
            choice,
            block,
            place,
            what,
        } = event;
        let group = match what {
            What::OpensIn(group, _) => group,
            What::Gathers(_) => block,
            _ => self.blocks.group_of(block),
        };
        let mut books = Books {
            choice,
            known: &mut self.queue.known,
            agendas: &mut self.agendas,
        };
        let (role, taken) = match what {
            What::Begins(id) => {
                self.choices.begin(&id);
                (Role::Passes, Taken::KEPT)
            }
            What::Opens(kind) | What::OpensIn(_, kind) => {
                let choice = self.choices.of(choice);
                choice.is_over = false;
                if kind == BlockKind::ToolCall && self.blocks.holds(kind) {
                    choice.holds_call(at, group);
                }
                let taken = self.blocks.opens(at, (block, group), kind, &mut books);
                (Role::Opens, taken)
            }
            What::Gathers(kind) => {
                self.choices.of(choice).is_over = false;
                (
                    Role::Opens,
                    self.blocks.gathers(at, block, kind, &mut books),
                )
            }
            What::Grows(text) => (Role::Grows, self.blocks.grows(block, text, &mut books)),
            What::Tears => {
                self.blocks.tears(block);
                (Role::Passes, Taken::KEPT)
            }
            What::Closes(content) => (Role::Closes, self.blocks.closes(block, content, &mut books)),
            What::Finishes(reason) => (Role::Finishes, self.finishes(at, choice, reason)),
            What::Ends => (Role::Ends, self.ends()),
            What::Fails => {
                self.end = End::Failing(at.frame);
                (Role::Passes, Taken::KEPT)
            }
            What::Passes => {
                self.choices.of(choice);
                (Role::Passes, Taken::KEPT)
            }
        };
        if !matches!(taken.note, Note::Nothing) {
            self.choices.note(choice, group, &taken.note);
        }
        Slot {
            choice,
            block,
            group,
            place,
            role,
            ticket: taken.ticket,
            is_first: taken.is_first,
        }
    }

    fn finishes(&mut self, at: At, choice: u64, reason: String) -> Taken {
        let ticket = self.queue.known.ticket();
        let finish = Finish { ticket, at, reason };
        self.choices.of(choice).finishes.push(finish);
        if !self.is_end_wanted {
            self.agendas.push(choice, LAST, Task::Close);
        }
        Taken::first(ticket)
    }

    fn ends(&mut self) -> Taken {
        let ticket = self.queue.known.ticket();
        self.end = End::Due(ticket);
        if !self.is_end_wanted {
            for choice in self.choices.open() {
                if !self.agendas.closes(choice) {
                    self.agendas.push(choice, LAST, Task::Close);
                }
            }
        }
        Taken::first(ticket)
    }

    /// The next thing to show or ask. `None` while more has to come.
    pub(crate) fn advance(&mut self) -> Option<Step> {
        loop {
            while let Some((choice, group, task)) = self.agendas.pop() {
                if let Some(step) = self.perform(choice, group, task) {
                    return Some(step);
                }
            }
            if self.agendas.has_tasks() {
                return None;
            }
            match self.end {
                End::Open | End::Over => return None,
                End::Due(ticket) if self.is_end_wanted => {
                    self.end = End::Told(ticket);
                    self.question = Some(Question::End);
                    let stop_reason = self.choices.stop_reason();
                    return Some(Step::End { stop_reason });
                }
                End::Due(ticket) | End::Told(ticket) => {
                    self.queue.known.settle(ticket, Disposition::Keeps);
                    self.end = End::Over;
                }
                End::Failing(_) => {
                    self.cut_behind_calls();
                    for (ticket, disposition) in self.choices.fail() {
                        self.queue.known.settle(ticket, disposition);
                    }
                    self.queue.known.end();
                    self.end = End::Over;
                }
            }
        }
    }

    fn perform(&mut self, choice: u64, group: BlockId, task: Task) -> Option<Step> {
        let (question, step) = match task {
            Task::Pass(ticket, note) => {
                self.choices.note(choice, group, &note);
                self.queue.known.settle(ticket, Disposition::Keeps);
                return None;
            }
            // None of its blocks went out.
            Task::EndGroup(ticket) => {
                self.queue.known.settle_group(ticket, Disposition::Goes);
                return None;
            }
            Task::Close => {
                self.close(choice, Vec::new());
                return None;
            }
            Task::Observe(block) => return Some(Step::Observe(block)),
            Task::Judge(judged) => {
                let step = Step::Judge(judged.block.clone());
                (Question::Judge(choice, judged), step)
            }
            Task::Piece(piece) => {
                let (text, last) = (piece.text.clone(), false);
                let step = Step::Piece { text, last };
                (Question::Piece(choice, piece), step)
            }
            Task::LastPiece(last_piece) => {
                let (text, last) = (String::new(), true);
                let step = Step::Piece { text, last };
                (Question::LastPiece(choice, last_piece), step)
            }
        };
        self.question = Some(question);
        Some(step)
    }
}
