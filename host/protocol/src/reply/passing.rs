//! Replies of which no policy wants anything: their bytes go on as they come, whatever the size of a frame or of the whole.
//!
//! No client can do anything with a part of a frame. So a part of up to [`KEPT`] bytes waits for its rest, and a stream that
//! is cut off there can still end with an error of its dialect. A larger frame goes out in parts. Where upstream breaks off
//! within one, or within a whole body, nothing of our own may follow: the caller is cut off too.

mod body;

use bytes::Bytes;

use super::{
    Streamed,
    watching::{Watch, Watched},
};
use crate::{
    Limits, PieceRuling, Reply, ReplyError, Ruling, Step,
    sse::{Decoder, Part},
    template::{FrameTemplate, Run},
};

pub(crate) use body::PassingBody;

/// So much of a frame waits for its rest. It is where a frame says what it is, and more than most frames have.
const KEPT: usize = 64 << 10;

/// A streamed reply that passes.
#[derive(Debug)]
pub(crate) struct PassingStream<W> {
    decoder: Decoder,
    upstream: Upstream,
    phase: Phase,
    watch: W,
    /// Of frames that need not even be watched.
    template: FrameTemplate,
    /// Whether a frame passed that may have been the end of the reply.
    is_unsure: bool,
}

/// The bytes of upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Upstream {
    Open,
    Ended,
    BrokeOff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Content,
    /// The terminal event goes out in parts.
    Ending,
    /// It is through. What follows has no meaning.
    Ended,
    /// Nothing more is sent.
    Over,
    /// Upstream's bytes ended too early.
    Failed,
}

impl<W: Watch> PassingStream<W> {
    pub(crate) fn new(watch: W, limits: &Limits) -> Self {
        let mut template = FrameTemplate::default();
        template.takes_any_text();
        Self {
            decoder: Decoder::new(KEPT.min(limits.frame)),
            upstream: Upstream::Open,
            phase: Phase::Content,
            watch,
            template,
            is_unsure: false,
        }
    }

    /// Notes what passes, and returns its bytes.
    fn pass(&mut self, part: Part) -> Bytes {
        let (watched, frame) = match part {
            Part::Frame(frame) => {
                self.template.clear();
                let is_template_wanted = self.template.is_wanted();
                (self.watch.see(&frame, is_template_wanted), frame)
            }
            // A comment says nothing.
            Part::Beginning(frame) if frame.raw().starts_with(b":") => (Watched::Passes, frame),
            Part::Beginning(frame) => {
                self.template.clear();
                (self.watch.see_beginning(&frame), frame)
            }
            Part::More(bytes) => {
                if self.phase == Phase::Ending && !self.decoder.is_within_frame() {
                    self.phase = Phase::Ended;
                }
                return bytes;
            }
        };
        match watched {
            Watched::Passes => {}
            Watched::Repeats(gaps) => self.template.fill(&frame, gaps.text, gaps.number),
            Watched::Unknown => self.is_unsure = true,
            Watched::Ends if self.phase != Phase::Content => {}
            Watched::Ends if self.decoder.is_within_frame() => self.phase = Phase::Ending,
            Watched::Ends => self.phase = Phase::Ended,
        }
        frame.into_raw()
    }

    /// The end of upstream's bytes. A frame that is cut off goes out where the reply is complete with it.
    fn upstream_ended(&mut self) -> Step {
        let is_within = self.decoder.is_within_frame();
        let tail = self.decoder.tail();
        let is_complete = match self.phase {
            Phase::Ended => true,
            _ if is_within => false,
            _ if self.watch.is_complete(tail.as_ref()) => true,
            _ => self.is_unsure && tail.is_none() && self.upstream == Upstream::Ended,
        };
        if !is_complete {
            self.phase = Phase::Failed;
            return Step::Fail(ReplyError::Truncated);
        }
        self.phase = Phase::Over;
        tail.map_or(Step::Done, |tail| Step::Send(tail.into_raw()))
    }
}

impl<W: Watch> Streamed for PassingStream<W> {
    fn read_each_frame(&mut self) {
        self.template.give_up();
    }
}

impl<W: Watch> Reply for PassingStream<W> {
    fn push(&mut self, bytes: Bytes) {
        self.decoder.push(bytes);
    }

    fn end(&mut self) {
        self.decoder.end();
        self.upstream = Upstream::Ended;
    }

    fn break_off(&mut self) {
        self.decoder.end();
        self.upstream = Upstream::BrokeOff;
    }

    fn next(&mut self) -> Step {
        match self.phase {
            Phase::Over => return Step::Done,
            Phase::Failed => return Step::Fail(ReplyError::Truncated),
            Phase::Content | Phase::Ending | Phase::Ended => {}
        }
        let watch = &mut self.watch;
        let run = self.template.take_run(&mut self.decoder, |_, fit| {
            watch.repeat(fit.number);
            Run::GoesOn
        });
        if let Some(frames) = run {
            return Step::Send(frames);
        }
        match self.decoder.next_part() {
            Some(part) => Step::Send(self.pass(part)),
            None if self.upstream == Upstream::Open => Step::More,
            None => self.upstream_ended(),
        }
    }

    fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended | Phase::Over)
    }

    fn fail(&mut self, error: &ReplyError) -> Option<Bytes> {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Ended | Phase::Over => Some(Bytes::new()),
            _ if self.decoder.is_within_frame() => None,
            _ => Some(self.watch.fail(error)),
        }
    }

    fn heartbeat(&self) -> Option<Bytes> {
        // Nothing is held.
        None
    }

    fn rule(&mut self, _: Ruling) {}

    fn rule_piece(&mut self, _: PieceRuling) {}

    fn finish(&mut self, _: Vec<String>) {}
}
