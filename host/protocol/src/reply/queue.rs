//! The frames that wait, in the order in which they came.
//!
//! A frame leaves when it is known of each of its slots what becomes of it, and all before it have left: the order of the
//! frames is part of the bytes.

use std::collections::VecDeque;

use super::{
    dispositions::{Dispositions, GONE},
    reading::BlockId,
    writing::{Insert, Made, Pending, Slot, Slots},
};
use crate::sse::Frame;

/// A slot of a frame, counted from the start of the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) frame: u64,
    pub(crate) slot: usize,
}

#[derive(Debug)]
pub(crate) struct Queue<P> {
    /// The number of the frame at the front.
    front: u64,
    waiting: VecDeque<Pending<P>>,
    bytes: usize,
    pub(crate) known: Dispositions,
}

impl<P> Queue<P> {
    pub(crate) fn new() -> Self {
        Self {
            front: 0,
            waiting: VecDeque::new(),
            bytes: 0,
            known: Dispositions::default(),
        }
    }

    /// The number that the next frame gets.
    pub(crate) fn next_frame(&self) -> u64 {
        self.front + self.waiting.len() as u64
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The memory that the waiting frames take.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn push(&mut self, frame: Frame, slots: Slots<P>) {
        let pending = Pending {
            frame: Some(frame),
            slots,
            inserts: Vec::new(),
        };
        self.bytes += size(&pending);
        self.waiting.push_back(pending);
    }

    /// Puts something before a slot, or behind all that waits where that has left.
    pub(crate) fn insert(&mut self, at: Option<At>, choice: u64, made: Made) {
        let slot = at.map_or(usize::MAX, |at| at.slot);
        let insert = Insert { slot, choice, made };
        match at.and_then(|at| self.pending(at.frame)) {
            Some(pending) => pending.inserts.push(insert),
            None => self.waiting.push_back(Pending {
                frame: None,
                slots: Slots::new(),
                inserts: vec![insert],
            }),
        }
    }

    /// Takes the frame at the front, if all is known about it.
    pub(crate) fn pop_ready(&mut self) -> Option<Pending<P>> {
        let mut slots = self.waiting.front()?.slots.iter();
        if !slots.all(|slot| self.known.is_known(slot.ticket)) {
            return None;
        }
        let pending = self.waiting.pop_front()?;
        self.front += 1;
        self.bytes -= size(&pending);
        Some(pending)
    }

    /// A frame went out past the queue, in which nothing waits.
    pub(crate) fn skip(&mut self) {
        self.front += 1;
    }

    /// Throws away what waits of a choice behind this group.
    pub(crate) fn cut(&mut self, choice: u64, group: BlockId) {
        let slots = self
            .waiting
            .iter_mut()
            .flat_map(|pending| &mut pending.slots);
        let is_behind = |slot: &&mut Slot<P>| slot.choice == choice && slot.group > group;
        for slot in slots.filter(is_behind) {
            slot.ticket = GONE;
        }
    }

    /// The frames that wait.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &Frame> {
        let frames = self.waiting.iter();
        frames.filter_map(|pending| pending.frame.as_ref())
    }

    /// What nobody has decided goes, and so does this frame.
    pub(crate) fn end(&mut self, failing: Option<u64>) {
        if let Some(frame) = failing {
            self.leave_out(frame);
        }
        self.known.end();
    }

    /// Another reply begins, of which nothing is there.
    pub(crate) fn begin_next(&mut self) {
        self.clear();
        self.known.begin_next();
    }

    /// Throws away a frame that waits.
    fn leave_out(&mut self, frame: u64) {
        if let Some(pending) = self.pending(frame) {
            let size = size(pending);
            pending.frame = None;
            pending.slots.clear();
            self.bytes -= size;
        }
    }

    /// Throws away what waits.
    pub(crate) fn clear(&mut self) {
        self.front = self.next_frame();
        self.waiting.clear();
        self.bytes = 0;
    }

    fn pending(&mut self, frame: u64) -> Option<&mut Pending<P>> {
        let at = frame.checked_sub(self.front)?;
        self.waiting.get_mut(usize::try_from(at).ok()?)
    }
}

/// The memory that a frame takes: a short one takes more for being kept than for its bytes.
fn size<P>(pending: &Pending<P>) -> usize {
    let bytes = pending.frame.as_ref().map_or(0, |frame| frame.raw().len());
    let spilled = if pending.slots.spilled() {
        pending.slots.len()
    } else {
        0
    };
    match pending.frame {
        Some(_) => bytes + size_of::<Pending<P>>() + spilled * size_of::<Slot<P>>(),
        None => 0,
    }
}
