//! A whole reply: one JSON body.
//!
//! Its items go the way of a stream's of which the end alone came, so that policies and the caller get the
//! same of both. What nobody changed leaves as the bytes that came.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{
    response::{Response, completed},
    turn::{Taken, Turn},
};
use crate::{
    Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants,
    body::{Body, check_whole},
    json::fields,
    openai::{ErrorType, error_code, error_object},
};

/// A reply of the Responses API in one piece.
#[derive(Debug)]
pub struct Whole {
    wants: Wants,
    body: Body,
    phase: Phase,
    turn: Turn,
    steps: VecDeque<Step>,
}

#[derive(Debug)]
enum Phase {
    /// Bytes come in.
    Body,
    /// Its items are judged.
    Items(Bytes),
    /// The end of the content was asked about.
    Asked(Bytes),
    /// Nothing more is read or sent.
    Over,
    Failed(ReplyError),
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
            let proceeded = match &self.phase {
                Phase::Body => match self.body.take() {
                    Ok(Some(body)) => self.arrived(body),
                    Ok(None) => return Step::More,
                    Err(error) => Err(error),
                },
                Phase::Over => return Step::Done,
                Phase::Failed(error) => return Step::Fail(error.clone()),
                Phase::Asked(_) => return Step::Fail(ReplyError::unanswered()),
                Phase::Items(_) if self.turn.is_asking() => {
                    return Step::Fail(ReplyError::unanswered());
                }
                Phase::Items(_) => self.proceed(),
            };
            if let Err(error) = proceeded {
                self.phase = Phase::Failed(error);
            }
        }
    }

    fn rule(&mut self, ruling: Ruling) {
        if let Some(notice) = self.turn.rule(ruling) {
            self.stop(&notice);
        }
    }

    fn rule_piece(&mut self, ruling: PieceRuling) {
        if let Some(notice) = self.turn.rule_piece(ruling) {
            self.stop(&notice);
        }
    }

    fn finish(&mut self, added: Vec<String>) {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Asked(body) => self.deliver(body, added),
            other => self.phase = other,
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
        self.turn.discard();
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
            turn: Turn::new(wants),
            steps: VecDeque::new(),
        }
    }

    fn arrived(&mut self, body: Bytes) -> Taken {
        let malformed = |fault: &str| Err(ReplyError::Malformed(fault.to_owned()));
        let Ok(json) = str::from_utf8(&body) else {
            return malformed("it is not UTF-8");
        };
        if self.wants == Wants::NOTHING {
            check_whole(&body)?;
        }
        if self.wants == Wants::NOTHING || is_error(json) {
            return self.carry(body);
        }
        let response = Response::parse(json).map_err(ReplyError::Malformed)?;
        // It is not made yet, or it will never be.
        if response.is_empty() {
            return self.carry(body);
        }
        if !response.is_plain(&self.wants) {
            return malformed("its texts are not those of its items");
        }
        self.turn.identify(&response.id);
        self.turn.take_repeated(&response.items)?;
        self.phase = Phase::Items(body);
        Ok(())
    }

    /// A body that has nothing to judge goes as it came.
    fn carry(&mut self, body: Bytes) -> Taken {
        self.steps.push_back(Step::Send(body));
        self.phase = Phase::Over;
        Ok(())
    }

    fn proceed(&mut self) -> Taken {
        if let Some(step) = self.turn.advance()? {
            self.steps.push_back(step);
            return Ok(());
        }
        let Phase::Items(body) = std::mem::replace(&mut self.phase, Phase::Over) else {
            return Ok(());
        };
        if !self.wants.end {
            self.deliver(body, Vec::new());
            return Ok(());
        }
        let response = Response::parse(str::from_utf8(&body).unwrap_or_default());
        let stop_reason = response
            .map(|response| response.stop_reason())
            .unwrap_or_default();
        self.steps.push_back(Step::End { stop_reason });
        self.phase = Phase::Asked(body);
        Ok(())
    }

    fn deliver(&mut self, body: Bytes, added: Vec<String>) {
        self.turn.finish(added);
        let body = match self.turn.wire.is_changed() {
            true => Bytes::from(self.rendered(&body)),
            false => body,
        };
        self.steps.push_back(Step::Send(body));
    }

    fn stop(&mut self, notice: &str) {
        let Phase::Items(body) = std::mem::replace(&mut self.phase, Phase::Over) else {
            return;
        };
        self.turn.stop(notice);
        let body = completed(&self.rendered(&body));
        self.steps.push_back(Step::Send(Bytes::from(body)));
    }

    /// The body with what is left as its output.
    fn rendered(&self, body: &[u8]) -> String {
        let json = String::from_utf8_lossy(body);
        let output = self.turn.wire.output();
        let rendered = Response::parse(&json).map(|response| response.with_output(&output));
        rendered.unwrap_or_default()
    }
}

/// Whether a body is an error of upstream's, which has no content to judge.
fn is_error(json: &str) -> bool {
    let text = json.as_bytes();
    let found = fields(text, ["error", "output", "output_text"]).unwrap_or_default();
    match found {
        [Some(error), None, None] => error.bytes(text).starts_with(b"{"),
        _ => false,
    }
}
