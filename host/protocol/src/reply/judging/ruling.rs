//! What rulings make of blocks and pieces.

use super::{Judging, OpenBlock, Question};
use crate::{
    Block, BlockKind, PieceRuling, Ruling,
    compose::is_blank,
    reply::{
        choice::{Choice, Judged, JudgedCall, LastPiece, Piece},
        reading::BlockId,
        tally::parted,
        writing::Disposition,
    },
};

/// A notice that ends the reply, and the choice that it is about.
pub(crate) type Stopped = Option<(u64, String)>;

/// Stands between texts that become one.
const BETWEEN_TEXTS: &str = "\n\n";

impl<P> Judging<P> {
    /// Answers [`Step::Judge`](crate::Step::Judge).
    pub(crate) fn rule(&mut self, ruling: Ruling) -> Stopped {
        match (self.question.take(), ruling) {
            (Some(Question::Judge(index, _)), Ruling::Stop { notice }) => Some((index, notice)),
            (Some(Question::Judge(index, judged)), ruling) => {
                self.judge(index, judged, ruling);
                None
            }
            (other, _) => {
                self.question = other;
                None
            }
        }
    }

    /// Answers [`Step::Piece`](crate::Step::Piece).
    pub(crate) fn rule_piece(&mut self, ruling: PieceRuling) -> Stopped {
        let sent = match (ruling, self.question.take()) {
            (PieceRuling::Stop { notice }, Some(Question::Piece(index, _))) => {
                return Some((index, notice));
            }
            (PieceRuling::Stop { notice }, Some(Question::LastPiece(index, _))) => {
                return Some((index, notice));
            }
            (ruling, question) => {
                self.question = question;
                match ruling {
                    PieceRuling::Send(text) => Some(text),
                    PieceRuling::Keep | PieceRuling::Stop { .. } => None,
                }
            }
        };
        match self.question.take() {
            Some(Question::Piece(index, piece)) => self.send_piece(index, &piece, sent),
            Some(Question::LastPiece(index, last)) => {
                self.end_text(index, last, sent.unwrap_or_default());
            }
            other => self.question = other,
        }
        None
    }

    /// Answers [`Step::End`](crate::Step::End): these texts are added to the first choice.
    pub(crate) fn finish(&mut self, mut added: Vec<String>) {
        match self.question.take() {
            Some(Question::End) => {
                let choices: Vec<u64> = self.choices.keys().copied().collect();
                for index in choices {
                    self.close(index, std::mem::take(&mut added));
                }
            }
            other => self.question = other,
        }
    }

    fn judge(&mut self, index: u64, judged: Judged, ruling: Ruling) {
        let Judged {
            ticket,
            at,
            group,
            is_torn,
            block,
        } = judged;
        let choice = self.choices.entry(index).or_default();
        let disposition = match block {
            Block::Text(text) => choice.rule_text(group, &text, ruling),
            // What becomes of it is known when all are judged.
            Block::ToolCall(call) => {
                return choice.calls.push(JudgedCall {
                    ticket,
                    at,
                    group,
                    id: call.id.clone(),
                    torn: is_torn.then_some(call),
                    ruling,
                });
            }
            block => {
                for tally in choice.tallies(group) {
                    tally.passes(group, block.kind(), self.rules);
                }
                Disposition::Keeps
            }
        };
        self.queue.known.settle(ticket, disposition);
    }

    fn send_piece(&mut self, index: u64, piece: &Piece, sent: Option<String>) {
        let sent = sent.filter(|sent| *sent != piece.text);
        let said = sent.as_deref().unwrap_or(&piece.text);
        let open = self.open.get_mut(&piece.block);
        let group = open.as_ref().map_or(0, |open| open.group);
        let choice = self.choices.entry(index).or_default();
        choice
            .tallies(group)
            .for_each(|tally| tally.says(group, said));
        if sent.is_some() {
            choice.tally.note_change();
        }
        if let Some(open) = open {
            open.is_edited |= sent.is_some();
            open.is_blank &= is_blank(said);
            if !open.is_blank && !std::mem::replace(&mut open.is_opened, true) {
                self.queue.known.settle(open.ticket, Disposition::Keeps);
            }
        }
        let disposition = sent.map_or(Disposition::Keeps, Disposition::Says);
        self.queue.known.settle(piece.ticket, disposition);
    }

    fn end_text(&mut self, index: u64, last: LastPiece, rest: String) {
        self.speaking = None;
        let choice = self.choices.entry(index).or_default();
        let Some(open) = self.open.remove(&last.block) else {
            return;
        };
        let group = open.group;
        let says = |open: &OpenBlock| !open.is_blank || !is_blank(&rest);
        choice
            .tallies(group)
            .for_each(|tally| tally.says(group, &rest));
        if !rest.is_empty() {
            choice.tally.note_change();
        }
        if !open.is_opened && (open.is_edited || !rest.is_empty()) && !says(&open) {
            for tally in choice.tallies(group) {
                tally.leaves_out(BlockKind::Text, None);
            }
            self.queue.known.settle(open.ticket, Disposition::Goes);
        } else if !open.is_opened {
            self.queue.known.settle(open.ticket, Disposition::Keeps);
        }
        let disposition = match rest.is_empty() {
            true => Disposition::Keeps,
            false => Disposition::Says(rest),
        };
        self.queue.known.settle(last.ticket, disposition);
    }
}

impl Choice {
    /// What becomes of a judged text.
    fn rule_text(&mut self, group: BlockId, text: &str, ruling: Ruling) -> Disposition {
        match ruling {
            Ruling::Replace(blocks) => {
                self.tally.note_change();
                let (texts, calls) = parted(blocks);
                self.late_calls.extend(calls);
                let text = texts.join(BETWEEN_TEXTS);
                self.tallies(group)
                    .for_each(|tally| tally.says(group, &text));
                match text.is_empty() {
                    true => Disposition::Goes,
                    false => Disposition::Says(text),
                }
            }
            Ruling::Drop { notice } => {
                for tally in self.tallies(group) {
                    tally.leaves_out(BlockKind::Text, Some(notice.clone()));
                }
                Disposition::Goes
            }
            Ruling::Keep | Ruling::Stop { .. } => {
                self.tallies(group)
                    .for_each(|tally| tally.says(group, text));
                Disposition::Keeps
            }
        }
    }
}
