//! Blocks whose turn has not come: some servers begin one before the one before it has ended.

use std::collections::{HashMap, VecDeque};

use super::event::Event;
use crate::sse::Frame;

/// The frames of such blocks, in the order in which the blocks began.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    blocks: VecDeque<Vec<(Frame, Event)>>,
    /// The latest block of each index, counted from the start of the reply.
    latest: HashMap<u64, usize>,
    /// How many blocks have had their turn.
    gone: usize,
    size: usize,
}

impl Waiting {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// A block begins.
    pub(super) fn begin(&mut self, index: u64, frame: Frame, event: Event) {
        self.latest.insert(index, self.gone + self.blocks.len());
        self.size += size(&frame);
        self.blocks.push_back(vec![(frame, event)]);
    }

    /// Adds a frame to the block of this index. It is left out where no such block waits.
    pub(super) fn add(&mut self, index: u64, frame: Frame, event: Event) {
        let at = self.latest.get(&index);
        let at = at.and_then(|at| at.checked_sub(self.gone));
        if let Some(block) = at.and_then(|at| self.blocks.get_mut(at)) {
            self.size += size(&frame);
            block.push((frame, event));
        }
    }

    /// The frames of the block that began first.
    pub(super) fn next(&mut self) -> Option<Vec<(Frame, Event)>> {
        let block = self.blocks.pop_front()?;
        self.gone += 1;
        let taken: usize = block.iter().map(|(frame, _)| size(frame)).sum();
        self.size = self.size.saturating_sub(taken);
        Some(block)
    }

    pub(super) fn clear(&mut self) {
        self.gone += self.blocks.len();
        self.blocks.clear();
        self.size = 0;
    }
}

fn size(frame: &Frame) -> usize {
    frame.raw().len() + size_of::<(Frame, Event)>()
}
