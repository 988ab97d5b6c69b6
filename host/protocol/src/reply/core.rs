//! The one way of a reply through the policies, whatever its dialect and form. One that no policy wants anything of takes
//! the way of [`passing`](super::passing).
//!
//! Owns the bytes that come and the phases of a reply. A [`Reader`] says what frames tell, [`Judging`] what is asked of
//! policies, and a [`Writer`] what goes out.

mod repeating;

use std::collections::VecDeque;

use bytes::Bytes;

use super::{
    Streamed,
    judging::Judging,
    reading::{Event, Reader, Reading, Readings, What},
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
    source: Source,
    reader: R,
    readings: Readings<R::Place>,
    /// Why nothing comes behind these readings.
    broken: Option<ReplyError>,
    judging: Judging<R::Place>,
    writer: W,
    /// Of the frames that pass, or are like the one that was read last.
    template: FrameTemplate,
    /// The frame that the template was made of, and what it says, where those like it are read.
    model: Option<(Frame, Event<R::Place>)>,
    /// Whether frames like it need not be read where they pass.
    are_free: bool,
    steps: VecDeque<Step>,
    /// What the writer writes.
    out: Vec<Bytes>,
    /// How many blocks and groups have begun.
    items: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Content,
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
        Self {
            limits,
            phase: Phase::Content,
            source,
            reader,
            readings: VecDeque::new(),
            broken: None,
            judging: Judging::new(rules, wants),
            writer,
            template: FrameTemplate::default(),
            model: None,
            are_free: false,
            steps: VecDeque::new(),
            out: Vec::new(),
            items: 0,
        }
    }

    /// Goes one step on. False where that takes more bytes.
    fn proceed(&mut self) -> Result<bool, ReplyError> {
        if let Some(step) = self.judging.advance() {
            self.steps.push_back(step);
            return Ok(true);
        }
        if self.release() {
            return Ok(true);
        }
        if self.judging.is_over() && self.phase == Phase::Content && self.broken.is_none() {
            self.phase = Phase::Ended;
        }
        if let Some(reading) = self.readings.pop_front() {
            self.count(&reading)?;
            self.take(reading);
            return Ok(true);
        }
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        self.check_held()?;
        if self.model.is_some() {
            if self.read_repeated() {
                return Ok(true);
            }
        } else if let Some(frames) = self.take_run() {
            self.steps.push_back(Step::Send(frames));
            return Ok(true);
        }
        match self.source.next()? {
            Arrival::None => return Ok(false),
            Arrival::Frame(frame) if self.phase == Phase::Ended => self.pass_behind(frame),
            Arrival::Frame(frame) => {
                self.forget_model();
                let read = self.reader.read(frame, &mut self.readings);
                self.go_on(read);
            }
            Arrival::End(tail) => {
                let ended = self.upstream_ended(tail);
                self.go_on(ended);
            }
        }
        Ok(true)
    }

    /// Where nothing more can be read, policies still judge the texts that are there.
    fn go_on(&mut self, read: Result<(), ReplyError>) {
        let Err(error) = read else { return };
        let events = self.reader.fail();
        if !events.is_empty() {
            let frame = Frame::body(Bytes::new());
            self.readings.push_back(Reading { frame, events });
        }
        self.broken = Some(error);
    }

    fn count(&mut self, reading: &Reading<R::Place>) -> Result<(), ReplyError> {
        let opens = |event: &&Event<R::Place>| {
            matches!(
                event.what,
                What::Opens(_) | What::OpensIn(..) | What::Gathers(_)
            )
        };
        self.items += reading.events.iter().filter(opens).count();
        let limit = self.limits.items;
        match self.items > limit {
            true => Err(ReplyError::TooManyItems { limit }),
            false => Ok(()),
        }
    }

    fn take(&mut self, reading: Reading<R::Place>) {
        for event in &reading.events {
            match event.what {
                What::Begins(_) => self.writer.begin(&reading.frame, &event.place),
                What::Closes(_) => self.writer.block_ended(&reading.frame, &event.place),
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
            let is_unread = passes && self.went_out(frame.raw()) && self.writer.may_repeat();
            self.model = (!is_unread).then_some((frame, event));
        }
    }

    /// Sends the frames of which all is known. False where there are none.
    fn release(&mut self) -> bool {
        let queue = &mut self.judging.queue;
        let mut released = false;
        while let Some(pending) = queue.pop_ready() {
            released = true;
            self.writer.write(pending, &queue.known, &mut self.out);
        }
        if released && queue.is_empty() {
            queue.known.clear();
        }
        let out = self.out.drain(..).filter(|bytes| !bytes.is_empty());
        self.steps.extend(out.map(Step::Send));
        released
    }

    /// A body is bounded where it comes in.
    fn check_held(&self) -> Result<(), ReplyError> {
        let limit = self.limits.held;
        let kept = self.reader.held() + self.writer.held();
        let held = self.judging.held().max(kept);
        match self.source {
            // Behind the end nothing is held.
            Source::Stream { .. } if held > limit && self.phase == Phase::Content => {
                Err(ReplyError::HeldTooLarge { limit })
            }
            _ => Ok(()),
        }
    }

    /// A frame behind the end of the reply.
    fn pass_behind(&mut self, frame: Frame) {
        match self.reader.behind(frame) {
            Some(frame) => {
                let frame = self.writer.behind(frame);
                self.send(frame);
            }
            None => self.phase = Phase::Over,
        }
    }

    fn upstream_ended(&mut self, tail: Option<Frame>) -> Result<(), ReplyError> {
        if self.phase != Phase::Ended {
            return self.reader.end(tail, &mut self.readings);
        }
        self.phase = Phase::Over;
        if let Some(tail) = tail.filter(|tail| self.reader.is_loose(tail)) {
            self.send(tail);
        }
        Ok(())
    }

    fn stop(&mut self, stopped: Option<(u64, String)>) {
        let Some((choice, notice)) = stopped else {
            return;
        };
        let stops = self.judging.stop(choice, notice);
        self.release();
        self.writer.stop(stops, &mut self.out);
        self.steps.extend(self.out.drain(..).map(Step::Send));
        self.phase = Phase::Over;
    }

    fn send(&mut self, frame: Frame) {
        self.steps.push_back(Step::Send(frame.into_raw()));
    }
}

impl<R: Reader, W: Writer<Place = R::Place>> Streamed for Core<R, W> {
    fn read_each_frame(&mut self) {
        self.template.give_up();
    }
}

impl<R: Reader, W: Writer<Place = R::Place>> Reply for Core<R, W> {
    fn push(&mut self, bytes: Bytes) {
        self.source.push(bytes);
    }

    fn end(&mut self) {
        self.source.end();
    }

    fn next(&mut self) -> Step {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return step;
            }
            match &self.phase {
                Phase::Over => return Step::Done,
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
            Phase::Failed(_) => false,
        };
        is_through && self.steps.is_empty() && self.broken.is_none()
    }

    fn rule(&mut self, ruling: Ruling) {
        let stopped = self.judging.rule(ruling);
        self.stop(stopped);
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
        let is_stream = matches!(self.source, Source::Stream { .. });
        let is_waiting = self.phase == Phase::Content && self.judging.is_waiting();
        let beat = W::HEARTBEAT.filter(|_| is_stream && is_waiting);
        beat.map(Bytes::from_static)
    }

    fn fail(&mut self, error: &ReplyError) -> Option<Bytes> {
        if matches!(self.phase, Phase::Ended | Phase::Over) {
            return Some(Bytes::new());
        }
        self.judging.discard();
        self.readings.clear();
        self.steps.clear();
        self.phase = Phase::Over;
        Some(self.writer.fail(error))
    }
}
