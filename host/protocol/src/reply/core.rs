//! The one way of a reply through the policies, whatever its dialect and form. One that no policy wants anything of takes
//! the way of [`passing`](super::passing).
//!
//! Owns the bytes that come and the phases of a reply. A [`Reader`] says what frames tell, [`Judging`] what is asked of
//! policies, and a [`Writer`] what goes out.

mod joining;
mod repeating;

use bytes::Bytes;

use super::{
    Irrevocable, Rejected, Result, Streamed,
    incoming::Incoming,
    judging::Judging,
    kept::Kept,
    outgoing::Outgoing,
    reading::{Event, Reader, Reading, What},
    rules::Rules,
    source::{Arrival, Source},
    writing::Writer,
};
use crate::{
    Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants, sse::Frame,
    template::FrameTemplate,
};

/// A reply of one dialect, in one form.
#[derive(Debug)]
pub(crate) struct Core<R: Reader, W> {
    limits: Limits,
    phase: Phase,
    incoming: Incoming<R>,
    judging: Judging<R::Place>,
    outgoing: Outgoing<W>,
    /// Of the frames that pass, or are like the one that was read last.
    template: FrameTemplate,
    /// The frame that the template was made of, and what it says, where those like it are read.
    model: Option<(Frame, Event<R::Place>)>,
    /// Whether frames like it need not be read where they pass.
    are_free: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Content,
    /// A block was rejected. What is there still tells what upstream's reply costs.
    Rejected,
    /// The terminal event is through. What follows has no meaning.
    Ended,
    /// Nothing more is read or sent.
    Over,
    Failed(ReplyError),
}

impl<R: Reader, W: Writer<Place = R::Place>> Core<R, W> {
    pub(crate) fn new(
        rules: &'static Rules,
        (wants, limits): (Wants, Limits),
        source: Source,
        reader: R,
        writer: W,
    ) -> Self {
        let kept = wants.redo.then(|| Kept::new(limits.held));
        Self {
            limits,
            phase: Phase::Content,
            incoming: Incoming::new(wants, &limits, source, reader),
            judging: Judging::new(rules, wants),
            outgoing: Outgoing::new(writer, kept),
            template: FrameTemplate::default(),
            model: None,
            are_free: false,
        }
    }

    /// Goes one step on. False where that takes more bytes.
    fn proceed(&mut self) -> Result<bool> {
        if let Some(step) = self.judging.advance() {
            self.outgoing.steps.push_back(step);
            return Ok(true);
        }
        if self.release() {
            return Ok(true);
        }
        let is_sound = self.phase == Phase::Content && self.incoming.broken.is_none();
        if is_sound && self.judging.is_over() {
            self.phase = Phase::Ended;
        }
        if let Some(reading) = self.incoming.reading()? {
            self.take(reading);
            return Ok(true);
        }
        if let Some(error) = self.incoming.broken.take() {
            return Err(error);
        }
        self.check_held()?;
        if self.model.is_some() {
            if self.read_repeated() {
                return Ok(true);
            }
        } else if let Some(frames) = self.take_run() {
            self.outgoing.send(frames);
            return Ok(true);
        }
        match self.incoming.arrival()? {
            Arrival::None => return Ok(false),
            Arrival::Frame(frame) if self.phase == Phase::Ended => self.pass_behind(frame),
            Arrival::Frame(frame) => {
                self.forget_model();
                self.incoming.read(frame);
            }
            Arrival::End(tail) if self.phase == Phase::Ended => self.end_behind(tail),
            Arrival::End(tail) => self.incoming.end(tail),
        }
        Ok(true)
    }

    fn take(&mut self, reading: Reading<R::Place>) {
        for event in &reading.events {
            match event.what {
                What::Begins(_) => self.outgoing.writer.begin(&reading.frame, &event.place),
                What::Closes(_) => self
                    .outgoing
                    .writer
                    .block_ended(&reading.frame, &event.place),
                _ => {}
            }
        }
        let model = self.model_of(&reading);
        self.judging.take(reading);
        if let Some((frame, event, gaps, passes)) = model {
            self.template.fill(&frame, gaps.text, gaps.number);
            self.are_free = gaps.are_free;
            if passes {
                self.release();
            }
            // Several may come of one frame of upstream's: the model is that of which the template was made.
            let is_unread =
                passes && self.outgoing.went_out(frame.raw()) && self.outgoing.writer.may_repeat();
            self.model = (!is_unread).then_some((frame, event));
        }
    }

    /// Sends the frames of which all is known. False where there are none.
    fn release(&mut self) -> bool {
        self.outgoing.release(&mut self.judging.queue)
    }

    /// A body is bounded where it comes in.
    fn check_held(&self) -> Result<(), ReplyError> {
        let limit = self.limits.held;
        let kept = self.incoming.reader.held() + self.outgoing.writer.held();
        let held = self.judging.held().max(kept);
        match self.incoming.source {
            // Behind the end nothing is held.
            Source::Stream { .. } if held > limit && self.phase == Phase::Content => {
                Err(ReplyError::HeldTooLarge { limit })
            }
            _ => Ok(()),
        }
    }

    /// A frame behind the end of the reply.
    fn pass_behind(&mut self, frame: Frame) {
        match self.incoming.reader.behind(frame) {
            Some(frame) => self.outgoing.send_behind(frame),
            None => self.phase = Phase::Over,
        }
    }

    /// Upstream's bytes are over behind the end of the reply.
    fn end_behind(&mut self, tail: Option<Frame>) {
        self.phase = Phase::Over;
        if let Some(tail) = tail.filter(|tail| self.incoming.reader.is_loose(tail)) {
            self.outgoing.send(tail.into_raw());
        }
    }

    fn stop(&mut self, stopped: Option<(u64, String)>) {
        let Some((choice, notice)) = stopped else {
            return;
        };
        let stops = self.judging.stop(choice, notice);
        self.release();
        self.outgoing.stop(stops);
        self.phase = Phase::Over;
    }
}

impl<R: Reader, W: Writer<Place = R::Place>> Streamed for Core<R, W> {
    fn read_each_frame(&mut self) {
        self.template.give_up();
    }
}

impl<R: Reader, W: Writer<Place = R::Place>> Reply for Core<R, W> {
    fn push(&mut self, bytes: Bytes) {
        self.incoming.source.push(bytes);
    }

    fn end(&mut self) {
        self.incoming.source.end();
    }

    fn next(&mut self) -> Step {
        loop {
            if let Some(step) = self.outgoing.steps.pop_front() {
                return step;
            }
            match &self.phase {
                Phase::Over => return Step::Done,
                Phase::Rejected => {
                    self.incoming.hear_rest();
                    return Step::More;
                }
                Phase::Failed(error) => return Step::Fail(error.clone()),
                _ if self.judging.is_asking() => return Step::Fail(ReplyError::unanswered()),
                _ => {}
            }
            match self.proceed() {
                Ok(true) => {}
                Ok(false) => return Step::More,
                Err(error) => self.phase = Phase::Failed(error),
            }
        }
    }

    fn has_ended(&self) -> bool {
        let is_through = match self.phase {
            Phase::Content => self.judging.is_over() && !self.judging.is_waiting(),
            Phase::Ended | Phase::Over => true,
            Phase::Rejected | Phase::Failed(_) => false,
        };
        is_through && self.outgoing.steps.is_empty() && self.incoming.broken.is_none()
    }

    fn rule(&mut self, ruling: Ruling) {
        let stopped = self.judging.rule(ruling);
        self.stop(stopped);
    }

    fn reject(&mut self) -> Result<Rejected, Irrevocable> {
        self.cut()
    }

    fn continue_anew(&mut self) {
        if self.phase == Phase::Rejected {
            self.begin_next();
        }
    }

    fn rule_piece(&mut self, ruling: PieceRuling) {
        let stopped = self.judging.rule_piece(ruling);
        self.stop(stopped);
    }

    fn finish(&mut self, added: Vec<String>) {
        self.judging.finish(added);
    }

    fn heartbeat(&self) -> Option<Bytes> {
        // Nothing is legal before a whole body.
        let is_stream = matches!(self.incoming.source, Source::Stream { .. });
        let is_waiting = match self.phase {
            Phase::Content => self.judging.is_waiting() || self.incoming.awaits(),
            Phase::Rejected => true,
            Phase::Ended | Phase::Over | Phase::Failed(_) => false,
        };
        let beat = W::HEARTBEAT.filter(|_| is_stream && is_waiting);
        beat.map(Bytes::from_static)
    }

    fn fail(&mut self, error: &ReplyError) -> Option<Bytes> {
        if matches!(self.phase, Phase::Ended | Phase::Over) {
            return Some(Bytes::new());
        }
        self.judging.discard();
        self.incoming.readings.clear();
        self.outgoing.steps.clear();
        self.phase = Phase::Over;
        Some(self.outgoing.writer.fail(error))
    }
}
