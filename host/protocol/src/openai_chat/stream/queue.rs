//! The frames that wait, in the order of their arrival.
//!
//! A frame leaves once it is known of each of its pieces what becomes of it.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    ToolCall,
    openai_chat::{
        chunk::{Chunk, Entry},
        turn::{Fate, Field, Ticket},
    },
    sse::Frame,
};

/// Where something stands: in which frame of the stream, in which element of its `choices`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) frame: u64,
    pub(super) entry: usize,
}

/// A piece of a block, in an element of `choices`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Field),
    /// Content that is no string.
    Parts,
    /// The element of `tool_calls` at this position.
    Call(usize),
    FunctionCall,
    FinishReason,
}

/// A piece of which it is not known yet, or was not when it came, what becomes of it.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) entry: usize,
    pub(super) piece: Piece,
    pub(super) ticket: Ticket,
    /// Whether it is the first piece of its block.
    pub(super) is_first: bool,
}

/// What policies add to an element of `choices`.
#[derive(Debug, Default)]
pub(super) struct Patch {
    pub(super) entry: usize,
    pub(super) content: String,
    pub(super) refusal: String,
    pub(super) calls: Vec<(u64, ToolCall)>,
}

/// A frame that waits.
#[derive(Debug)]
pub(super) struct Queued {
    /// Frames of our own that go out before it.
    pub(super) before: Vec<Frame>,
    pub(super) frame: Frame,
    /// What it says, where it says anything about choices.
    pub(super) chunk: Option<Chunk>,
    pub(super) slots: Vec<Slot>,
    pub(super) patches: Vec<Patch>,
}

/// What is known of the pieces that wait.
#[derive(Debug, Default)]
pub(super) struct Fates {
    known: BTreeMap<Ticket, Fate>,
    /// Whether what nobody has spoken about goes.
    over: bool,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The number of the frame at the front, counted from the start of the stream.
    front: u64,
    waiting: VecDeque<Queued>,
    pub(super) fates: Fates,
    bytes: usize,
}

impl Fates {
    pub(super) fn settle(&mut self, ticket: Ticket, fate: Fate) {
        self.known.insert(ticket, fate);
    }

    pub(super) fn of(&self, ticket: Ticket) -> &Fate {
        match self.known.get(&ticket) {
            Some(fate) => fate,
            None if self.over => &Fate::Goes,
            None => &Fate::Waits,
        }
    }
}

impl Queued {
    fn new(frame: Frame, chunk: Option<Chunk>, slots: Vec<Slot>) -> Self {
        Self {
            before: Vec::new(),
            frame,
            chunk,
            slots,
            patches: Vec::new(),
        }
    }

    fn entry(&self, entry: usize) -> Option<&Entry> {
        self.chunk.as_ref()?.choices.get(entry)
    }
}

impl Queue {
    /// The number that the next frame gets.
    pub(super) fn next_number(&self) -> u64 {
        self.front + self.waiting.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes of upstream's frames that wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// A frame of upstream's.
    pub(super) fn push(&mut self, frame: Frame, chunk: Option<Chunk>, slots: Vec<Slot>) {
        self.bytes += frame.raw().len();
        self.waiting.push_back(Queued::new(frame, chunk, slots));
    }

    /// A frame went out past the queue, in which nothing waits.
    pub(super) fn skip(&mut self) {
        self.front += 1;
    }

    /// A frame of our own goes out before the one at `place`, or behind all that waits.
    pub(super) fn put(&mut self, place: Option<Place>, frame: Frame) {
        match place.and_then(|place| self.at(place)) {
            Some(queued) => queued.before.push(frame),
            None => self.push(frame, None, Vec::new()),
        }
    }

    /// The element of `choices` at `place`, if it still waits.
    pub(super) fn entry(&self, place: Place) -> Option<&Entry> {
        let at = place.frame.checked_sub(self.front)?;
        let queued = self.waiting.get(usize::try_from(at).ok()?)?;
        queued.entry(place.entry)
    }

    /// What is added to the element of `choices` at `place`; nothing where it waits no longer.
    pub(super) fn patch(&mut self, place: Place) -> Option<&mut Patch> {
        let patches = &mut self.at(place)?.patches;
        let at = patches.iter().position(|patch| patch.entry == place.entry);
        let at = at.unwrap_or_else(|| {
            patches.push(Patch {
                entry: place.entry,
                ..Patch::default()
            });
            patches.len() - 1
        });
        patches.get_mut(at)
    }

    /// Takes the frame at the front, if all is known about it.
    pub(super) fn pop_ready(&mut self) -> Option<Queued> {
        let slots = &self.waiting.front()?.slots;
        let mut fates = slots.iter().map(|slot| self.fates.of(slot.ticket));
        if fates.any(|fate| *fate == Fate::Waits) {
            return None;
        }
        let queued = self.waiting.pop_front()?;
        self.front += 1;
        self.bytes -= queued.frame.raw().len();
        Some(queued)
    }

    /// Forgets what became of frames that are gone.
    pub(super) fn tidy(&mut self) {
        if self.waiting.is_empty() {
            self.fates.known.clear();
        }
    }

    /// What nobody has spoken about so far goes.
    pub(super) fn settle_all(&mut self) {
        self.fates.over = true;
    }

    /// Throws everything away.
    pub(super) fn clear(&mut self) {
        self.front = self.next_number();
        self.waiting.clear();
        self.bytes = 0;
        self.tidy();
    }

    fn at(&mut self, place: Place) -> Option<&mut Queued> {
        let at = place.frame.checked_sub(self.front)?;
        self.waiting.get_mut(usize::try_from(at).ok()?)
    }
}
