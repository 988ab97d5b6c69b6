//! Blocks of a stream, from their start to their stop.

use super::{
    Question, Stream, Taken, malformed,
    open::{Open, Piece, start_text},
};
use crate::{
    BlockKind, Delivery, PieceRuling, ReplyError, Step,
    anthropic::{
        assembly::{Assembly, reply_kind},
        emit::numbered,
        event::{Delta, Index},
    },
    compose::Delivered,
    json::Span,
    sse::Frame,
};

impl Stream {
    pub(super) fn start(&mut self, frame: Frame, index: Index, block: Span) -> Taken {
        if self.open.is_some() {
            return malformed("a block starts inside another");
        }
        let ascends = self.last_index.is_none_or(|last| last < index.value);
        if !ascends || index.value > u64::from(u32::MAX) {
            return malformed("a block's index does not ascend");
        }
        self.last_index = Some(index.value);
        let json = block.text(frame.data());
        let kind = reply_kind(json).map_err(|fault| ReplyError::Malformed(fault.to_string()))?;
        let mut open = Open::new(index.value, kind, self.delivery(kind));
        if matches!(open.delivery, Delivery::Observe | Delivery::Whole) {
            open.assembly = Some(Assembly::new(json));
        }
        if open.goes_through() && !self.composer.is_holding() {
            open.number = Some(self.number(index.value, kind));
        }
        let pieces = open.delivery == Delivery::Pieces;
        self.open = Some(open);
        match start_text(frame.data(), block).filter(|_| pieces) {
            Some((text, at)) => {
                self.ask_piece(text.clone(), Piece::Start(frame, text, at));
                Ok(())
            }
            None => self.forward(frame),
        }
    }

    pub(super) fn delta(&mut self, frame: Frame, index: Index, delta: Span) -> Taken {
        let open = match &mut self.open {
            Some(open) if open.index == index.value => open,
            _ => return malformed("a delta is for a block that is not open"),
        };
        let delivery = open.delivery;
        if delivery == Delivery::None {
            if open.number == Some(index.value) {
                let said = Delta::said(frame.data(), delta);
                self.mold.fill(&frame, said, None);
            }
            return self.forward(frame);
        }
        let delta = Delta::parse(frame.data(), delta)
            .map_err(|fault| ReplyError::Malformed(fault.to_string()))?;
        if let Some(assembly) = &mut open.assembly {
            assembly.add(&delta);
            let size = assembly.size();
            self.within_limit(size)?;
        }
        match delta {
            Delta::Text(text, at) if delivery == Delivery::Pieces && !text.is_empty() => {
                self.ask_piece(text.clone(), Piece::Delta(frame, text, at));
                Ok(())
            }
            _ => self.forward(frame),
        }
    }

    pub(super) fn block_end(&mut self, frame: Frame, index: Index) -> Taken {
        match &self.open {
            Some(open) if open.index != index.value => malformed("a block stops that is not open"),
            None => malformed("a block stops that is not open"),
            Some(open) if open.delivery == Delivery::Pieces => {
                let text = String::new();
                let step = Step::Piece { text, last: true };
                self.ask(Question::Piece(Piece::Stop(frame)), step);
                Ok(())
            }
            Some(_) => {
                self.forward(frame)?;
                self.complete();
                Ok(())
            }
        }
    }

    /// Sends or holds a frame of the open block, or one that came inside it.
    pub(super) fn forward(&mut self, frame: Frame) -> Taken {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        if let Some(number) = open.number {
            let frame = numbered(frame, open.index, number);
            self.send(frame);
            return Ok(());
        }
        let size = frame.raw().len();
        open.frames.push(frame);
        self.hold(size)
    }

    pub(super) fn answer_piece(&mut self, piece: Piece, ruling: PieceRuling) -> Taken {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let last = matches!(piece, Piece::Stop(_));
        let frames = match ruling {
            PieceRuling::Stop { notice } => {
                self.stop(notice);
                return Ok(());
            }
            PieceRuling::Keep => open.kept(piece),
            PieceRuling::Send(text) => open.replaced(piece, &text),
        };
        if open.edited {
            self.composer.note_change();
        }
        for frame in frames {
            self.forward(frame)?;
        }
        self.begin();
        if last {
            self.complete_pieces();
        }
        Ok(())
    }

    /// Puts the start of a text in pieces on the wire once the text is more than blank. Until then it
    /// may turn out to be a block that has to be left out.
    fn begin(&mut self) {
        let holding = self.composer.is_holding();
        let (index, frames) = match &mut self.open {
            Some(open) if open.number.is_none() && !open.blank && !holding => {
                (open.index, std::mem::take(&mut open.frames))
            }
            _ => return,
        };
        let number = self.number(index, BlockKind::Text);
        if let Some(open) = &mut self.open {
            open.number = Some(number);
        }
        for frame in frames {
            self.send(numbered(frame, index, number));
        }
        self.held = 0;
    }

    fn complete_pieces(&mut self) {
        let Some(open) = self.open.take().filter(|open| open.number.is_none()) else {
            return;
        };
        let left_out = open.edited && open.blank;
        let held = open.into_held();
        if left_out {
            self.composer.leave_out(BlockKind::Text, None);
            self.carry(held.loose_frames());
        } else {
            self.composer
                .pass(Delivered::Upstream(held, BlockKind::Text));
        }
        self.drain();
    }

    fn complete(&mut self) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let block = open.assembly.take().map(Assembly::finish);
        match (open.delivery, block) {
            (Delivery::Whole, Some(block)) => {
                let question = Question::Judge(open.into_held(), block.clone());
                self.ask(question, Step::Judge(block));
            }
            (_, block) => {
                if open.number.is_none() {
                    let kind = open.kind;
                    self.composer
                        .pass(Delivered::Upstream(open.into_held(), kind));
                    self.drain();
                }
                self.steps.extend(block.map(Step::Observe));
            }
        }
    }

    fn number(&mut self, index: u64, kind: BlockKind) -> u64 {
        self.composer.note_delivery(kind);
        self.emitter.number(index, self.composer.is_changed())
    }

    fn delivery(&self, kind: BlockKind) -> Delivery {
        match self.wants.delivery(kind) {
            Delivery::Pieces if kind != BlockKind::Text => Delivery::Whole,
            delivery => delivery,
        }
    }

    fn ask_piece(&mut self, text: String, piece: Piece) {
        let step = Step::Piece { text, last: false };
        self.ask(Question::Piece(piece), step);
    }
}
