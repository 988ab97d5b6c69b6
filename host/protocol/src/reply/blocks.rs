//! The blocks and groups of a reply between their starts and what is known of their ends.
//!
//! Says which decision each piece of a block waits for, and puts on the agenda what has to be done about it.

use std::collections::BTreeMap;

use super::{
    agendas::Agendas,
    choice::{Judged, LastPiece, Note, Piece, Task},
    dispositions::{Dispositions, KEPT, Ticket},
    queue::At,
    reading::BlockId,
    rules::Rules,
    writing::Disposition,
};
use crate::{Block, BlockKind, Delivery, Wants, compose::is_blank};

/// The blocks and groups that have begun and of which not all is known.
#[derive(Debug)]
pub(crate) struct Blocks {
    wants: Wants,
    /// Whether the start of a text waits until it is known that the text is not blank.
    opens_texts: bool,
    open: BTreeMap<BlockId, OpenBlock>,
}

/// A block between its start and what is known of its end.
#[derive(Debug)]
pub(crate) struct OpenBlock {
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

/// Where decisions and tasks are written down while something of a choice is taken in.
pub(crate) struct Books<'a> {
    pub(crate) choice: u64,
    pub(crate) known: &'a mut Dispositions,
    pub(crate) agendas: &'a mut Agendas,
}

/// What comes of something that a frame says of a block.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The decision that it waits for.
    pub(crate) ticket: Ticket,
    /// Whether it is the first that waits for this one.
    pub(crate) is_first: bool,
    /// What it adds to what goes out, if that is known already.
    pub(crate) note: Note,
}

impl Taken {
    /// It goes out as it came.
    pub(crate) const KEPT: Self = Self {
        ticket: KEPT,
        is_first: true,
        note: Note::Nothing,
    };

    pub(crate) fn first(ticket: Ticket) -> Self {
        Self {
            ticket,
            ..Self::KEPT
        }
    }

    fn with_others(ticket: Ticket) -> Self {
        Self {
            is_first: false,
            ..Self::first(ticket)
        }
    }
}

impl Books<'_> {
    fn push(&mut self, group: BlockId, task: Task) {
        self.agendas.push(self.choice, group, task);
    }

    /// A piece that nobody judges goes out: now, or after what is to be done before it.
    fn pass(&mut self, group: BlockId, note: Note) -> Taken {
        if self.agendas.is_clear(self.choice, group) {
            return Taken {
                note,
                ..Taken::KEPT
            };
        }
        let ticket = self.known.ticket();
        self.push(group, Task::Pass(ticket, note));
        Taken::first(ticket)
    }
}

impl Blocks {
    pub(crate) fn new(rules: &Rules, wants: Wants) -> Self {
        Self {
            wants,
            opens_texts: rules.opens_texts,
            open: BTreeMap::new(),
        }
    }

    /// The group that a block stands in or is; 0 where there is none.
    pub(crate) fn group_of(&self, block: BlockId) -> BlockId {
        self.open.get(&block).map_or(0, |open| open.group)
    }

    /// The kind of a block of which nobody wants anything.
    pub(crate) fn unwanted(&self, block: BlockId) -> Option<BlockKind> {
        let open = self.open.get(&block)?;
        let is_unwanted = open.delivery == Delivery::None && !open.is_group;
        is_unwanted.then_some(open.kind)
    }

    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }

    /// Whether a call of this kind would be held.
    pub(crate) fn holds(&self, kind: BlockKind) -> bool {
        self.delivery(kind) == Delivery::Whole
    }

    /// A group begins.
    pub(crate) fn gathers(
        &mut self,
        at: At,
        id: BlockId,
        kind: BlockKind,
        books: &mut Books<'_>,
    ) -> Taken {
        books.agendas.of(books.choice).begin(id);
        let delivery = self.wants.delivery(kind);
        let taken = match delivery {
            Delivery::None | Delivery::Observe => books.pass(id, Note::Nothing),
            Delivery::Pieces | Delivery::Whole => {
                books.agendas.of(books.choice).judge(id);
                Taken::first(books.known.ticket())
            }
        };
        let group = OpenBlock {
            is_group: true,
            is_opened: false,
            ..OpenBlock::new(kind, delivery, id, at, taken.ticket)
        };
        self.open.insert(id, group);
        taken
    }

    /// A block begins.
    pub(crate) fn opens(
        &mut self,
        at: At,
        (id, group): (BlockId, BlockId),
        kind: BlockKind,
        books: &mut Books<'_>,
    ) -> Taken {
        let delivery = self.delivery(kind);
        if id == group {
            books.agendas.of(books.choice).begin(id);
        }
        if delivery >= Delivery::Pieces && group != 0 {
            books.agendas.of(books.choice).judge(group);
        }
        let taken = match (delivery, kind) {
            (Delivery::None | Delivery::Observe, BlockKind::Text) => {
                books.pass(group, Note::Nothing)
            }
            (Delivery::None | Delivery::Observe, kind) => books.pass(group, Note::Block(kind)),
            (Delivery::Pieces, _) if !self.opens_texts => Taken::KEPT,
            (Delivery::Pieces | Delivery::Whole, _) => Taken::first(books.known.ticket()),
        };
        if (delivery, kind, group) == (Delivery::Whole, BlockKind::Text, 0) {
            books.agendas.wait_for(books.choice, id);
        }
        if let Some(gathered) = self.open.get_mut(&group) {
            gathered.is_blank = false;
            books.known.join(gathered.ticket, taken.ticket);
        }
        let block = OpenBlock::new(kind, delivery, group, at, taken.ticket);
        self.open.insert(id, block);
        taken
    }

    /// A block goes on.
    pub(crate) fn grows(&self, id: BlockId, text: String, books: &mut Books<'_>) -> Taken {
        let Some(open) = self.open.get(&id) else {
            return Taken::with_others(KEPT);
        };
        let group = open.group;
        match (open.delivery, open.kind) {
            (Delivery::Whole, _) => Taken::with_others(open.ticket),
            (Delivery::Pieces, _) if text.is_empty() => Taken::KEPT,
            (Delivery::Pieces, _) => {
                let ticket = books.known.ticket();
                let piece = Piece {
                    block: id,
                    ticket,
                    text,
                };
                books.push(group, Task::Piece(piece));
                Taken::first(ticket)
            }
            (_, BlockKind::Text) => books.pass(group, Note::Text(text)),
            (_, BlockKind::ToolCall) => books.pass(group, Note::OfCall),
            _ => books.pass(group, Note::Nothing),
        }
    }

    /// A call goes on behind the start of another one.
    pub(crate) fn tears(&mut self, id: BlockId) {
        if let Some(open) = self.open.get_mut(&id) {
            open.is_torn = true;
        }
    }

    /// A block or a group ends.
    pub(crate) fn closes(
        &mut self,
        id: BlockId,
        content: Option<Block>,
        books: &mut Books<'_>,
    ) -> Taken {
        let Some(open) = self.open.get(&id) else {
            return Taken::with_others(KEPT);
        };
        let group = open.group;
        if open.delivery == Delivery::Pieces && !open.is_group {
            let ticket = books.known.ticket();
            let last = LastPiece { block: id, ticket };
            books.push(group, Task::LastPiece(last));
            return Taken::first(ticket);
        }
        let Some(open) = self.open.remove(&id) else {
            return Taken::with_others(KEPT);
        };
        if id == group {
            books.agendas.of(books.choice).end(id);
        }
        if open.is_group {
            match open.is_blank {
                true => books.known.settle_group(open.ticket, Disposition::Keeps),
                false => books.push(group, Task::EndGroup(open.ticket)),
            }
            // It stands behind all that it depends on.
            return Taken::with_others(KEPT);
        }
        match (open.delivery, content) {
            (Delivery::Whole, content) => {
                // Where it is not complete nobody is asked, and it goes with what is held.
                let judged = content.map(|block| Task::Judge(open.judged(block)));
                books.agendas.push_whole(books.choice, group, id, judged);
                return Taken::with_others(open.ticket);
            }
            (Delivery::Observe, Some(block)) => books.push(group, Task::Observe(block)),
            _ => {}
        }
        let note = match open.kind {
            BlockKind::ToolCall => Note::Block(open.kind),
            _ => Note::Nothing,
        };
        books.pass(group, note)
    }

    /// This goes out of a text in pieces. The ticket of its start, if that goes out with it.
    pub(crate) fn says(&mut self, id: BlockId, said: &str, is_edited: bool) -> Option<Ticket> {
        let open = self.open.get_mut(&id)?;
        open.is_edited |= is_edited;
        open.is_blank &= is_blank(said);
        let opens = !open.is_blank && !std::mem::replace(&mut open.is_opened, true);
        opens.then_some(open.ticket)
    }

    /// A text in pieces is over, and this goes out last. What becomes of its start, if that waits still.
    pub(crate) fn ends(&mut self, id: BlockId, rest: &str) -> Option<(Ticket, Disposition)> {
        let open = self.open.remove(&id)?;
        if open.is_opened {
            return None;
        }
        let is_changed = open.is_edited || !rest.is_empty();
        let disposition = match is_changed && open.is_blank && is_blank(rest) {
            true => Disposition::Goes,
            false => Disposition::Keeps,
        };
        Some((open.ticket, disposition))
    }

    /// How blocks of a kind reach policies. Only text comes in pieces.
    fn delivery(&self, kind: BlockKind) -> Delivery {
        match self.wants.delivery(kind) {
            Delivery::Pieces if kind != BlockKind::Text => Delivery::Whole,
            delivery => delivery,
        }
    }
}

impl OpenBlock {
    fn new(kind: BlockKind, delivery: Delivery, group: BlockId, at: At, ticket: Ticket) -> Self {
        Self {
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
        }
    }

    fn judged(&self, block: Block) -> Judged {
        Judged {
            ticket: self.ticket,
            at: self.at,
            group: self.group,
            is_torn: self.is_torn,
            block,
        }
    }
}
