//! An item that is complete, and the asking about its blocks one after another.
//!
//! A message has a block for each of its parts, and goes out when all are decided.

use super::item::{ItemKind, PartRuling, blocks, is_judged, with_parts};
use crate::{Block, BlockKind, Delivery, PieceRuling, Ruling, Step, Wants, compose::is_blank};

/// An item whose blocks are judged.
#[derive(Debug)]
pub(super) struct Inquiry {
    json: String,
    kind: ItemKind,
    blocks: Vec<Block>,
    /// What was decided of its parts while they came.
    decided: Vec<(usize, PartRuling)>,
    /// How many of the blocks are decided.
    at: usize,
    parts: Vec<PartRuling>,
    /// What goes out of a text that was shown as a piece, until its end was shown too.
    piece: Option<String>,
    call: Option<Ruling>,
    before: Vec<Block>,
    after: Vec<Block>,
    notice: Option<String>,
}

/// What policies decided on an item.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It goes out as it came.
    Kept,
    /// A call, and the ruling on it.
    Call(Block, Ruling),
    /// A message that changed.
    Message(Changes),
}

/// How a message changed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) parts: Vec<PartRuling>,
    /// Tool calls that stand before it, and behind.
    pub(super) before: Vec<Block>,
    pub(super) after: Vec<Block>,
    /// Why something of it was left out.
    pub(super) notice: Option<String>,
}

/// A notice that ends the reply.
pub(super) type Stop = Option<String>;

impl Changes {
    fn are_none(&self) -> bool {
        let kept = self.parts.iter().all(|part| *part == PartRuling::Keep);
        kept && self.before.is_empty() && self.after.is_empty()
    }

    /// Whether nothing is left of the message.
    pub(super) fn leave_nothing(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.len() > 0 && parts.all(|part| *part == PartRuling::Gone)
    }
}

impl Inquiry {
    /// Begins with the item's JSON, and with the parts that are decided already.
    pub(super) fn new(json: String, kind: ItemKind, decided: Vec<(usize, PartRuling)>) -> Self {
        let blocks = blocks(&json);
        Self {
            json,
            kind,
            blocks,
            decided,
            at: 0,
            parts: Vec::new(),
            piece: None,
            call: None,
            before: Vec::new(),
            after: Vec::new(),
            notice: None,
        }
    }

    /// The next thing to show or ask; nothing when all blocks are decided. A step that asks is answered
    /// before this is called again.
    pub(super) fn next(&mut self, wants: &Wants) -> Option<Step> {
        loop {
            if let Some(ruling) = self.take_decided() {
                self.settle(ruling);
                continue;
            }
            let block = self.blocks.get(self.at)?;
            let kind = block.kind();
            match wants.delivery(kind) {
                Delivery::None => self.settle(PartRuling::Keep),
                Delivery::Observe => {
                    let step = Step::Observe(block.clone());
                    self.settle(PartRuling::Keep);
                    return Some(step);
                }
                Delivery::Pieces if kind == BlockKind::Text => return Some(self.piece()),
                Delivery::Pieces | Delivery::Whole => return Some(Step::Judge(block.clone())),
            }
        }
    }

    fn settle(&mut self, ruling: PartRuling) {
        self.parts.push(ruling);
        self.at += 1;
    }

    fn take_decided(&mut self) -> Option<PartRuling> {
        let mut decided = self.decided.iter();
        let known = decided.position(|(at, _)| *at == self.at)?;
        Some(self.decided.swap_remove(known).1)
    }

    /// As in a stream, an empty text makes no piece but the last.
    fn piece(&mut self) -> Step {
        let text = self.text().to_owned();
        let last = text.is_empty() || self.piece.is_some();
        Step::Piece {
            text: if last { String::new() } else { text },
            last,
        }
    }

    /// Answers [`Step::Judge`].
    pub(super) fn rule(&mut self, ruling: Ruling) -> Stop {
        match (ruling, self.kind) {
            (Ruling::Stop { notice }, _) => return Some(notice),
            (ruling, ItemKind::Call) => {
                self.call = Some(ruling);
                self.settle(PartRuling::Keep);
            }
            (ruling, _) if !matches!(self.blocks.get(self.at), Some(Block::Text(_))) => {
                drop(ruling);
                self.settle(PartRuling::Keep);
            }
            (Ruling::Keep, _) => self.settle(PartRuling::Keep),
            (Ruling::Drop { notice }, _) => {
                self.notice = self
                    .notice
                    .take()
                    .or(Some(notice).filter(|text| !is_blank(text)));
                self.settle(PartRuling::Gone);
            }
            (Ruling::Replace(blocks), _) => self.replace(blocks),
        }
        None
    }

    /// Answers [`Step::Piece`].
    pub(super) fn rule_piece(&mut self, ruling: PieceRuling) -> Stop {
        let last = self.text().is_empty() || self.piece.is_some();
        let shown = if last { "" } else { self.text() };
        let sent = match ruling {
            PieceRuling::Keep => shown.to_owned(),
            PieceRuling::Send(sent) => sent,
            PieceRuling::Stop { notice } => return Some(notice),
        };
        let said = self.piece.take().unwrap_or_default() + &sent;
        if last {
            let ruling = ruling_of(self.text(), said);
            self.settle(ruling);
        } else {
            self.piece = Some(said);
        }
        None
    }

    /// What went out of a message before a stop, as it would have in a stream: what nobody held. Nothing where texts
    /// are wanted whole, for then all of it waited.
    pub(super) fn cut(mut self, wants: &Wants) -> Option<String> {
        if self.kind != ItemKind::Message || wants.text == Delivery::Whole {
            return None;
        }
        let is_held = |block: &Block| {
            let kind = block.kind();
            kind != BlockKind::Text && is_judged(kind, wants)
        };
        let held_from = self.blocks.iter().position(is_held);
        let said = self.piece.take().filter(|said| !is_blank(said));
        if let Some(said) = said {
            let ruling = ruling_of(self.text(), said);
            self.settle(ruling);
        }
        self.parts.truncate(held_from.unwrap_or(usize::MAX));
        self.parts.resize(self.blocks.len(), PartRuling::Gone);
        let changes = self.changes();
        (!changes.leave_nothing()).then(|| with_parts(&self.json, &changes.parts))
    }

    /// What was decided.
    pub(super) fn outcome(mut self) -> Outcome {
        if let (Some(ruling), Some(block)) = (self.call.take(), self.blocks.first()) {
            return Outcome::Call(block.clone(), ruling);
        }
        let changes = self.changes();
        if changes.are_none() {
            return Outcome::Kept;
        }
        Outcome::Message(changes)
    }

    fn changes(&mut self) -> Changes {
        Changes {
            parts: std::mem::take(&mut self.parts),
            before: std::mem::take(&mut self.before),
            after: std::mem::take(&mut self.after),
            notice: self.notice.take(),
        }
    }

    fn text(&self) -> &str {
        match self.blocks.get(self.at) {
            Some(Block::Text(text)) => text,
            _ => "",
        }
    }

    /// The texts take the part's place, a blank line between them. Calls stand beside the message: before it
    /// where it has said nothing yet.
    fn replace(&mut self, blocks: Vec<Block>) {
        let mut texts: Vec<String> = Vec::new();
        let mut silent = self.parts.iter().all(|part| *part == PartRuling::Gone);
        for block in blocks {
            match block {
                Block::Text(text) if !is_blank(&text) => {
                    texts.push(text);
                    silent = false;
                }
                call @ Block::ToolCall(_) if silent => self.before.push(call),
                call @ Block::ToolCall(_) => self.after.push(call),
                _ => {}
            }
        }
        let ruling = ruling_of(self.text(), texts.join("\n\n"));
        self.settle(ruling);
    }
}

/// What becomes of a text of which `said` goes out.
pub(super) fn ruling_of(text: &str, said: String) -> PartRuling {
    if said == text {
        PartRuling::Keep
    } else if is_blank(&said) {
        PartRuling::Gone
    } else {
        PartRuling::Say(said)
    }
}
