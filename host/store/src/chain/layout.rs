//! Where the blocks of a body stand, and what is left between them.

use std::ops::Range;

use bytes::Bytes;

use super::shell::Shell;
use super::strip;
use crate::Name;
use crate::message::{Body, Cut};

/// The longest run of bytes between blocks that is kept with a position. A longer one becomes a block.
const FRAME: usize = 512;
/// The longest block that we make ourselves, of bytes between blocks or of a body without any.
const PIECE: usize = 256 << 10;
/// The most chains of one body. What would need more stays in the last one.
const CHAINS: usize = 8;

/// A body, taken apart. The pieces of all chains, one behind the other, and the shell's tail are the whole body but
/// for what was cut out.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) chains: Vec<Vec<Piece>>,
    pub(crate) shell: Shell,
}

/// A block, and the bytes before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) frame: Bytes,
    pub(crate) block: Bytes,
    /// Empty for bytes that are no block of the dialect.
    pub(crate) kind: Name,
    pub(crate) role: Option<Name>,
}

/// What a run of blocks belongs to. Each is a chain of its own, so that the conversation may grow without touching
/// what stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Conversation,
    System,
    Tools,
}

impl Side {
    fn of(cut: &Cut) -> Self {
        match &*cut.kind {
            "system" => Self::System,
            "tool" => Self::Tools,
            _ => Self::Conversation,
        }
    }
}

impl Layout {
    pub(crate) fn new(body: &Body) -> Self {
        let cuts = valid(body);
        if cuts.is_empty() {
            return Self::without_blocks(&body.bytes);
        }
        let removed = strip::cache_controls(&body.bytes);
        let plain = without(&body.bytes, &removed);
        let mut builder = Builder::default();
        for cut in cuts {
            let range = moved(cut.range.start, &removed)..moved(cut.range.end, &removed);
            if !range.is_empty() {
                builder.push(&plain, cut, range);
            }
        }
        let tail = builder.tail(&plain);
        let cut_out = |range: &Range<usize>| {
            let at = moved(range.start, &removed);
            (at, body.bytes.slice(range.clone()))
        };
        let removed = removed.iter().map(cut_out).collect();
        Self {
            chains: builder.chains,
            shell: Shell { removed, tail },
        }
    }

    /// A body of which nobody knows the blocks, like a reply. Small ones stay whole.
    fn without_blocks(bytes: &Bytes) -> Self {
        let whole = bytes.len() / PIECE * PIECE;
        let pieces: Vec<_> = pieces(bytes, 0..whole).collect();
        let chains = if pieces.is_empty() {
            vec![]
        } else {
            vec![pieces]
        };
        let tail = bytes.slice(whole..);
        let removed = Vec::new();
        Self {
            chains,
            shell: Shell { removed, tail },
        }
    }
}

#[derive(Default)]
struct Builder {
    chains: Vec<Vec<Piece>>,
    side: Option<Side>,
    /// How much of the body has its place.
    end: usize,
}

impl Builder {
    fn push(&mut self, plain: &Bytes, cut: &Cut, range: Range<usize>) {
        let side = Side::of(cut);
        if self.side != Some(side) && self.chains.len() < CHAINS {
            self.chains.push(Vec::new());
        }
        self.side = Some(side);
        let frame = self.frame(plain, range.start);
        self.end = range.end;
        self.chain().push(Piece {
            frame,
            block: plain.slice(range),
            kind: cut.kind.clone(),
            role: cut.role.clone(),
        });
    }

    /// The bytes up to a block. If they are many, all become blocks.
    fn frame(&mut self, plain: &Bytes, until: usize) -> Bytes {
        let between = self.end..until;
        if between.len() <= FRAME {
            return plain.slice(between);
        }
        let pieces = pieces(plain, between);
        self.chain().extend(pieces);
        Bytes::new()
    }

    fn tail(&mut self, plain: &Bytes) -> Bytes {
        let until = plain.len();
        if until - self.end > PIECE {
            return self.frame(plain, until);
        }
        plain.slice(self.end..)
    }

    fn chain(&mut self) -> &mut Vec<Piece> {
        if self.chains.is_empty() {
            self.chains.push(Vec::new());
        }
        self.chains.last_mut().expect("there is a chain by now")
    }
}

/// Bytes as blocks of no kind.
fn pieces(plain: &Bytes, range: Range<usize>) -> impl Iterator<Item = Piece> {
    let end = range.end;
    range.step_by(PIECE).map(move |at| Piece {
        frame: Bytes::new(),
        block: plain.slice(at..end.min(at + PIECE)),
        kind: Name::Borrowed(""),
        role: None,
    })
}

/// The cuts that keep the rules.
fn valid(body: &Body) -> Vec<&Cut> {
    let mut end = 0;
    let keeps = |cut: &&Cut| {
        let Range { start, end: until } = cut.range;
        let valid = end <= start && start < until && until <= body.bytes.len();
        if valid {
            end = until;
        }
        valid
    };
    body.cuts.iter().filter(keeps).collect()
}

/// The body without these ranges.
fn without(bytes: &Bytes, removed: &[Range<usize>]) -> Bytes {
    if removed.is_empty() {
        return bytes.clone();
    }
    let mut plain = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for range in removed {
        plain.extend_from_slice(&bytes[from..range.start]);
        from = range.end;
    }
    plain.extend_from_slice(&bytes[from..]);
    plain.into()
}

/// Where a place is once these ranges are cut out.
fn moved(at: usize, removed: &[Range<usize>]) -> usize {
    let before = removed.iter().take_while(|range| range.start < at);
    let gone = before.map(|range| range.end.min(at) - range.start);
    at - gone.sum::<usize>()
}

#[cfg(test)]
mod tests;
