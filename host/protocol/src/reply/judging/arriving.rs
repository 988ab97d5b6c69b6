//! What a reading comes to: slots that wait, and tasks.

use super::{End, Judging, OpenBlock};
use crate::{
    Block, BlockKind, Delivery,
    reply::{
        choice::{Finish, Judged, LastPiece, Note, Piece, Task},
        dispositions::{KEPT, Ticket},
        queue::At,
        reading::{BlockId, Event, Reading, What},
        writing::{Role, Slot, Slots},
    },
};

impl<P> Judging<P> {
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
        let mut open = self.open.iter();
        let open = open.find(|open| open.id == event.block && open.delivery == Delivery::None);
        let choice = self.choices.get(&event.choice);
        match (&event.what, open, choice) {
            (What::Grows(_), Some(open), Some(choice)) => {
                self.queue.is_empty() && choice.tasks.is_empty() && !choice.tally.minds(open.kind)
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
        let (role, (ticket, is_first)) = match what {
            What::Begins(id) => {
                self.seed = self.rules.seed(&id);
                (Role::Passes, (KEPT, true))
            }
            What::Opens(kind) => (Role::Opens, (self.opens(at, choice, block, kind), true)),
            What::Grows(text) => (Role::Grows, self.grows(choice, block, text)),
            What::Closes(content) => (Role::Closes, self.closes(choice, block, content)),
            What::Finishes(reason) => (Role::Finishes, (self.finishes(at, choice, reason), true)),
            What::Ends => (Role::Ends, (self.ends(), true)),
            What::Fails => {
                self.end = End::Failing;
                (Role::Passes, (KEPT, true))
            }
            What::Passes => {
                self.choices.entry(choice).or_default();
                (Role::Passes, (KEPT, true))
            }
        };
        Slot {
            choice,
            block,
            place,
            role,
            ticket,
            is_first,
        }
    }

    fn opens(&mut self, at: At, index: u64, id: BlockId, kind: BlockKind) -> Ticket {
        let delivery = match self.wants.delivery(kind) {
            // Only text comes in pieces.
            Delivery::Pieces if kind != BlockKind::Text => Delivery::Whole,
            delivery => delivery,
        };
        let choice = self.choices.entry(index).or_default();
        choice.is_over = false;
        let ticket = match (delivery, kind) {
            (Delivery::None | Delivery::Observe, BlockKind::Text) => {
                self.pass(index, Note::Nothing)
            }
            (Delivery::None | Delivery::Observe, kind) => self.pass(index, Note::Block(kind)),
            (Delivery::Pieces, _) if !self.rules.opens_texts => KEPT,
            (Delivery::Pieces | Delivery::Whole, kind) => {
                if kind == BlockKind::ToolCall {
                    choice.first_call.get_or_insert(at);
                }
                self.queue.known.ticket()
            }
        };
        self.open.push(OpenBlock {
            id,
            kind,
            delivery,
            at,
            ticket,
            is_opened: ticket == KEPT,
            is_edited: false,
            is_blank: true,
        });
        ticket
    }

    /// The ticket of a piece of a block, and whether it is the first of those with it.
    fn grows(&mut self, index: u64, id: BlockId, text: String) -> (Ticket, bool) {
        let Some(open) = self.open.iter().find(|open| open.id == id) else {
            return (KEPT, false);
        };
        let ticket = match (open.delivery, open.kind) {
            (Delivery::Whole, _) => return (open.ticket, false),
            (Delivery::Pieces, _) if text.is_empty() => KEPT,
            (Delivery::Pieces, _) => {
                let ticket = self.queue.known.ticket();
                let piece = Piece {
                    block: id,
                    ticket,
                    text,
                };
                self.push(index, Task::Piece(piece));
                ticket
            }
            (_, BlockKind::Text) => self.pass(index, Note::Text(text)),
            (_, BlockKind::ToolCall) => self.pass(index, Note::OfCall),
            _ => self.pass(index, Note::Nothing),
        };
        (ticket, true)
    }

    /// The ticket of the end of a block, and whether it is the first of those with it.
    fn closes(&mut self, index: u64, id: BlockId, content: Option<Block>) -> (Ticket, bool) {
        let Some(at) = self.open.iter().position(|open| open.id == id) else {
            return (KEPT, false);
        };
        if self.open[at].delivery == Delivery::Pieces {
            let ticket = self.queue.known.ticket();
            let last = LastPiece { block: id, ticket };
            self.push(index, Task::LastPiece(last));
            return (ticket, true);
        }
        let open = self.open.remove(at);
        match (open.delivery, content) {
            (Delivery::Whole, content) => {
                // Where it is not complete nobody is asked, and it goes with what is held.
                if let Some(block) = content {
                    let (ticket, at) = (open.ticket, open.at);
                    self.push(index, Task::Judge(Judged { ticket, at, block }));
                }
                return (open.ticket, false);
            }
            (Delivery::Observe, Some(block)) => self.push(index, Task::Observe(block)),
            _ => {}
        }
        let note = match open.kind {
            BlockKind::ToolCall => Note::Block(open.kind),
            _ => Note::Nothing,
        };
        (self.pass(index, note), true)
    }

    fn finishes(&mut self, at: At, index: u64, reason: String) -> Ticket {
        let ticket = self.queue.known.ticket();
        let choice = self.choices.entry(index).or_default();
        choice.finishes.push(Finish { ticket, at, reason });
        if !self.wants.end {
            self.push(index, Task::Close);
        }
        ticket
    }

    fn ends(&mut self) -> Ticket {
        let ticket = self.queue.known.ticket();
        self.end = End::Due(ticket);
        if !self.wants.end {
            let closes = |(_, task): &(u64, Task)| matches!(task, Task::Close);
            let open = self.choices.iter().filter(|(_, choice)| !choice.is_over);
            let open = open.filter(|(_, choice)| !choice.tasks.back().is_some_and(closes));
            let open: Vec<u64> = open.map(|(index, _)| *index).collect();
            for index in open {
                self.push(index, Task::Close);
            }
        }
        ticket
    }

    /// A piece that nobody judges goes out: now, or after what is to be done about those before it, in whichever choice: a
    /// stop in one ends the others there.
    fn pass(&mut self, index: u64, note: Note) -> Ticket {
        if !self.has_tasks() {
            self.note(index, note);
            return KEPT;
        }
        let ticket = self.queue.known.ticket();
        self.push(index, Task::Pass(ticket, note));
        ticket
    }

    pub(super) fn note(&mut self, index: u64, note: Note) {
        let choice = self.choices.entry(index).or_default();
        match note {
            Note::Nothing => {}
            Note::Text(text) => choice.tally.says(&text),
            Note::Block(kind) => choice.tally.passes(kind, self.rules),
            Note::OfCall => choice.tally.passes_of_call(),
        }
    }

    fn push(&mut self, index: u64, task: Task) {
        self.tasks += 1;
        self.kept += task.size();
        let choice = self.choices.entry(index).or_default();
        choice.tasks.push_back((self.tasks, task));
    }
}
