//! What a reading comes to: slots that wait, and tasks.

use super::{End, Judging, OpenBlock};
use crate::{
    Block, BlockKind, Delivery,
    reply::{
        agenda::LAST,
        choice::{Finish, Judged, LastPiece, Note, Piece, Task},
        dispositions::{KEPT, Ticket},
        queue::At,
        reading::{BlockId, Event, Reading, What},
        writing::{Disposition, Role, Slot, Slots},
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
        let open = self.open.get(&event.block);
        let open = open.filter(|open| open.delivery == Delivery::None && !open.is_group);
        let choice = self.choices.get(&event.choice);
        match (&event.what, open, choice) {
            (What::Grows(_), Some(open), Some(choice)) => {
                self.queue.is_empty() && choice.agenda.is_empty() && !choice.tally.minds(open.kind)
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
            _ => self.open.get(&block).map_or(0, |open| open.group),
        };
        let (role, (ticket, is_first)) = match what {
            What::Begins(id) => {
                self.seed = self.rules.seed(&id);
                (Role::Passes, (KEPT, true))
            }
            What::Opens(kind) | What::OpensIn(_, kind) => {
                let ticket = self.opens(at, choice, (block, group), kind);
                (Role::Opens, (ticket, true))
            }
            What::Gathers(kind) => (Role::Opens, (self.gathers(at, choice, block, kind), true)),
            What::Grows(text) => (Role::Grows, self.grows(choice, block, text)),
            What::Tears => {
                if let Some(open) = self.open.get_mut(&block) {
                    open.is_torn = true;
                }
                (Role::Passes, (KEPT, true))
            }
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
            group,
            place,
            role,
            ticket,
            is_first,
        }
    }

    fn gathers(&mut self, at: At, index: u64, id: BlockId, kind: BlockKind) -> Ticket {
        let choice = self.choices.entry(index).or_default();
        choice.is_over = false;
        choice.agenda.begin(id);
        let delivery = self.wants.delivery(kind);
        let ticket = match delivery {
            Delivery::None | Delivery::Observe => self.pass(index, id, Note::Nothing),
            Delivery::Pieces | Delivery::Whole => {
                choice.agenda.judge(id);
                self.queue.known.ticket()
            }
        };
        let group = OpenBlock {
            kind,
            delivery,
            group: id,
            is_group: true,
            at,
            ticket,
            is_opened: false,
            is_edited: false,
            is_torn: false,
            is_blank: true,
        };
        self.open.insert(id, group);
        ticket
    }

    fn opens(
        &mut self,
        at: At,
        index: u64,
        (id, group): (BlockId, BlockId),
        kind: BlockKind,
    ) -> Ticket {
        let delivery = match self.wants.delivery(kind) {
            // Only text comes in pieces.
            Delivery::Pieces if kind != BlockKind::Text => Delivery::Whole,
            delivery => delivery,
        };
        let choice = self.choices.entry(index).or_default();
        choice.is_over = false;
        if id == group {
            choice.agenda.begin(id);
        }
        if delivery >= Delivery::Pieces {
            choice.agenda.judge(group);
        }
        let ticket = match (delivery, kind) {
            (Delivery::None | Delivery::Observe, BlockKind::Text) => {
                self.pass(index, group, Note::Nothing)
            }
            (Delivery::None | Delivery::Observe, kind) => {
                self.pass(index, group, Note::Block(kind))
            }
            (Delivery::Pieces, _) if !self.rules.opens_texts => KEPT,
            (Delivery::Pieces | Delivery::Whole, kind) => {
                if kind == BlockKind::ToolCall {
                    choice.holds_call(at, group);
                }
                self.queue.known.ticket()
            }
        };
        if let Some(gathered) = self.open.get_mut(&group) {
            gathered.is_blank = false;
            self.queue.known.join(gathered.ticket, ticket);
        }
        let block = OpenBlock {
            kind,
            delivery,
            group,
            is_group: false,
            at,
            ticket,
            is_opened: ticket == KEPT,
            is_edited: false,
            is_torn: false,
            is_blank: true,
        };
        self.open.insert(id, block);
        ticket
    }

    /// The ticket of a piece of a block, and whether it is the first of those with it.
    fn grows(&mut self, index: u64, id: BlockId, text: String) -> (Ticket, bool) {
        let Some(open) = self.open.get(&id) else {
            return (KEPT, false);
        };
        let group = open.group;
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
                self.push(index, group, Task::Piece(piece));
                ticket
            }
            (_, BlockKind::Text) => self.pass(index, group, Note::Text(text)),
            (_, BlockKind::ToolCall) => self.pass(index, group, Note::OfCall),
            _ => self.pass(index, group, Note::Nothing),
        };
        (ticket, true)
    }

    /// The ticket of the end of a block, and whether it is the first of those with it.
    fn closes(&mut self, index: u64, id: BlockId, content: Option<Block>) -> (Ticket, bool) {
        let Some(open) = self.open.get(&id) else {
            return (KEPT, false);
        };
        let group = open.group;
        if open.delivery == Delivery::Pieces && !open.is_group {
            let ticket = self.queue.known.ticket();
            let last = LastPiece { block: id, ticket };
            self.push(index, group, Task::LastPiece(last));
            return (ticket, true);
        }
        let Some(open) = self.open.remove(&id) else {
            return (KEPT, false);
        };
        if id == group {
            self.choices.entry(index).or_default().agenda.end(id);
        }
        if open.is_group {
            match open.is_blank {
                true => self
                    .queue
                    .known
                    .settle_group(open.ticket, Disposition::Keeps),
                false => self.push(index, group, Task::EndGroup(open.ticket)),
            }
            // It stands behind all that it depends on.
            return (KEPT, false);
        }
        match (open.delivery, content) {
            (Delivery::Whole, content) => {
                // Where it is not complete nobody is asked, and it goes with what is held.
                if let Some(block) = content {
                    let judged = Judged {
                        ticket: open.ticket,
                        at: open.at,
                        group,
                        is_torn: open.is_torn,
                        block,
                    };
                    self.push(index, group, Task::Judge(judged));
                }
                return (open.ticket, false);
            }
            (Delivery::Observe, Some(block)) => self.push(index, group, Task::Observe(block)),
            _ => {}
        }
        let note = match open.kind {
            BlockKind::ToolCall => Note::Block(open.kind),
            _ => Note::Nothing,
        };
        (self.pass(index, group, note), true)
    }

    fn finishes(&mut self, at: At, index: u64, reason: String) -> Ticket {
        let ticket = self.queue.known.ticket();
        let choice = self.choices.entry(index).or_default();
        choice.finishes.push(Finish { ticket, at, reason });
        if !self.wants.end {
            self.push(index, LAST, Task::Close);
        }
        ticket
    }

    fn ends(&mut self) -> Ticket {
        let ticket = self.queue.known.ticket();
        self.end = End::Due(ticket);
        if !self.wants.end {
            let open = self.choices.iter().filter(|(_, choice)| !choice.is_over);
            let open = open.filter(|(_, choice)| !choice.agenda.closes());
            let open: Vec<u64> = open.map(|(index, _)| *index).collect();
            for index in open {
                self.push(index, LAST, Task::Close);
            }
        }
        ticket
    }

    /// A piece that nobody judges goes out: now, or after what is to be done about those before it, in whichever choice: a
    /// stop in one ends the others there.
    fn pass(&mut self, index: u64, group: BlockId, note: Note) -> Ticket {
        let has_tasks = self.has_tasks();
        let choice = self.choices.entry(index).or_default();
        let is_clear = match group {
            0 => !has_tasks,
            group => choice.agenda.is_clear(group),
        };
        if is_clear {
            self.note(index, group, note);
            return KEPT;
        }
        let ticket = self.queue.known.ticket();
        self.push(index, group, Task::Pass(ticket, note));
        ticket
    }

    pub(super) fn note(&mut self, index: u64, group: BlockId, note: Note) {
        let choice = self.choices.entry(index).or_default();
        for tally in choice.tallies(group) {
            match &note {
                Note::Nothing => {}
                Note::Text(text) => tally.says(group, text),
                Note::Block(kind) => tally.passes(group, *kind, self.rules),
                Note::OfCall => tally.passes_of_call(),
            }
        }
    }

    fn push(&mut self, index: u64, group: BlockId, task: Task) {
        self.tasks += 1;
        self.kept += task.size();
        let choice = self.choices.entry(index).or_default();
        choice.agenda.push(group, self.tasks, task);
    }
}
