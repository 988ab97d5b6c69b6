//! What went out of a reply, kept as long as blocks may be rejected.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{
    reading::{BlockId, Event, Reader, Readings, What},
    rejected::Irrevocable,
};
use crate::{
    Block, Delivery, Wants,
    sse::{Decoder, Frame},
};

/// The bytes that went out, as long as they are not too many.
#[derive(Debug)]
pub(crate) struct Kept {
    bytes: Vec<Bytes>,
    size: usize,
    limit: usize,
    /// Whether all is kept that goes out now: it was held, so it is not too much.
    keeps_all: bool,
}

impl Kept {
    /// What a reader has to tell of them: all blocks, and a text that is cut off too.
    pub(crate) const ALL: Wants = Wants {
        text: Delivery::Whole,
        thinking: Delivery::Observe,
        tool_call: Delivery::Observe,
        other: Delivery::Observe,
        end: true,
        redo: false,
    };

    /// Keeps up to `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            size: 0,
            limit,
            keeps_all: false,
        }
    }

    pub(crate) fn add(&mut self, bytes: &Bytes) {
        self.size += bytes.len() + size_of::<Bytes>();
        match self.size > self.limit && !self.keeps_all {
            true => self.bytes = Vec::new(),
            false => self.bytes.push(bytes.clone()),
        }
    }

    /// Err if more went out than is kept.
    pub(crate) fn check(&self) -> Result<(), Irrevocable> {
        let limit = self.limit;
        match self.size > limit {
            true => Err(Irrevocable::TooMuchOut { limit }),
            false => Ok(()),
        }
    }

    /// A block is rejected: what goes out until [`begin_next`](Self::begin_next) was held.
    pub(crate) fn reject(&mut self) {
        self.keeps_all = true;
    }

    /// Another reply begins.
    pub(crate) fn begin_next(&mut self) {
        self.keeps_all = false;
    }

    /// Whether anything went out.
    pub(crate) fn has_any(&self) -> bool {
        self.size > 0
    }

    /// The frames that went out.
    pub(crate) fn frames(&self) -> Vec<Frame> {
        let mut decoder = Decoder::new(usize::MAX);
        let bytes = self.bytes.iter().cloned();
        bytes.for_each(|bytes| decoder.push(bytes));
        std::iter::from_fn(|| decoder.next_frame().ok()?).collect()
    }
}

/// The blocks that these frames say, of which the last may not be complete.
pub(crate) fn blocks<R: Reader>(frames: Vec<Frame>, mut reader: R) -> Vec<Block> {
    let mut readings = Readings::new();
    for frame in frames {
        if reader.read(frame, &mut readings).is_err() {
            break;
        }
    }
    let left = reader.left();
    let events = readings.into_iter().flat_map(|reading| reading.events);
    in_order(events.chain(left))
}

/// The blocks that end in these events, those of one group behind those of the group before.
fn in_order<P>(events: impl Iterator<Item = Event<P>>) -> Vec<Block> {
    let mut groups: BTreeMap<BlockId, BlockId> = BTreeMap::new();
    let mut blocks = Vec::new();
    for Event { block, what, .. } in events {
        match what {
            What::OpensIn(group, _) => drop(groups.insert(block, group)),
            What::Closes(Some(Block::Text(text))) if text.is_empty() => {}
            What::Closes(Some(said)) => blocks.push((groups.get(&block).copied(), said)),
            _ => {}
        }
    }
    blocks.sort_by_key(|(group, _)| *group);
    blocks.into_iter().map(|(_, block)| block).collect()
}
