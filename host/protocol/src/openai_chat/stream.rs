//! A streamed reply.
//!
//! Chunks have no borders between blocks, and one may touch several. So all frames wait in one queue, in
//! the order in which they came; the one at the front leaves as soon as it is known of each of its
//! pieces what becomes of it, which is at once where nobody judges any.

mod agenda;
mod alike;
mod arrive;
mod choice;
mod judge;
mod queue;
mod render;
mod watch;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use self::{
    agenda::{Agenda, End, Judged, Spoken, Task},
    choice::Choice,
    queue::{Queue, Slot},
    watch::{Watch, are_complete},
};
use super::{
    chunk::{Chunk, Entry, Event, is_done},
    made::Envelope,
    turn::{Field, Ticket},
};
use crate::{
    Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants,
    mold::Mold,
    openai::{ErrorType, error_code, error_object},
    sse::{Decoder, Frame},
};

/// A streamed reply of the Chat Completions API.
#[derive(Debug)]
pub struct Stream {
    wants: Wants,
    limits: Limits,
    decoder: Decoder,
    upstream_over: bool,
    phase: Phase,
    envelope: Envelope,
    choices: BTreeMap<u64, Choice>,
    /// The choice whose text is open and comes in pieces.
    live: Option<u64>,
    /// The choice of whose text a piece was asked about and not yet the last.
    speaking: Option<u64>,
    queue: Queue,
    /// Those of the chunk that is taken in.
    slots: Vec<Slot>,
    agenda: Agenda,
    last_ticket: Ticket,
    /// Bytes of the blocks that are put together.
    assembled: usize,
    /// Where frames are not read.
    watch: Watch,
    /// Of the chunks that pass.
    mold: Mold,
    steps: VecDeque<Step>,
    question: Option<Question>,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    /// Chunks come.
    Content,
    /// No more chunks; what they left to do is done.
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
    Judge(Judged),
    Piece(Spoken),
    LastPiece {
        choice: u64,
        field: Field,
        end: End,
    },
    /// A text at once, and what goes out of it once that is said.
    Text(Spoken, Option<String>),
    End,
}

/// What goes with one frame: nothing to say, or why the reply can't go on.
type Taken = Result<(), ReplyError>;

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
                _ if self.question.is_some() => return Step::Fail(ReplyError::unanswered()),
                _ => {}
            }
            if let Some(task) = self.agenda.next(self.speaking) {
                self.perform(task);
                continue;
            }
            self.release();
            if !self.steps.is_empty() {
                continue;
            }
            if let Some(frames) = self.take_run() {
                return Step::Send(frames);
            }
            let read = match self.decoder.next_frame() {
                _ if self.held() > self.limits.held => Err(ReplyError::HeldTooLarge {
                    limit: self.limits.held,
                }),
                Ok(Some(frame)) => self.take(frame),
                Ok(None) if self.upstream_over => self.upstream_ended(),
                Ok(None) => return Step::More,
                Err(error) => Err(ReplyError::FrameTooLarge { limit: error.limit }),
            };
            if let Err(error) = read {
                self.phase = Phase::Failed(error);
            }
        }
    }

    fn rule(&mut self, ruling: Ruling) {
        match self.question.take() {
            Some(Question::Judge(judged)) => self.judge(judged, ruling),
            other => self.question = other,
        }
    }

    fn rule_piece(&mut self, ruling: PieceRuling) {
        match self.question.take() {
            Some(Question::Piece(piece)) => self.answer_piece(piece, ruling),
            Some(Question::LastPiece { choice, field, end }) => {
                self.answer_last_piece(choice, field, end, ruling);
            }
            Some(Question::Text(text, None)) => self.answer_text(text, ruling),
            Some(Question::Text(text, Some(sent))) => self.answer_text_end(text, sent, ruling),
            other => self.question = other,
        }
    }

    fn finish(&mut self, added: Vec<String>) {
        match self.question.take() {
            Some(Question::End) => self.close_all(added),
            other => self.question = other,
        }
    }

    fn heartbeat(&self) -> Option<Bytes> {
        let going_on = matches!(self.phase, Phase::Content | Phase::Closing);
        let waiting = !self.queue.is_empty() || self.question.is_some();
        (going_on && waiting).then(|| Bytes::from_static(HEARTBEAT))
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        if matches!(self.phase, Phase::Ended | Phase::Over) {
            return Bytes::new();
        }
        self.discard();
        self.steps.clear();
        self.phase = Phase::Over;
        let code = error_code(error);
        let data = error_object(ErrorType::Server, &error.to_string(), Some(code));
        Frame::new("", &data).into_raw()
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
            envelope: Envelope::default(),
            choices: BTreeMap::new(),
            live: None,
            speaking: None,
            queue: Queue::default(),
            slots: Vec::new(),
            agenda: Agenda::default(),
            last_ticket: 0,
            assembled: 0,
            watch: Watch::default(),
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
            self.carry(frame);
            return Ok(());
        }
        let event = Event::parse(&frame).map_err(ReplyError::Malformed)?;
        match (&self.phase, event) {
            (_, Event::Loose) => self.queue.push(frame, None, Vec::new()),
            // An error is followed by the end of the stream.
            (Phase::Ended, Event::Done) => self.send(frame),
            // A client might take this for content, which nobody judged.
            (Phase::Ended, _) => self.phase = Phase::Over,
            (_, Event::Done) => self.content_over(Some(frame)),
            (_, Event::Error(chunk)) => return self.upstream_failed(frame, &chunk),
            (_, Event::Chunk(chunk)) => return self.arrive(frame, chunk),
        }
        Ok(())
    }

    /// A frame that nobody reads: only the end is watched for.
    fn carry(&mut self, frame: Frame) {
        if is_done(&frame) {
            self.phase = Phase::Ended;
        } else if !frame.is_loose() {
            self.watch.see(&frame);
            self.fill_unread(&frame);
        }
        self.send(frame);
    }

    fn upstream_failed(&mut self, frame: Frame, chunk: &Chunk) -> Taken {
        let has_blocks =
            |entry: &Entry| entry.content.is_some() || entry.parts.is_some() || entry.has_calls();
        if chunk.choices.iter().any(has_blocks) {
            return malformed("its error has content");
        }
        self.discard();
        self.phase = Phase::Ended;
        self.send(frame);
        Ok(())
    }

    fn upstream_ended(&mut self) -> Taken {
        let tail = self.decoder.tail();
        if self.wants == Wants::NOTHING {
            return self.unread_ended(tail);
        }
        if self.phase == Phase::Ended {
            self.phase = Phase::Over;
            if let Some(tail) = tail.filter(|tail| matches!(Event::parse(tail), Ok(Event::Loose))) {
                self.send(tail);
            }
            return Ok(());
        }
        match tail.map(|tail| (Event::parse(&tail), tail)) {
            Some((Ok(Event::Done), tail)) => self.content_over(Some(tail)),
            Some((Ok(Event::Error(chunk)), tail)) => return self.upstream_failed(tail, &chunk),
            Some((Ok(Event::Loose), tail)) if self.is_complete() => {
                self.queue.push(tail, None, Vec::new());
                self.content_over(None);
            }
            None if self.is_complete() => self.content_over(None),
            // Nothing of our own could follow a frame that is cut off.
            _ => return Err(ReplyError::Truncated),
        }
        Ok(())
    }

    /// Some servers send no `[DONE]`.
    fn is_complete(&self) -> bool {
        let choices = self.choices.iter();
        are_complete(choices.map(|(index, choice)| (*index, choice.is_finished)))
    }

    fn unread_ended(&mut self, tail: Option<Frame>) -> Taken {
        if self.phase != Phase::Ended && !self.watch.is_complete(tail.as_ref()) {
            return Err(ReplyError::Truncated);
        }
        self.phase = Phase::Over;
        if let Some(tail) = tail {
            self.send(tail);
        }
        Ok(())
    }

    /// No more chunks come: what is open is judged, and then the stream ends with this frame.
    fn content_over(&mut self, frame: Option<Frame>) {
        self.phase = Phase::Closing;
        let choices: Vec<u64> = self.choices.keys().copied().collect();
        for index in &choices {
            self.end_blocks(*index, End::Before(None));
        }
        if self.wants.end {
            self.agenda.push(Task::End);
        } else {
            for choice in choices {
                self.agenda.push(Task::Close { choice });
            }
        }
        self.agenda.push(Task::Over(frame));
    }

    /// Sends the frames of which all is known.
    fn release(&mut self) {
        while let Some(queued) = self.queue.pop_ready() {
            let frames = render::frames(queued, &self.queue.fates);
            let frames = frames.into_iter().map(Frame::into_raw);
            self.steps.extend(frames.map(Step::Send));
        }
        self.queue.tidy();
    }

    /// Bytes that are held for policies.
    fn held(&self) -> usize {
        self.queue.bytes().max(self.assembled)
    }

    fn discard(&mut self) {
        self.queue.clear();
        self.agenda.clear();
        self.choices.clear();
        self.question = None;
    }

    fn send(&mut self, frame: Frame) {
        self.steps.push_back(Step::Send(frame.into_raw()));
    }

    fn ask(&mut self, question: Question, step: Step) {
        self.question = Some(question);
        self.steps.push_back(step);
    }
}

fn malformed(fault: &str) -> Taken {
    Err(ReplyError::Malformed(fault.to_owned()))
}
