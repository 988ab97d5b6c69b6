//! Reads the chunks of a streamed reply.
//!
//! Each goes on in plain form: a chunk that clients might read in different ways is written anew, what has no place in the API
//! is left out.

mod call;
mod choice;
mod choices;
mod finishing;
mod letters;
mod numbering;
mod telling;
mod texts;

pub(super) use self::{choices::Choices, numbering::Placed};

use self::{finishing::Finishing, letters::Letters};
use super::{
    account::Account,
    chunk::{Chunk, Event, Form, Parsed},
    made::done,
    place::{Piece, Place},
    plain,
};
use crate::{
    Limits, ReplyError, Wants,
    reply::reading::{self, Gaps, Reading, Readings, Repeated},
    sse::Frame,
};

/// Reads a stream of the Chat Completions API.
#[derive(Debug)]
pub(crate) struct StreamReader {
    choices: Choices,
    /// The end of a choice, as long as it may not be the end.
    finishing: Finishing,
    /// Halves of letters that come in two chunks.
    letters: Letters,
    /// Whether it goes on in a reply that has begun.
    goes_on: bool,
}

type Events = reading::Events<Place>;

impl StreamReader {
    pub(super) fn new(wants: Wants, limits: Limits) -> Self {
        Self {
            choices: Choices::new(Form::Delta, wants, limits),
            finishing: Finishing::new(wants),
            letters: Letters::default(),
            goes_on: false,
        }
    }

    fn chunk(
        &mut self,
        frame: Frame,
        mut chunk: Chunk,
        is_plain: bool,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        let placed = self.choices.place(frame.data(), &chunk)?;
        let is_placed = |placed: &Option<Placed>| placed.as_ref().is_some_and(|at| at.is_plain);
        let is_asked = chunk
            .choices
            .iter()
            .all(|entry| self.choices.is_asked(entry));
        if is_plain && is_asked && placed.iter().all(is_placed) {
            return self.take(frame, Event::Chunk(chunk), readings);
        }
        let envelope = self.choices.envelope.of(frame.data(), &chunk);
        chunk.choices.retain(|entry| self.choices.is_asked(entry));
        for frame in plain::chunks(frame.data(), &chunk, &placed, &envelope) {
            if let Some(event) = Event::of(&frame) {
                self.take(frame, event, readings)?;
            }
        }
        Ok(())
    }

    /// Takes a plain frame, once it is known whether the choices that finish in those before it do.
    fn take(
        &mut self,
        frame: Frame,
        event: Event,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        if self.finishing.passes(&event) {
            return self.tell(frame, &event, readings);
        }
        for (frame, event) in self.finishing.take(frame, event) {
            if matches!(event, Event::Done) {
                self.finish_left(readings)?;
            }
            self.tell(frame, &event, readings)?;
        }
        Ok(())
    }

    /// Tells what a frame says.
    fn tell(
        &mut self,
        frame: Frame,
        event: &Event,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        let events = match event {
            Event::Loose => Events::new(),
            Event::Done => self.choices.over(),
            Event::Error(_) => self.choices.failed(),
            Event::Chunk(chunk) => self.choices.take(frame.data(), chunk)?,
        };
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    /// No frames come behind those that wait for the next one.
    fn finish(&mut self, readings: &mut Readings<Place>) -> Result<(), ReplyError> {
        for (frame, event) in self.finishing.end() {
            self.tell(frame, &event, readings)?;
        }
        self.finish_left(readings)
    }

    /// Finishes the choices that went on behind their last finish reason.
    fn finish_left(&mut self, readings: &mut Readings<Place>) -> Result<(), ReplyError> {
        for (choice, reason) in self.finishing.left() {
            let frame = self.choices.envelope.chunk(choice, "", Some(&reason));
            if let Some(event) = Event::of(&frame) {
                self.tell(frame, &event, readings)?;
            }
        }
        Ok(())
    }
}

impl reading::Reader for StreamReader {
    type Place = Place;

    type Account = Account;

    fn anew(&self, wants: Wants) -> Self {
        Self::new(wants, self.choices.limits())
    }

    fn go_on(&mut self) {
        let mut next = Self::new(self.choices.wants(), self.choices.limits());
        next.choices.envelope = self.choices.envelope.clone();
        next.goes_on = true;
        *self = next;
    }

    fn read(&mut self, frame: Frame, readings: &mut Readings<Place>) -> Result<(), ReplyError> {
        let frame = self.letters.joined(frame, &self.choices);
        let frame = match self.goes_on {
            true => self.choices.envelope.named(frame),
            false => frame,
        };
        let Parsed { event, is_plain } = Parsed::read(&frame).map_err(ReplyError::Malformed)?;
        let frame = match &event {
            Event::Chunk(_) => frame,
            _ if is_plain => frame,
            Event::Done => done(),
            Event::Error(chunk) => Frame::new("", &plain::error(frame.data(), chunk.error)),
            Event::Loose => return Ok(()),
        };
        match event {
            Event::Chunk(chunk) => self.chunk(frame, chunk, is_plain, readings),
            event => self.take(frame, event, readings),
        }
    }

    /// Some servers send no `[DONE]`.
    fn end(
        &mut self,
        tail: Option<Frame>,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        self.finish(readings)?;
        let event = tail.as_ref().map(Event::of);
        match (event, tail) {
            (Some(Some(Event::Done | Event::Error(_))), Some(tail)) => self.read(tail, readings),
            (None | Some(Some(Event::Loose)), tail) if self.choices.are_complete() => {
                let tail = tail.filter(|tail| self.is_loose(tail));
                let frame = tail.unwrap_or_else(|| Frame::body(bytes::Bytes::new()));
                let events = self.choices.over();
                readings.push_back(Reading { frame, events });
                Ok(())
            }
            // Nothing of our own could follow a frame that is cut off.
            _ => Err(ReplyError::Truncated),
        }
    }

    fn fail(&mut self) -> Events {
        self.choices.failed()
    }

    fn left(&mut self) -> Events {
        self.choices.over()
    }

    fn is_loose(&self, frame: &Frame) -> bool {
        // An error is followed by the end of the stream.
        let parsed = Parsed::read(frame);
        parsed.is_ok_and(|parsed| {
            parsed.is_plain && matches!(parsed.event, Event::Loose | Event::Done)
        })
    }

    fn held(&self) -> usize {
        self.choices.held() + self.finishing.held()
    }

    fn repeatable(&self, _: &Frame, event: &reading::Event<Place>) -> Option<Gaps> {
        if self.letters.are_pending() {
            return None;
        }
        let are_free = match event.place.piece {
            Piece::Text(field) => self.choices.has_said(event.choice, field)?,
            Piece::Call { is_bare, .. } if is_bare => true,
            _ => return None,
        };
        Some(Gaps {
            text: Some(event.place.value?),
            number: None,
            are_free,
        })
    }

    fn repeat(
        &mut self,
        event: &reading::Event<Place>,
        repeated: &Repeated<'_>,
    ) -> Result<Option<Events>, ReplyError> {
        match event.place.value {
            Some(value) if !self.letters.are_pending() => {
                let value = repeated.span(value);
                self.choices.repeat(event, repeated.frame.data(), value)
            }
            _ => Ok(None),
        }
    }
}
