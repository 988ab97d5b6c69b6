//! The one way of a reply through the policies, whatever its dialect and form.
//!
//! Owns the bytes that come and the phases of a reply. A [`Reader`] says what frames tell, [`Judging`] what is asked of
//! policies, and a [`Writer`] what goes out.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{
    judging::Judging,
    reading::{Gaps, Reader, Reading, Readings, Watched, What},
    rules::Rules,
    source::{Arrival, Source},
    writing::Writer,
};
use crate::{
    Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants,
    mold::{Mold, Run},
    sse::Frame,
};

/// A reply of one dialect, in one form.
#[derive(Debug)]
pub(crate) struct Core<R: Reader, W> {
    wants: Wants,
    limits: Limits,
    phase: Phase,
    source: Source,
    reader: R,
    readings: Readings<R::Place>,
    judging: Judging<R::Place>,
    writer: W,
    /// Of the frames that pass.
    template: Mold,
    steps: VecDeque<Step>,
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
            wants,
            limits,
            phase: Phase::Content,
            source,
            reader,
            readings: VecDeque::new(),
            judging: Judging::new(rules, wants),
            writer,
            template: Mold::default(),
            steps: VecDeque::new(),
        }
    }

    /// Reads each frame, even one like the frame before.
    pub(crate) fn read_each_frame(&mut self) {
        self.template.give_up();
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
        if self.judging.is_over() && self.phase == Phase::Content {
            self.phase = Phase::Ended;
        }
        if let Some(reading) = self.readings.pop_front() {
            self.take(reading);
            return Ok(true);
        }
        self.check_held()?;
        if let Some(frames) = self.take_run() {
            self.steps.push_back(Step::Send(frames));
            return Ok(true);
        }
        match self.source.next()? {
            Arrival::None => return Ok(false),
            Arrival::Frame(frame) if self.wants == Wants::NOTHING => self.carry(frame),
            Arrival::Frame(frame) if self.phase == Phase::Ended => self.pass_behind(frame),
            Arrival::Frame(frame) => {
                self.template.clear();
                self.reader.read(frame, &mut self.readings)?;
            }
            Arrival::End(tail) => self.upstream_ended(tail)?,
        }
        Ok(true)
    }

    fn take(&mut self, reading: Reading<R::Place>) {
        for event in &reading.events {
            if let What::Begins(_) = event.what {
                self.writer.begin(&reading.frame, &event.place);
            }
        }
        let model = self.model(&reading);
        self.judging.take(reading);
        if let Some((frame, gaps)) = model {
            self.release();
            if self.went_out_as_it_came(&frame) {
                self.template.fill(&frame, gaps.text, gaps.number);
            }
        }
    }

    /// Where a frame passes that only adds to a block, so will those like it, if it makes no difference to what policies are
    /// asked.
    fn model(&self, reading: &Reading<R::Place>) -> Option<(Frame, Gaps)> {
        let [event] = &reading.events[..] else {
            return None;
        };
        let passes = self.template.is_wanted() && self.judging.passes_unseen(event);
        let gaps = passes.then(|| self.reader.repeatable(&reading.frame, event))??;
        Some((reading.frame.clone(), gaps))
    }

    fn went_out_as_it_came(&self, frame: &Frame) -> bool {
        let is_same = |bytes: &Bytes| {
            (bytes.as_ptr(), bytes.len()) == (frame.raw().as_ptr(), frame.raw().len())
        };
        matches!(self.steps.back(), Some(Step::Send(bytes)) if is_same(bytes))
    }

    /// Sends the frames of which all is known. False where there are none.
    fn release(&mut self) -> bool {
        let mut out = Vec::new();
        let queue = &mut self.judging.queue;
        let mut released = false;
        while let Some(pending) = queue.pop_ready() {
            released = true;
            self.writer.write(pending, &queue.known, &mut out);
        }
        if queue.is_empty() {
            queue.known.clear();
        }
        self.steps.extend(out.into_iter().map(Step::Send));
        released
    }

    /// A body is bounded where it comes in.
    fn check_held(&self) -> Result<(), ReplyError> {
        let limit = self.limits.held;
        let held = self.judging.held().max(self.reader.held());
        match self.source {
            Source::Stream { .. } if held > limit => Err(ReplyError::HeldTooLarge { limit }),
            _ => Ok(()),
        }
    }

    /// Takes frames that pass as the one before did.
    fn take_run(&mut self) -> Option<Bytes> {
        let Source::Stream { decoder, .. } = &mut self.source else {
            return None;
        };
        let (queue, writer) = (&mut self.judging.queue, &mut self.writer);
        self.template.take_run(decoder, |bytes, fit| {
            queue.skip();
            writer.repeat(fit.said(bytes), fit.number);
            Run::GoesOn
        })
    }

    /// A frame that nobody reads.
    fn carry(&mut self, frame: Frame) {
        self.template.clear();
        match self.reader.watch(&frame, self.template.is_wanted()) {
            Watched::Passes => {}
            Watched::Repeats(gaps) => self.template.fill(&frame, gaps.text, gaps.number),
            Watched::Ends => self.phase = Phase::Ended,
        }
        self.send(frame);
    }

    /// A frame behind the end of the reply.
    fn pass_behind(&mut self, frame: Frame) {
        match self.reader.is_loose(&frame) {
            true => self.send(frame),
            // A client might take this for content, which nobody judged.
            false => self.phase = Phase::Over,
        }
    }

    fn upstream_ended(&mut self, tail: Option<Frame>) -> Result<(), ReplyError> {
        match (&self.phase, self.wants == Wants::NOTHING) {
            (Phase::Ended, _) => {}
            (_, true) if self.reader.is_complete(tail.as_ref()) => {}
            (_, true) => return Err(ReplyError::Truncated),
            (_, false) => return self.reader.end(tail, &mut self.readings),
        }
        self.phase = Phase::Over;
        if let Some(tail) = tail
            && (self.wants == Wants::NOTHING || self.reader.is_loose(&tail))
        {
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
        let mut out = Vec::new();
        self.writer.stop(stops, &mut out);
        self.steps.extend(out.into_iter().map(Step::Send));
        self.phase = Phase::Over;
    }

    fn send(&mut self, frame: Frame) {
        self.steps.push_back(Step::Send(frame.into_raw()));
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
        let is_waiting = self.judging.is_waiting() || self.reader.held() > 0;
        let beat = W::HEARTBEAT.filter(|_| self.phase == Phase::Content && is_waiting);
        beat.map(Bytes::from_static)
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        if matches!(self.phase, Phase::Ended | Phase::Over) {
            return Bytes::new();
        }
        self.judging.discard();
        self.readings.clear();
        self.steps.clear();
        self.phase = Phase::Over;
        self.writer.fail(error)
    }
}
