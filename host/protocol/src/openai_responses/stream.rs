//! A streamed reply.
//!
//! Reads events and knows where the reply ends; what becomes of its items is the turn's to say.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{
    entry::Entry,
    event::{Ending, Event, Kind},
    made::response_event,
    response::{Response, blank, completed, failed},
    turn::{Taken, Turn},
};
use crate::{
    Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants,
    mold::{Mold, Run},
    openai::error_code,
    sse::{Decoder, Frame},
};

/// A streamed reply of the Responses API.
#[derive(Debug)]
pub struct Stream {
    wants: Wants,
    limits: Limits,
    decoder: Decoder,
    upstream_over: bool,
    phase: Phase,
    turn: Turn,
    /// The first event: what a response of ours is made of.
    start: Option<Frame>,
    /// The last numbered event, where events are not read.
    unread: Option<Unread>,
    /// Of the deltas that pass.
    mold: Mold,
    steps: VecDeque<Step>,
}

/// An event that nobody read.
#[derive(Debug)]
enum Unread {
    Frame(Frame),
    /// One that is known to have this number.
    Numbered(u64),
}

#[derive(Debug)]
enum Phase {
    /// Items come.
    Content,
    /// No more items; what they left to do is done, and then the stream ends with this event.
    Closing(Entry),
    /// The end of the content was asked about.
    Asked(Entry),
    /// The terminal event is through; what follows has no meaning.
    Ended,
    /// Nothing more is read or sent.
    Over,
    Failed(ReplyError),
}

const HEARTBEAT: &[u8] = b": sluice\n\n";

impl Reply for Stream {
    fn push(&mut self, bytes: Bytes) {
        self.decoder.push(bytes);
    }

    fn end(&mut self) {
        self.decoder.end();
        self.upstream_over = true;
    }

    fn next(&mut self) -> Step {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return step;
            }
            match &self.phase {
                Phase::Over => return Step::Done,
                Phase::Failed(error) => return Step::Fail(error.clone()),
                Phase::Asked(_) => return Step::Fail(ReplyError::unanswered()),
                _ if self.turn.is_asking() => return Step::Fail(ReplyError::unanswered()),
                _ => {}
            }
            match self.proceed() {
                Ok(true) => {}
                Ok(false) => return Step::More,
                Err(error) => self.phase = Phase::Failed(error),
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
        match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Asked(entry) => self.conclude(&entry, added),
            other => self.phase = other,
        }
    }

    fn heartbeat(&self) -> Option<Bytes> {
        let going_on = !matches!(self.phase, Phase::Ended | Phase::Over | Phase::Failed(_));
        let waiting = self.turn.is_holding() || matches!(self.phase, Phase::Asked(_));
        (going_on && waiting).then(|| Bytes::from_static(HEARTBEAT))
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        if matches!(self.phase, Phase::Ended | Phase::Over) {
            return Bytes::new();
        }
        self.turn.discard();
        self.turn.take_sent();
        self.steps.clear();
        self.phase = Phase::Over;
        if self.wants == Wants::NOTHING && self.start.is_some() {
            let last = self.unread.take().and_then(Unread::number);
            self.turn.wire.resume(last);
        }
        let response = failed(&self.response(), error_code(error), &error.to_string());
        let frame = response_event("response.failed", &response);
        self.turn.wire.note_change();
        self.turn.wire.send(Entry::made(frame)).unwrap_or_default()
    }
}

impl Unread {
    fn number(self) -> Option<u64> {
        match self {
            Self::Frame(frame) => Some(Event::parse(&frame).ok()?.sequence?.value),
            Self::Numbered(number) => Some(number),
        }
    }
}

impl Stream {
    /// A reply of which policies want to see what `wants` says.
    pub fn new(wants: Wants, limits: Limits) -> Self {
        Self {
            wants,
            limits,
            decoder: Decoder::new(limits.frame),
            upstream_over: false,
            phase: Phase::Content,
            turn: Turn::new(wants),
            start: None,
            unread: None,
            mold: Mold::default(),
            steps: VecDeque::new(),
        }
    }

    /// Goes one step on; false where that takes more bytes.
    fn proceed(&mut self) -> Taken<bool> {
        let step = self.turn.advance();
        self.send();
        if let Some(step) = step? {
            self.steps.push_back(step);
            return Ok(true);
        }
        if let Phase::Closing(_) = self.phase {
            self.close();
            return Ok(true);
        }
        if let Some(frames) = self.take_run() {
            self.steps.push_back(Step::Send(frames));
            return self.within_limit().map(|()| true);
        }
        match self.decoder.next_frame() {
            Ok(Some(frame)) => {
                self.take(frame)?;
                self.send();
                self.within_limit().map(|()| true)
            }
            Ok(None) if self.upstream_over => self.upstream_ended().map(|()| true),
            Ok(None) => Ok(false),
            Err(error) => Err(ReplyError::FrameTooLarge { limit: error.limit }),
        }
    }

    /// A stream that reads each frame, even one like the frame before. What comes out is the same, bytes
    /// that go out in a row taken together: a test can hold the one against the other.
    #[must_use]
    pub fn reading_each_frame(mut self) -> Self {
        self.mold.give_up();
        self
    }

    /// Takes frames that pass as the one before did.
    fn take_run(&mut self) -> Option<Bytes> {
        if self.wants == Wants::NOTHING {
            let unread = &mut self.unread;
            return self.mold.take_run(&mut self.decoder, |_, fit| {
                *unread = fit.number.map(Unread::Numbered);
                Run::GoesOn
            });
        }
        let (turn, limit) = (&mut self.turn, self.limits.held);
        self.mold.take_run(&mut self.decoder, |bytes, fit| {
            turn.pass_like(fit.said(bytes), fit.number);
            match turn.held() > limit {
                true => Run::Ends,
                false => Run::GoesOn,
            }
        })
    }

    fn within_limit(&self) -> Taken {
        let limit = self.limits.held;
        match self.turn.held() > limit {
            true => Err(ReplyError::HeldTooLarge { limit }),
            false => Ok(()),
        }
    }

    fn take(&mut self, frame: Frame) -> Taken {
        self.mold.clear();
        if self.wants == Wants::NOTHING {
            self.carry(frame);
            return Ok(());
        }
        let entry = Entry::read(frame).map_err(ReplyError::Malformed)?;
        match (&self.phase, entry.event.kind) {
            (Phase::Ended, Kind::Loose) => drop(self.turn.pass(entry)),
            // A client might take this for content, which nobody judged.
            (Phase::Ended, _) => self.phase = Phase::Over,
            (_, Kind::Terminal(Ending::Completed | Ending::Incomplete)) => {
                return self.content_over(entry);
            }
            (_, Kind::Terminal(ending)) => return self.upstream_failed(entry, ending),
            (_, kind) => {
                if kind == Kind::Response && self.start.is_none() {
                    self.begin(&entry)?;
                }
                let is_model = kind.is_delta() && self.mold.is_wanted();
                let model = is_model.then(|| (entry.frame.clone(), entry.event));
                self.turn.take(entry)?;
                if let Some((frame, event)) = model
                    && self.turn.passes(&event)
                {
                    self.mold.fill(&frame, event.value, event.number_span());
                }
            }
        }
        Ok(())
    }

    /// A frame that nobody reads: only the end is watched for.
    fn carry(&mut self, frame: Frame) {
        if Event::is_terminal(&frame) {
            self.phase = Phase::Ended;
        }
        if !frame.is_loose() {
            self.start.get_or_insert_with(|| frame.clone());
        }
        if memchr::memmem::find(frame.data(), b"\"sequence_number\"").is_some() {
            self.unread = Some(Unread::Frame(frame.clone()));
            self.fill_unread(&frame);
        }
        self.steps.push_back(Step::Send(frame.into_raw()));
    }

    /// Where nothing is read, of a numbered delta nothing counts but its number.
    fn fill_unread(&mut self, frame: &Frame) {
        if self.mold.is_wanted()
            && frame.event().ends_with(b".delta")
            && let Ok(event) = Event::parse(frame)
            && event.kind.is_delta()
            && event.sequence.is_some()
        {
            self.mold.fill(frame, event.value, event.number_span());
        }
    }

    fn begin(&mut self, entry: &Entry) -> Taken {
        let response = Response::parse(entry.value()).map_err(ReplyError::Malformed)?;
        self.turn.identify(&response.id);
        self.start = Some(entry.frame.clone());
        Ok(())
    }

    fn content_over(&mut self, entry: Entry) -> Taken {
        self.turn.check_strays(&entry)?;
        if entry.event.value.is_some() {
            let response = Response::parse(entry.value()).map_err(ReplyError::Malformed)?;
            self.turn.take_repeated(&response.items)?;
        } else {
            self.turn.take_repeated(&[])?;
        }
        self.phase = Phase::Closing(entry);
        Ok(())
    }

    /// All items are settled.
    fn close(&mut self) {
        let Phase::Closing(entry) = std::mem::replace(&mut self.phase, Phase::Ended) else {
            return;
        };
        if !self.wants.end {
            return self.conclude(&entry, Vec::new());
        }
        let response = Response::parse(entry.value());
        let stop_reason = response
            .map(|response| response.stop_reason())
            .unwrap_or_default();
        self.steps.push_back(Step::End { stop_reason });
        self.phase = Phase::Asked(entry);
    }

    fn conclude(&mut self, entry: &Entry, added: Vec<String>) {
        self.phase = Phase::Ended;
        self.turn.finish(added);
        if let Err(error) = self.turn.conclude(entry) {
            self.phase = Phase::Failed(error);
        }
        self.send();
    }

    /// Upstream's error ends the reply; what was held is thrown away.
    fn upstream_failed(&mut self, entry: Entry, ending: Ending) -> Taken {
        self.turn.check_strays(&entry)?;
        self.turn.discard();
        let response = Response::parse(entry.value());
        let entry = match response {
            Ok(response) if ending == Ending::Failed => self.turn.failed(&entry, &response),
            Ok(response) if response.is_wanted(&self.wants) => {
                let fault = "an error has content".to_owned();
                return Err(ReplyError::Malformed(fault));
            }
            Err(fault) if entry.event.value.is_some() => return Err(ReplyError::Malformed(fault)),
            _ => entry,
        };
        self.phase = Phase::Ended;
        self.turn.pass(entry);
        Ok(())
    }

    /// Ends the reply with a notice; nothing that is held goes out.
    fn stop(&mut self, notice: &str) {
        self.phase = Phase::Over;
        self.turn.stop(notice);
        let response = completed(&self.response());
        let frame = response_event("response.completed", &response);
        self.turn.pass(Entry::made(frame));
        self.send();
    }

    /// The response with what went out, as it was when it began.
    fn response(&self) -> String {
        let start = self.start.clone().map(Entry::read);
        let start = match &start {
            Some(Ok(entry)) if entry.event.kind == Kind::Response => entry.value(),
            _ => "",
        };
        let own = blank("resp_sluice", "");
        let start = if start.starts_with('{') { start } else { &own };
        let output = self.turn.wire.output();
        let response = Response::parse(start).map(|response| response.with_output(&output));
        response.unwrap_or(own)
    }

    fn upstream_ended(&mut self) -> Taken {
        if !matches!(self.phase, Phase::Ended) {
            return Err(ReplyError::Truncated);
        }
        self.phase = Phase::Over;
        if let Some(tail) = self.decoder.tail() {
            let loose = || Event::parse(&tail).is_ok_and(|event| event.kind == Kind::Loose);
            if self.wants == Wants::NOTHING || loose() {
                self.steps.push_back(Step::Send(tail.into_raw()));
            }
        }
        Ok(())
    }

    fn send(&mut self) {
        let sent = self.turn.take_sent().into_iter();
        self.steps.extend(sent.map(Step::Send));
    }
}
