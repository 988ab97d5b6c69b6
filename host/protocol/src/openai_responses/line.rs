//! An item between its first event and the last decision on it.

use std::collections::VecDeque;

use super::{
    inquiry::{Inquiry, ruling_of},
    item::{ItemKind, PartRuling},
    queue::Ticket,
    said::Said,
};
use crate::compose::is_blank;

/// An item that is not settled.
#[derive(Debug)]
pub(super) struct Line {
    /// Upstream's number of it.
    pub(super) index: u64,
    pub(super) kind: ItemKind,
    pub(super) mode: Mode,
    /// Whether its texts are heard piece by piece, at least at first.
    pub(super) in_pieces: bool,
    /// Its JSON as it was added; nothing where it was not.
    pub(super) added: Option<String>,
    /// Its JSON as it is done.
    pub(super) done: Option<String>,
    /// Whether its last event is in.
    pub(super) is_over: bool,
    pub(super) said: Said,
    /// Its first frame that waits, or would wait.
    pub(super) first: Option<Ticket>,
    /// Frames that wait for the decision on the item.
    pub(super) held: Vec<Ticket>,
    /// The first of them in an item whose texts were heard piece by piece before.
    pub(super) held_from: Option<Ticket>,
    /// Frames that go out with any of the parts.
    waiting: Vec<Ticket>,
    /// Frames that come to be asked about one after another.
    pub(super) pending: VecDeque<Ticket>,
    pub(super) parts: Vec<Part>,
    /// Whether something of it is on the wire, or may go there.
    pub(super) is_open: bool,
    pub(super) inquiry: Option<Inquiry>,
}

/// How the frames of an item go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// As they come.
    Through,
    /// Text piece by piece.
    Pieces,
    /// From now on all at once, when the item is done and judged.
    Held,
}

/// A text that goes out piece by piece.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) at: u64,
    pub(super) is_refusal: bool,
    /// What upstream says.
    pub(super) text: String,
    /// What goes out.
    pub(super) sent: String,
    pub(super) is_over: bool,
    /// Whether it goes out. While it is blank it may turn out to be one that is left out.
    is_open: bool,
    waiting: Vec<Ticket>,
}

impl Part {
    pub(super) fn ruling(&self) -> PartRuling {
        ruling_of(&self.text, self.sent.clone())
    }

    fn may_open(&self) -> bool {
        let kept = self.is_over && self.sent == self.text;
        kept || !is_blank(&self.sent)
    }
}

impl Line {
    pub(super) fn new(index: u64, kind: ItemKind, mode: Mode) -> Self {
        Self {
            index,
            kind,
            mode,
            in_pieces: mode == Mode::Pieces,
            added: None,
            done: None,
            is_over: false,
            said: Said::default(),
            first: None,
            held: Vec::new(),
            held_from: None,
            waiting: Vec::new(),
            pending: VecDeque::new(),
            parts: Vec::new(),
            is_open: false,
            inquiry: None,
        }
    }

    /// The text at `at`, which begins here if it has not.
    pub(super) fn part(&mut self, at: u64) -> &mut Part {
        let known = self.parts.iter().position(|part| part.at == at);
        let known = known.unwrap_or_else(|| {
            self.parts.push(Part {
                at,
                ..Part::default()
            });
            self.parts.len() - 1
        });
        &mut self.parts[known]
    }

    /// The text that has begun and not ended.
    pub(super) fn speaking(&self) -> Option<u64> {
        let open = self.parts.iter().find(|part| !part.is_over);
        open.map(|part| part.at)
    }

    /// A frame waits until its part, or any part of the item, goes out.
    pub(super) fn wait(&mut self, ticket: Ticket, part: Option<u64>) {
        let mut parts = self.parts.iter_mut();
        match parts.find(|known| Some(known.at) == part) {
            Some(part) => part.waiting.push(ticket),
            None => self.waiting.push(ticket),
        }
    }

    /// The frames that need not wait any longer.
    pub(super) fn released(&mut self) -> Vec<Ticket> {
        for part in &mut self.parts {
            part.is_open |= part.may_open();
        }
        let mut open = self.parts.iter_mut().filter(|part| part.is_open).peekable();
        self.is_open |= open.peek().is_some();
        let mut released: Vec<Ticket> = open.flat_map(|part| part.waiting.drain(..)).collect();
        if self.is_open {
            released.append(&mut self.waiting);
        }
        released
    }

    /// All frames that still wait, in the order in which they came.
    pub(super) fn all_waiting(&mut self) -> Vec<Ticket> {
        let mut waiting = std::mem::take(&mut self.held);
        waiting.append(&mut self.waiting);
        for part in &mut self.parts {
            waiting.append(&mut part.waiting);
        }
        waiting.sort_unstable();
        waiting
    }

    /// What was decided of its parts as they came.
    pub(super) fn decided(&self) -> Vec<(usize, PartRuling)> {
        let decided = self.parts.iter().filter(|part| part.is_over);
        let at = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        decided.map(|part| (at(part.at), part.ruling())).collect()
    }
}
