//! A whole reply: one JSON body.
//!
//! Goes the same way as a stream, block for block, so that policies and the caller get the same of
//! both. What nobody changed leaves as the bytes that came.

mod choice;
mod completion;

use std::collections::VecDeque;

use bytes::Bytes;

use self::{
    choice::{Part, Place},
    completion::Completion,
};
use super::turn::Field;
use crate::{
    Block, Delivery, Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants,
    body::{Body, check_whole},
    openai::{ErrorType, error_code, error_object},
};

/// A reply of the Chat Completions API in one piece.
#[derive(Debug)]
pub struct Whole {
    wants: Wants,
    body: Body,
    phase: Phase,
    completion: Completion,
    /// What is still to be judged.
    parts: VecDeque<Part>,
    steps: VecDeque<Step>,
    question: Option<Question>,
}

#[derive(Debug)]
enum Phase {
    /// Bytes come in.
    Body,
    /// The parts are judged.
    Parts,
    /// Nothing more is read or sent.
    Over,
    Failed(ReplyError),
}

/// What a step asked and nobody has answered yet.
#[derive(Debug)]
enum Question {
    Judge(Part, Block),
    Piece(Text),
    /// The end of a text, of which this goes out.
    LastPiece(Text, String),
    End,
}

/// A text that is judged in pieces.
#[derive(Debug)]
struct Text {
    choice: usize,
    field: Field,
    text: String,
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
            match &self.phase {
                Phase::Body => match self.body.take() {
                    Ok(Some(body)) => self.phase = self.arrived(body),
                    Ok(None) => return Step::More,
                    Err(error) => self.phase = Phase::Failed(error),
                },
                Phase::Over => return Step::Done,
                Phase::Failed(error) => return Step::Fail(error.clone()),
                Phase::Parts => match self.parts.pop_front() {
                    Some(part) => self.take(part),
                    None if self.wants.end => {
                        let stop_reason = self.completion.finish_reason();
                        self.ask(Question::End, Step::End { stop_reason });
                    }
                    None => self.deliver(),
                },
            }
        }
    }

    fn rule(&mut self, ruling: Ruling) {
        match (self.question.take(), ruling) {
            (Some(Question::Judge(part, _)), Ruling::Stop { notice }) => {
                self.stop(part.choice, &notice);
            }
            (Some(Question::Judge(part, block)), ruling) => {
                if let Some(choice) = self.completion.choices.get_mut(part.choice) {
                    choice.rule(part.place, block, ruling);
                }
            }
            (other, _) => self.question = other,
        }
    }

    fn rule_piece(&mut self, ruling: PieceRuling) {
        match self.question.take() {
            Some(Question::Piece(text)) => self.answer_text(text, ruling),
            Some(Question::LastPiece(text, sent)) => self.answer_last(text, sent, ruling),
            other => self.question = other,
        }
    }

    fn finish(&mut self, added: Vec<String>) {
        match self.question.take() {
            Some(Question::End) => {
                self.completion.close(added);
                self.deliver();
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
        let code = error_code(error);
        let body = error_object(ErrorType::Server, &error.to_string(), Some(code));
        Bytes::from(body)
    }
}

impl Whole {
    /// A reply of which policies want to see what `wants` says.
    pub fn new(wants: Wants, limits: Limits) -> Self {
        Self {
            wants,
            body: Body::new(limits.whole),
            phase: Phase::Body,
            completion: Completion::default(),
            parts: VecDeque::new(),
            steps: VecDeque::new(),
            question: None,
        }
    }

    fn arrived(&mut self, body: Bytes) -> Phase {
        if self.wants == Wants::NOTHING {
            return self.carried(body);
        }
        match Completion::parse(body.clone()) {
            Ok(Some(completion)) => {
                if let Some(fault) = completion.unjudgeable(&self.wants) {
                    return Phase::Failed(ReplyError::Malformed(fault.to_owned()));
                }
                self.parts = completion.parts(!self.wants.end);
                self.completion = completion;
                Phase::Parts
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

    fn take(&mut self, part: Part) {
        let Completion { body, choices } = &mut self.completion;
        let Some(choice) = choices.get_mut(part.choice) else {
            return;
        };
        let Some(block) = choice.block(body, part.place) else {
            return choice.close(Vec::new());
        };
        match (self.wants.delivery(block.kind()), block, part.place) {
            (Delivery::None, block, _) => choice.pass(part.place, &block),
            (Delivery::Observe, block, _) => {
                choice.pass(part.place, &block);
                self.steps.push_back(Step::Observe(block));
            }
            (Delivery::Pieces, Block::Text(text), Place::Text(field)) => {
                let step = Step::Piece {
                    text: text.clone(),
                    last: false,
                };
                let choice = part.choice;
                let text = Text {
                    choice,
                    field,
                    text,
                };
                self.ask(Question::Piece(text), step);
            }
            (_, block, _) => self.ask(Question::Judge(part, block.clone()), Step::Judge(block)),
        }
    }

    fn answer_text(&mut self, text: Text, ruling: PieceRuling) {
        let sent = match ruling {
            PieceRuling::Keep => text.text.clone(),
            PieceRuling::Send(sent) => sent,
            PieceRuling::Stop { notice } => return self.stop(text.choice, &notice),
        };
        let step = Step::Piece {
            text: String::new(),
            last: true,
        };
        self.ask(Question::LastPiece(text, sent), step);
    }

    fn answer_last(&mut self, text: Text, mut sent: String, ruling: PieceRuling) {
        if let PieceRuling::Send(rest) = &ruling {
            sent.push_str(rest);
        }
        let at = text.choice;
        if let Some(choice) = self.completion.choices.get_mut(at) {
            choice.say(text.field, &text.text, sent);
        }
        // What was said before a stop goes out, as it would have in a stream.
        if let PieceRuling::Stop { notice } = ruling {
            self.stop(at, &notice);
        }
    }

    fn stop(&mut self, choice: usize, notice: &str) {
        self.completion.stop(choice, notice);
        self.deliver();
    }

    fn deliver(&mut self) {
        self.parts.clear();
        self.phase = Phase::Over;
        self.steps.push_back(Step::Send(self.completion.rendered()));
    }

    fn ask(&mut self, question: Question, step: Step) {
        self.question = Some(question);
        self.steps.push_back(step);
    }
}
