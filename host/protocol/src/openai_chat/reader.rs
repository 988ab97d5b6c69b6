//! Reads the chunks of a streamed reply, or a whole one as one chunk.

mod call;
mod choice;
mod letters;
mod telling;

use std::collections::BTreeMap;

use self::{choice::Choice, letters::Letters, telling::Telling};
use super::{
    MAX_CHOICES,
    chunk::{Chunk, Entry, Event, Form, is_done},
    made::Envelope,
    place::{Piece, Place},
    watch::{Watch, are_complete},
};
use crate::{
    ReplyError, Wants,
    reply::reading::{self, BlockId, Gaps, Reading, Readings, Repeated, Watched, What, malformed},
    sse::Frame,
};

/// Reads a reply of the Chat Completions API.
#[derive(Debug)]
pub(crate) struct Reader {
    form: Form,
    wants: Wants,
    envelope: Envelope,
    choices: BTreeMap<u64, Choice>,
    blocks: BlockId,
    /// Halves of letters that come in two chunks.
    letters: Letters,
    /// Where frames are not read.
    watch: Watch,
}

type Events = reading::Events<Place>;

impl Reader {
    pub(super) fn new(form: Form, wants: Wants) -> Self {
        Self {
            form,
            wants,
            envelope: Envelope::default(),
            choices: BTreeMap::new(),
            blocks: 0,
            letters: Letters::default(),
            watch: Watch::default(),
        }
    }

    fn events(&mut self, frame: &Frame) -> Result<Events, ReplyError> {
        let data = frame.data();
        if self.form == Form::Message {
            return self.body(data);
        }
        match Event::parse(frame).map_err(ReplyError::Malformed)? {
            Event::Loose => Ok(Events::new()),
            Event::Done => Ok(self.over()),
            Event::Error(chunk) => self.failed(&chunk),
            Event::Chunk(chunk) => self.chunk(data, &chunk),
        }
    }

    fn body(&mut self, body: &[u8]) -> Result<Events, ReplyError> {
        if str::from_utf8(body).is_err() {
            return malformed("it is not UTF-8");
        }
        let chunk = Chunk::parse(body, Form::Message);
        let chunk = chunk.map_err(|fault| ReplyError::Malformed(fault.to_string()))?;
        if !chunk.has_choices {
            return match chunk.is_error {
                true => self.failed(&chunk),
                false => malformed("it has no choices"),
            };
        }
        let mut events = self.chunk(body, &chunk)?;
        self.telling(&[], &mut events).tell_whole(What::Ends);
        Ok(events)
    }

    fn chunk(&mut self, data: &[u8], chunk: &Chunk) -> Result<Events, ReplyError> {
        let mut events = Events::new();
        if self.envelope.follow(data, chunk) {
            let id = self.envelope.id();
            self.telling(data, &mut events).tell_whole(What::Begins(id));
        }
        for (at, entry) in chunk.choices.iter().enumerate() {
            self.check(entry)?;
            let choice = self.choices.entry(entry.index).or_default();
            let mut telling = Telling {
                form: self.form,
                wants: self.wants,
                data,
                choice: entry.index,
                entry: Some(at),
                blocks: &mut self.blocks,
                events: &mut events,
            };
            choice.take(entry, &mut telling)?;
        }
        Ok(events)
    }

    fn check(&self, entry: &Entry) -> Result<(), ReplyError> {
        if entry.index >= MAX_CHOICES {
            return malformed("it has too many choices");
        }
        match entry.unjudgeable(&self.wants) {
            Some(fault) => malformed(fault),
            None => Ok(()),
        }
    }

    /// No more chunks come.
    fn over(&mut self) -> Events {
        let mut events = Events::new();
        self.each_choice(&mut events, Choice::end);
        self.telling(&[], &mut events).tell_whole(What::Ends);
        events
    }

    fn failed(&mut self, chunk: &Chunk) -> Result<Events, ReplyError> {
        let has_blocks =
            |entry: &Entry| entry.content.is_some() || entry.parts.is_some() || entry.has_calls();
        if chunk.choices.iter().any(has_blocks) {
            return malformed("its error has content");
        }
        let mut events = Events::new();
        self.each_choice(&mut events, Choice::break_off);
        self.telling(&[], &mut events).tell_whole(What::Fails);
        Ok(events)
    }

    fn each_choice(&mut self, events: &mut Events, end: fn(&mut Choice, &mut Telling<'_>)) {
        for (index, choice) in &mut self.choices {
            let mut telling = Telling {
                form: self.form,
                wants: self.wants,
                data: &[],
                choice: *index,
                entry: None,
                blocks: &mut self.blocks,
                events,
            };
            end(choice, &mut telling);
        }
    }

    /// Tells what is about no choice.
    fn telling<'a>(&'a mut self, data: &'a [u8], events: &'a mut Events) -> Telling<'a> {
        Telling {
            form: self.form,
            wants: self.wants,
            data,
            choice: 0,
            entry: None,
            blocks: &mut self.blocks,
            events,
        }
    }

    /// Some servers send no `[DONE]`.
    fn are_choices_complete(&self) -> bool {
        let choices = self.choices.iter();
        are_complete(choices.map(|(index, choice)| (*index, choice.is_finished())))
    }
}

impl reading::Reader for Reader {
    type Place = Place;

    fn read(&mut self, frame: Frame, readings: &mut Readings<Place>) -> Result<(), ReplyError> {
        let frame = match self.form {
            Form::Delta => self.letters.joined(frame),
            Form::Message => frame,
        };
        let events = self.events(&frame)?;
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    fn end(
        &mut self,
        tail: Option<Frame>,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        let event = tail.as_ref().map(Event::parse);
        let events = match event {
            _ if self.form == Form::Message => return Err(ReplyError::Truncated),
            Some(Ok(Event::Done)) => self.over(),
            Some(Ok(Event::Error(chunk))) => self.failed(&chunk)?,
            None | Some(Ok(Event::Loose)) if self.are_choices_complete() => self.over(),
            // Nothing of our own could follow a frame that is cut off.
            _ => return Err(ReplyError::Truncated),
        };
        let frame = tail.unwrap_or_else(|| Frame::body(bytes::Bytes::new()));
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    fn is_loose(&self, frame: &Frame) -> bool {
        // An error is followed by the end of the stream.
        matches!(Event::parse(frame), Ok(Event::Loose | Event::Done))
    }

    fn watch(&mut self, frame: &Frame, is_template_wanted: bool) -> Watched {
        if self.form == Form::Message || is_done(frame) {
            return Watched::Ends;
        }
        if frame.is_loose() {
            return Watched::Passes;
        }
        self.watch.see(frame);
        // A frame that only adds to a choice that has begun makes no difference.
        if is_template_wanted
            && let Ok(Event::Chunk(chunk)) = Event::parse(frame)
            && let Some((choice, text)) = chunk.sole_piece()
            && self.watch.knows(choice)
        {
            return Watched::Repeats(Gaps {
                text,
                number: None,
                are_free: true,
            });
        }
        Watched::Passes
    }

    fn is_complete(&self, tail: Option<&Frame>) -> bool {
        self.watch.is_complete(tail)
    }

    fn held(&self) -> usize {
        self.choices.values().map(Choice::held).sum()
    }

    fn repeatable(&self, _: &Frame, event: &reading::Event<Place>) -> Option<Gaps> {
        if self.letters.are_pending() {
            return None;
        }
        let are_free = match event.place.piece {
            Piece::Text(field) => self.choices.get(&event.choice)?.has_said(field),
            // Without an index each piece would count as another call.
            Piece::Call { index, is_bare, .. } if index.is_some() && is_bare => true,
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
        let Place {
            entry,
            piece,
            value: Some(value),
        } = event.place
        else {
            return Ok(None);
        };
        let Some(choice) = self.choices.get_mut(&event.choice) else {
            return Ok(None);
        };
        if self.letters.are_pending() {
            return Ok(None);
        }
        let mut events = Events::new();
        let mut telling = Telling {
            form: self.form,
            wants: self.wants,
            data: repeated.frame.data(),
            choice: event.choice,
            entry,
            blocks: &mut self.blocks,
            events: &mut events,
        };
        choice.repeat(piece, repeated.span(value), &mut telling)?;
        Ok(Some(events))
    }
}
