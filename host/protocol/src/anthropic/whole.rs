//! A whole reply: one JSON body.
//!
//! Goes the same way as a stream, block for block, so that policies and the caller get the same of
//! both. What nobody changed leaves as the bytes that came.

mod message;

use std::collections::VecDeque;

use bytes::Bytes;

use self::message::Message;
use super::{
    RULES,
    assembly::{reply_block, reply_kind},
    error::error_body,
    stream::error_type,
};
use crate::{
    Block, BlockKind, Delivery, Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants,
    body::{Body, check_whole},
    compose::{Composer, Delivered, is_blank},
};

/// A reply of the Messages API in one piece.
#[derive(Debug)]
pub struct Whole {
    wants: Wants,
    body: Body,
    phase: Phase,
    composer: Composer<String>,
    steps: VecDeque<Step>,
    question: Option<Question>,
}

#[derive(Debug)]
enum Phase {
    /// Bytes come in.
    Body,
    /// The block at this position is next.
    Blocks(Message, usize),
    /// Nothing more is read or sent.
    Over,
    Failed(ReplyError),
}

/// What a step asked and nobody has answered yet.
#[derive(Debug)]
enum Question {
    Judge(String, Block),
    /// A text's JSON, the text, and what goes out of it once that is said.
    Piece(String, String, Option<String>),
    End,
}

impl Reply for Whole {
    fn push(&mut self, bytes: Bytes) {
        self.body.push(&bytes);
    }

    fn end(&mut self) {
        self.body.end();
    }

    fn next(&mut self) -> Step {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return step;
            }
            if self.question.is_some() {
                return Step::Fail(ReplyError::unanswered());
            }
            match &mut self.phase {
                Phase::Body => match self.body.take() {
                    Ok(Some(body)) => self.phase = self.arrived(body),
                    Ok(None) => return Step::More,
                    Err(error) => self.phase = Phase::Failed(error),
                },
                Phase::Over => return Step::Done,
                Phase::Failed(error) => return Step::Fail(error.clone()),
                Phase::Blocks(message, at) => {
                    let block = message.blocks.get(*at).copied();
                    *at += 1;
                    let json = block.map(|block| block.text(&message.body).to_owned());
                    match json {
                        Some(json) => self.take(json),
                        None => self.content_over(),
                    }
                }
            }
        }
    }

    fn rule(&mut self, ruling: Ruling) {
        match (self.question.take(), ruling) {
            (Some(Question::Judge(..)), Ruling::Stop { notice }) => self.stop(notice),
            (Some(Question::Judge(json, block)), ruling) => {
                self.composer.rule(json, &block, ruling);
            }
            (other, _) => self.question = other,
        }
    }

    fn rule_piece(&mut self, ruling: PieceRuling) {
        match self.question.take() {
            Some(Question::Piece(json, text, None)) => self.answer_text(json, text, ruling),
            Some(Question::Piece(json, text, Some(sent))) => {
                self.answer_last(json, &text, sent, ruling);
            }
            other => self.question = other,
        }
    }

    fn finish(&mut self, added: Vec<String>) {
        match self.question.take() {
            Some(Question::End) => {
                self.composer.finish(added);
                self.deliver(None);
            }
            other => self.question = other,
        }
    }

    /// Nothing is legal before the one body.
    fn heartbeat(&self) -> Option<Bytes> {
        None
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        if matches!(self.phase, Phase::Over) {
            return Bytes::new();
        }
        self.steps.clear();
        self.question = None;
        self.phase = Phase::Over;
        error_body(error_type(error), &error.to_string(), None)
    }
}

impl Whole {
    /// A reply of which policies want to see what `wants` says.
    pub fn new(wants: Wants, limits: Limits) -> Self {
        Self {
            wants,
            body: Body::new(limits.held),
            phase: Phase::Body,
            composer: Composer::new(&RULES),
            steps: VecDeque::new(),
            question: None,
        }
    }

    fn arrived(&mut self, body: Bytes) -> Phase {
        if self.wants == Wants::NOTHING {
            return self.carried(body);
        }
        match Message::parse(body.clone()) {
            Ok(Some(message)) => {
                self.composer.identify(&message.id);
                Phase::Blocks(message, 0)
            }
            Ok(None) => {
                self.steps.push_back(Step::Send(body));
                Phase::Over
            }
            Err(fault) => Phase::Failed(ReplyError::Malformed(fault)),
        }
    }

    /// A body that nobody judges goes as it came, if it is whole at all.
    fn carried(&mut self, body: Bytes) -> Phase {
        if let Err(error) = check_whole(&body) {
            return Phase::Failed(error);
        }
        self.steps.push_back(Step::Send(body));
        Phase::Over
    }

    fn take(&mut self, json: String) {
        let kind = reply_kind(&json).unwrap_or(BlockKind::Other);
        match self.wants.delivery(kind) {
            Delivery::None => self.composer.pass(Delivered::Upstream(json, kind)),
            Delivery::Observe => {
                self.steps.push_back(Step::Observe(reply_block(&json)));
                self.composer.pass(Delivered::Upstream(json, kind));
            }
            Delivery::Pieces if kind == BlockKind::Text => self.take_text(json),
            Delivery::Pieces | Delivery::Whole => {
                let block = reply_block(&json);
                self.ask(Question::Judge(json, block.clone()), Step::Judge(block));
            }
        }
    }

    /// As in a stream, an empty text makes no piece but the last.
    fn take_text(&mut self, json: String) {
        let Block::Text(text) = reply_block(&json) else {
            return;
        };
        if text.is_empty() {
            self.ask_last(json, text, String::new());
        } else {
            let step = Step::Piece {
                text: text.clone(),
                last: false,
            };
            self.ask(Question::Piece(json, text, None), step);
        }
    }

    fn answer_text(&mut self, json: String, text: String, ruling: PieceRuling) {
        match ruling {
            PieceRuling::Keep => self.ask_last(json, text.clone(), text),
            PieceRuling::Send(sent) => self.ask_last(json, text, sent),
            PieceRuling::Stop { notice } => self.stop(notice),
        }
    }

    fn ask_last(&mut self, json: String, text: String, sent: String) {
        let step = Step::Piece {
            text: String::new(),
            last: true,
        };
        self.ask(Question::Piece(json, text, Some(sent)), step);
    }

    fn answer_last(&mut self, json: String, text: &str, mut sent: String, ruling: PieceRuling) {
        match ruling {
            PieceRuling::Keep => self.put_text(json, text, &sent),
            PieceRuling::Send(rest) => {
                sent.push_str(&rest);
                self.put_text(json, text, &sent);
            }
            PieceRuling::Stop { notice } => {
                // What was said before the stop has gone out, as it would have in a stream.
                if !is_blank(&sent) {
                    self.put_text(json, text, &sent);
                }
                self.stop(notice);
            }
        }
    }

    fn put_text(&mut self, json: String, text: &str, sent: &str) {
        if text == sent {
            return self
                .composer
                .pass(Delivered::Upstream(json, BlockKind::Text));
        }
        self.composer.note_change();
        if is_blank(sent) {
            return self.composer.leave_out(BlockKind::Text, None);
        }
        let json = message::with_text(&json, sent);
        self.composer
            .pass(Delivered::Upstream(json, BlockKind::Text));
    }

    fn content_over(&mut self) {
        if self.wants.end {
            let stop_reason = match &self.phase {
                Phase::Blocks(message, _) => message.stop_reason(),
                _ => String::new(),
            };
            return self.ask(Question::End, Step::End { stop_reason });
        }
        self.composer.finish(Vec::new());
        self.deliver(None);
    }

    fn stop(&mut self, notice: String) {
        self.composer.stop(notice);
        self.deliver(Some(self.composer.stop_reason()));
    }

    /// Sends the body, with the stop reason that a policy's stop gives it, and is done.
    fn deliver(&mut self, stopped: Option<&'static str>) {
        let Phase::Blocks(message, _) = std::mem::replace(&mut self.phase, Phase::Over) else {
            return;
        };
        let body = if self.composer.is_changed() {
            let parts = self.composer.take_released();
            let mended = stopped.or_else(|| self.composer.mended(&message.stop_reason()));
            message.rendered(parts, mended, stopped.is_some())
        } else {
            message.body
        };
        self.steps.push_back(Step::Send(body));
    }

    fn ask(&mut self, question: Question, step: Step) {
        self.question = Some(question);
        self.steps.push_back(step);
    }
}
