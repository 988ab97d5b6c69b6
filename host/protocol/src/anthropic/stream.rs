//! A streamed reply.
//!
//! Frames of blocks that nobody wants to see go out as they come. The others wait until they are
//! judged; which of them go out then, and in which order, is the composer's to say.

mod alike;
mod blocks;
mod open;

use std::collections::VecDeque;

use bytes::Bytes;

use self::open::{Open, Piece};
use super::{
    RULES,
    emit::{Emitter, Held, block_stop, message_end},
    error::{ErrorType, error_frame},
    event::Event,
};
use crate::{
    Block, BlockKind, Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants,
    compose::{Composer, Delivered},
    json::quote,
    mold::{Mold, Run},
    sse::{Decoder, Frame},
};

/// A streamed reply of the Messages API.
#[derive(Debug)]
pub struct Stream {
    wants: Wants,
    limits: Limits,
    decoder: Decoder,
    upstream_over: bool,
    phase: Phase,
    open: Option<Open>,
    last_index: Option<u64>,
    composer: Composer<Held>,
    emitter: Emitter,
    /// Bytes of the frames that wait.
    held: usize,
    /// Of the deltas that pass.
    mold: Mold,
    steps: VecDeque<Step>,
    question: Option<Question>,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    /// Before `message_start`.
    Start,
    /// Blocks come.
    Content,
    /// No more blocks.
    Closing,
    /// The terminal event is through; what follows has no meaning.
    Ended,
    /// Nothing more is read or sent.
    Over,
    Failed(ReplyError),
}

/// What a step asked and nobody has answered yet.
#[derive(Debug)]
enum Question {
    Judge(Held, Block),
    Piece(Piece),
    End(Frame, Event),
}

/// What goes with one frame: nothing to say, or why the reply can't go on.
type Taken = Result<(), ReplyError>;

const PING: &[u8] = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";

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
                _ if self.question.is_some() => return Step::Fail(ReplyError::unanswered()),
                _ => {}
            }
            let run = self.mold.take_run(&mut self.decoder, |_, _| Run::GoesOn);
            if let Some(frames) = run {
                return Step::Send(frames);
            }
            match self.decoder.next_frame() {
                Ok(Some(frame)) => {
                    if let Err(error) = self.take(frame) {
                        self.phase = Phase::Failed(error);
                    }
                }
                Ok(None) if self.upstream_over => self.upstream_ended(),
                Ok(None) => return Step::More,
                Err(error) => {
                    let limit = error.limit;
                    self.phase = Phase::Failed(ReplyError::FrameTooLarge { limit });
                }
            }
        }
    }

    fn rule(&mut self, ruling: Ruling) {
        match self.question.take() {
            Some(Question::Judge(held, block)) => self.judge(held, &block, ruling),
            other => self.question = other,
        }
    }

    fn rule_piece(&mut self, ruling: PieceRuling) {
        match self.question.take() {
            Some(Question::Piece(piece)) => {
                if let Err(error) = self.answer_piece(piece, ruling) {
                    self.phase = Phase::Failed(error);
                }
            }
            other => self.question = other,
        }
    }

    fn finish(&mut self, added: Vec<String>) {
        match self.question.take() {
            Some(Question::End(frame, event)) => {
                self.finish_content(added);
                self.close(frame, &event);
            }
            other => self.question = other,
        }
    }

    fn heartbeat(&self) -> Option<Bytes> {
        let legal = matches!(self.phase, Phase::Content | Phase::Closing);
        let waiting = self.held > 0 || self.composer.is_holding() || self.question.is_some();
        (legal && waiting).then(|| Bytes::from_static(PING))
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        if matches!(self.phase, Phase::Ended | Phase::Over) {
            return Bytes::new();
        }
        self.discard();
        self.steps.clear();
        self.phase = Phase::Over;
        error_frame(error_type(error), &error.to_string(), None)
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
            phase: Phase::Start,
            open: None,
            last_index: None,
            composer: Composer::new(&RULES),
            emitter: Emitter::default(),
            held: 0,
            mold: Mold::default(),
            steps: VecDeque::new(),
            question: None,
        }
    }

    /// A stream that reads each frame, even one like the frame before. What comes out is the same, bytes
    /// that go out in a row taken together: a test can hold the one against the other.
    #[must_use]
    pub fn reading_each_frame(mut self) -> Self {
        self.mold.give_up();
        self
    }

    fn take(&mut self, frame: Frame) -> Taken {
        self.mold.clear();
        if self.wants == Wants::NOTHING {
            self.pass_unread(frame);
            return Ok(());
        }
        let event = Event::parse(&frame).map_err(ReplyError::Malformed)?;
        match (&self.phase, event) {
            (Phase::Ended, Event::Loose) => self.send(frame),
            // A client might take this for content, which nobody judged.
            (Phase::Ended, _) => self.phase = Phase::Over,
            (_, Event::Loose) => return self.loose(frame),
            (_, Event::Error) => self.upstream_failed(frame),
            (Phase::Start, Event::MessageStart { id }) => {
                self.composer.identify(&id);
                self.phase = Phase::Content;
                self.send(frame);
            }
            (Phase::Content, Event::BlockStart { index, block }) => {
                return self.start(frame, index, block);
            }
            (Phase::Content, Event::BlockDelta { index, delta }) => {
                return self.delta(frame, index, delta);
            }
            (Phase::Content, Event::BlockStop { index }) => return self.block_end(frame, index),
            (Phase::Content, event @ (Event::MessageDelta { .. } | Event::MessageStop)) => {
                return self.content_over(frame, event);
            }
            (Phase::Closing, event @ (Event::MessageDelta { .. } | Event::MessageStop)) => {
                self.close(frame, &event);
            }
            _ => return malformed("its events are out of order"),
        }
        Ok(())
    }

    /// A frame that belongs to no block keeps its place among the bytes.
    fn loose(&mut self, frame: Frame) -> Taken {
        if self.open.is_some() {
            return self.forward(frame);
        }
        if !self.composer.is_holding() {
            self.send(frame);
            return Ok(());
        }
        let size = frame.raw().len();
        self.composer.pass(Delivered::Loose(Held::loose(frame)));
        self.hold(size)
    }

    fn content_over(&mut self, frame: Frame, event: Event) -> Taken {
        if self.open.is_some() {
            return malformed("the reply ends inside a block");
        }
        if !self.wants.end {
            self.finish_content(Vec::new());
            self.close(frame, &event);
            return Ok(());
        }
        let stop_reason = match event {
            Event::MessageDelta { stop_reason } => {
                stop_reason.and_then(|at| at.string(frame.data()))
            }
            _ => None,
        };
        let stop_reason = stop_reason.unwrap_or_default();
        self.ask(Question::End(frame, event), Step::End { stop_reason });
        Ok(())
    }

    fn finish_content(&mut self, added: Vec<String>) {
        self.composer.finish(added);
        self.drain();
        self.phase = Phase::Closing;
    }

    fn close(&mut self, frame: Frame, event: &Event) {
        if let Event::MessageDelta {
            stop_reason: Some(at),
        } = event
        {
            let upstream = at.string(frame.data()).unwrap_or_default();
            return match self.composer.mended(&upstream) {
                Some(mended) => self.send(frame.with_data(at.start..at.end, &quote(mended))),
                None => self.send(frame),
            };
        }
        if *event == Event::MessageStop {
            self.phase = Phase::Ended;
        }
        self.send(frame);
    }

    fn judge(&mut self, held: Held, block: &Block, ruling: Ruling) {
        if let Ruling::Stop { notice } = ruling {
            return self.stop(notice);
        }
        let changeable = matches!(block.kind(), BlockKind::Text | BlockKind::ToolCall);
        let loose = match &ruling {
            Ruling::Replace(_) | Ruling::Drop { .. } if changeable => held.loose_frames(),
            _ => Vec::new(),
        };
        self.composer.rule(held, block, ruling);
        self.carry(loose);
        self.drain();
    }

    /// Carries what came inside a block that does not go out as it came.
    fn carry(&mut self, loose: Vec<Frame>) {
        for frame in loose {
            self.composer.pass(Delivered::Loose(Held::loose(frame)));
        }
    }

    /// Ends the reply with a notice; nothing that is held goes out.
    fn stop(&mut self, notice: String) {
        if let Some(number) = self.open.take().and_then(|open| open.number) {
            self.send(block_stop(number));
        }
        self.composer.stop(notice);
        self.drain();
        let end = message_end(self.composer.stop_reason());
        self.steps.push_back(Step::Send(end));
        self.phase = Phase::Over;
    }

    fn upstream_failed(&mut self, frame: Frame) {
        self.discard();
        self.phase = Phase::Ended;
        self.send(frame);
    }

    fn upstream_ended(&mut self) {
        if self.phase != Phase::Ended {
            self.phase = Phase::Failed(ReplyError::Truncated);
            return;
        }
        self.phase = Phase::Over;
        let Some(tail) = self.decoder.tail() else {
            return;
        };
        if self.wants == Wants::NOTHING || Event::parse(&tail) == Ok(Event::Loose) {
            self.send(tail);
        }
    }

    fn drain(&mut self) {
        let changed = self.composer.is_changed();
        for part in self.composer.take_released() {
            let frames = self.emitter.part(part, changed);
            self.steps.extend(frames.into_iter().map(Step::Send));
        }
        if !self.composer.is_holding() {
            self.held = 0;
        }
    }

    fn discard(&mut self) {
        self.open = None;
        self.question = None;
        self.composer = Composer::new(&RULES);
        self.held = 0;
    }

    fn ask(&mut self, question: Question, step: Step) {
        self.question = Some(question);
        self.steps.push_back(step);
    }

    fn send(&mut self, frame: Frame) {
        self.steps.push_back(Step::Send(frame.into_raw()));
    }

    fn hold(&mut self, size: usize) -> Taken {
        self.held += size;
        self.within_limit(self.held)
    }

    fn within_limit(&self, size: usize) -> Taken {
        let limit = self.limits.held;
        if size > limit {
            return Err(ReplyError::HeldTooLarge { limit });
        }
        Ok(())
    }
}

fn malformed(what: &str) -> Taken {
    Err(ReplyError::Malformed(what.to_owned()))
}

/// The kind of error that a caller is told.
pub(super) fn error_type(error: &ReplyError) -> ErrorType {
    match error {
        ReplyError::Silent { .. } => ErrorType::Timeout,
        _ => ErrorType::Api,
    }
}
