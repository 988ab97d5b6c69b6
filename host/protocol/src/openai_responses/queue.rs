//! Frames that wait for what becomes of them, in the order in which they came.
//!
//! One that is decided leaves when all before it have left: the order of the frames is part of the bytes.

use std::collections::VecDeque;

use super::entry::Entry;
use crate::ToolCall;

/// The number of a frame, counted as they came.
pub(super) type Ticket = u64;

/// What goes out in the place of a frame.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all that goes out is a frame of upstream's"
)]
pub(super) enum Out {
    Entry(Entry),
    /// Upstream's call, as this item.
    Rewritten(String),
    /// A text of a policy or a notice; never blank.
    Text(String),
    /// A call of a policy, with an id of the host's making.
    Call(ToolCall),
}

/// How far the deciding on a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    /// It goes out once the content is over.
    Decided,
    Ready,
}

/// The place of a frame.
#[derive(Debug)]
pub(super) struct Slot {
    /// What goes out before that in the frame's place.
    pub(super) before: Vec<Out>,
    pub(super) outs: Vec<Out>,
    /// What goes out behind it.
    pub(super) after: Vec<Out>,
    /// Whether something else goes out than what came.
    pub(super) changed: bool,
    state: State,
    /// The bytes of the frame that came.
    size: usize,
}

/// The frames that have not left.
#[derive(Debug, Default)]
pub(super) struct Queue {
    slots: VecDeque<Slot>,
    first: Ticket,
    bytes: usize,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether a call waits for the end of the content.
    pub(super) fn has_calls(&self) -> bool {
        self.slots.iter().any(|slot| slot.state == State::Decided)
    }

    /// The bytes of the frames.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, entry: Entry, state: State) -> Ticket {
        let size = entry.size();
        self.bytes += size;
        self.slots.push_back(Slot {
            before: Vec::new(),
            outs: vec![Out::Entry(entry)],
            after: Vec::new(),
            changed: false,
            state,
            size,
        });
        self.first + self.slots.len() as Ticket - 1
    }

    /// Adds something that did not come.
    pub(super) fn add(&mut self, out: Out) {
        self.slots.push_back(Slot {
            before: Vec::new(),
            outs: vec![out],
            after: Vec::new(),
            changed: true,
            state: State::Ready,
            size: 0,
        });
    }

    /// The frame that waits there.
    pub(super) fn entry(&self, ticket: Ticket) -> Option<&Entry> {
        let outs = &self.slots.get(self.at(ticket)?)?.outs;
        outs.iter().find_map(|out| match out {
            Out::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    /// What goes out in a frame's place.
    pub(super) fn set(&mut self, ticket: Ticket, outs: Vec<Out>) {
        if let Some(slot) = self.slot(ticket) {
            slot.outs = outs;
            slot.changed = true;
        }
    }

    /// Nothing of its item goes out in a frame's place.
    pub(super) fn empty(&mut self, ticket: Ticket) {
        self.set(ticket, Vec::new());
        if let Some(slot) = self.slot(ticket) {
            // What the item before put here stays.
            slot.before.retain(|out| !matches!(out, Out::Entry(_)));
        }
    }

    /// What goes out before that in a frame's place, or behind.
    pub(super) fn surround(&mut self, ticket: Ticket, before: Vec<Out>, after: Vec<Out>) {
        if let Some(slot) = self.slot(ticket) {
            slot.changed |= !before.is_empty() || !after.is_empty();
            slot.before.extend(before);
            slot.after.extend(after);
        }
    }

    pub(super) fn mark(&mut self, tickets: &[Ticket], state: State) {
        for ticket in tickets {
            if let Some(slot) = self.slot(*ticket) {
                slot.state = state;
            }
        }
    }

    /// The content is over: everything may leave.
    pub(super) fn release(&mut self) {
        for slot in &mut self.slots {
            slot.state = State::Ready;
        }
    }

    /// The frame at the front, if it may leave.
    pub(super) fn pop_ready(&mut self) -> Option<Slot> {
        if self.slots.front()?.state != State::Ready {
            return None;
        }
        let slot = self.slots.pop_front()?;
        self.first += 1;
        self.bytes -= slot.size;
        Some(slot)
    }

    /// Throws away what waits; what may leave but for that is left.
    pub(super) fn take_ready(&mut self) -> Vec<Out> {
        let slots = std::mem::take(&mut self.slots);
        self.first += slots.len() as Ticket;
        self.bytes = 0;
        let ready = slots.into_iter().filter(|slot| slot.state == State::Ready);
        let outs = ready.flat_map(|slot| [slot.before, slot.outs, slot.after]);
        outs.flatten().collect()
    }

    /// Throws everything away.
    pub(super) fn clear(&mut self) {
        self.first += self.slots.len() as Ticket;
        self.slots.clear();
        self.bytes = 0;
    }

    fn at(&self, ticket: Ticket) -> Option<usize> {
        usize::try_from(ticket.checked_sub(self.first)?).ok()
    }

    fn slot(&mut self, ticket: Ticket) -> Option<&mut Slot> {
        let at = self.at(ticket)?;
        self.slots.get_mut(at)
    }
}
