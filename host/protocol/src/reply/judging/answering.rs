//! What becomes of what waits, once a question is answered.

use super::{End, Judging, Question};
use crate::{
    Block, PieceRuling, Ruling,
    reply::{
        choice::{LastPiece, Piece},
        closing::Closing,
        rejected::Irrevocable,
        writing::{Disposition, Stop},
    },
};

/// A notice that ends the reply, and the choice that it is about.
pub(crate) type Stopped = Option<(u64, String)>;

impl<P> Judging<P> {
    /// Answers [`Step::Judge`](crate::Step::Judge).
    pub(crate) fn rule(&mut self, ruling: Ruling) -> Stopped {
        match (self.question.take(), ruling) {
            (Some(Question::Judge(choice, _)), Ruling::Stop { notice }) => {
                return Some((choice, notice));
            }
            (Some(Question::Judge(choice, judged)), ruling) => {
                let ticket = judged.ticket;
                if let Some(disposition) = self.choices.judge(choice, judged, ruling) {
                    self.queue.known.settle(ticket, disposition);
                }
            }
            (other, _) => self.question = other,
        }
        None
    }

    /// Answers [`Step::Piece`](crate::Step::Piece).
    pub(crate) fn rule_piece(&mut self, ruling: PieceRuling) -> Stopped {
        let sent = match ruling {
            PieceRuling::Keep => None,
            PieceRuling::Send(text) => Some(text),
            PieceRuling::Stop { notice } => {
                let asked = self.question.take_if(|question| question.is_of_pieces());
                return asked.map(|question| (question.choice(), notice));
            }
        };
        match self.question.take() {
            Some(Question::Piece(choice, piece)) => self.send_piece(choice, &piece, sent),
            Some(Question::LastPiece(choice, last)) => {
                self.end_text(choice, last, sent.unwrap_or_default());
            }
            other => self.question = other,
        }
        None
    }

    /// Answers [`Step::End`](crate::Step::End): these texts are added to the first choice.
    pub(crate) fn finish(&mut self, mut added: Vec<String>) {
        match self.question.take() {
            Some(Question::End) => {
                for choice in self.choices.indexes() {
                    self.close(choice, std::mem::take(&mut added));
                }
            }
            other => self.question = other,
        }
    }

    /// The reply ends in this choice with the notice, and in the others without. What nobody has decided goes.
    pub(crate) fn stop(&mut self, at: u64, notice: String) -> Vec<Stop> {
        self.choices.fill_up();
        self.leave_out_undecided();
        let loses_of_call = |choice| self.agendas.waits_for_a_call(choice);
        let stops = self.choices.stop(at, notice, loses_of_call);
        self.agendas.clear();
        stops
    }

    /// Answers [`Step::Judge`](crate::Step::Judge): the block goes, with all that nobody has decided. Returns it.
    pub(crate) fn reject(&mut self) -> Result<Block, Irrevocable> {
        let block = Question::judged(self.question.as_ref())?;
        self.agendas.check_texts().and(self.choices.check_calls())?;
        self.leave_out_undecided();
        Ok(block)
    }

    /// Another reply of upstream's begins, of which nothing is known.
    pub(crate) fn begin_next(&mut self) {
        self.queue.begin_next();
        self.agendas.clear();
        self.blocks.clear();
        self.choices.begin_next();
        self.end = End::Open;
    }

    /// What nobody has decided goes.
    fn leave_out_undecided(&mut self) {
        self.cut_behind_calls();
        self.queue.end(self.end.failing());
        self.question = None;
    }

    /// All blocks of a choice are judged, and these texts are added.
    pub(super) fn close(&mut self, choice: u64, added: Vec<String>) {
        let Closing { decided, added } = self.choices.close(choice, added);
        for (ticket, disposition) in decided {
            self.queue.known.settle(ticket, disposition);
        }
        for (at, made) in added {
            self.queue.insert(at, choice, made);
        }
    }

    /// What stands in a group behind a call that is held goes with it.
    pub(super) fn cut_behind_calls(&mut self) {
        for (choice, group) in self.choices.cut_behind_calls() {
            self.queue.cut(choice, group);
        }
    }

    fn send_piece(&mut self, choice: u64, piece: &Piece, sent: Option<String>) {
        let sent = sent.filter(|sent| *sent != piece.text);
        let said = sent.as_deref().unwrap_or(&piece.text);
        let group = self.blocks.group_of(piece.block);
        self.choices.says(choice, group, said, sent.is_some());
        if let Some(start) = self.blocks.says(piece.block, said, sent.is_some()) {
            self.queue.known.settle(start, Disposition::Keeps);
        }
        let disposition = sent.map_or(Disposition::Keeps, Disposition::Says);
        self.queue.known.settle(piece.ticket, disposition);
    }

    fn end_text(&mut self, choice: u64, last: LastPiece, rest: String) {
        let group = self.blocks.group_of(last.block);
        self.choices.says(choice, group, &rest, !rest.is_empty());
        if let Some((start, disposition)) = self.blocks.ends(last.block, &rest) {
            if disposition == Disposition::Goes {
                self.choices.leaves_out_text(choice, group);
            }
            self.queue.known.settle(start, disposition);
        }
        let disposition = match rest.is_empty() {
            true => Disposition::Keeps,
            false => Disposition::Says(rest),
        };
        self.queue.known.settle(last.ticket, disposition);
    }
}

impl End {
    /// The frame with which upstream failed.
    fn failing(self) -> Option<u64> {
        match self {
            Self::Failing(frame) => Some(frame),
            _ => None,
        }
    }
}

impl Question {
    /// The block that is asked about, if it is all there.
    fn judged(question: Option<&Self>) -> Result<Block, Irrevocable> {
        match question {
            Some(Self::Judge(_, judged)) => Ok(judged.block.clone()),
            _ => Err(Irrevocable::NotAsked),
        }
    }

    fn is_of_pieces(&self) -> bool {
        matches!(self, Self::Piece(..) | Self::LastPiece(..))
    }

    /// The choice that it is about; the first where it is about all.
    fn choice(&self) -> u64 {
        match self {
            Self::Judge(choice, _) | Self::Piece(choice, _) | Self::LastPiece(choice, _) => *choice,
            Self::End => 0,
        }
    }
}
