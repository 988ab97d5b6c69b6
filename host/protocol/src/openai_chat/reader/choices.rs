//! The choices of a reply as far as they have come, streamed or whole.

use std::collections::BTreeMap;

use super::{Events, choice::Choice, numbering::Placed, telling::Telling};
use crate::{
    Limits, ReplyError, Wants,
    json::Span,
    openai_chat::{
        MAX_CHOICES,
        chunk::{Chunk, Entry, Form},
        made::Envelope,
        place::{Field, Place},
        watch::are_complete,
    },
    reply::reading::{BlockId, Event, What},
};

/// The choices of a reply, and what its chunks say alike.
#[derive(Debug)]
pub(in crate::openai_chat) struct Choices {
    form: Form,
    wants: Wants,
    pub(super) envelope: Envelope,
    choices: BTreeMap<u64, Choice>,
    limits: Limits,
    blocks: BlockId,
}

impl Choices {
    pub(in crate::openai_chat) fn new(form: Form, wants: Wants, limits: Limits) -> Self {
        Self {
            form,
            wants,
            envelope: Envelope::default(),
            choices: BTreeMap::new(),
            limits,
            blocks: 0,
        }
    }

    /// Whether a choice is one that the request asked for.
    pub(in crate::openai_chat) fn is_asked(&self, entry: &Entry) -> bool {
        entry.index < self.limits.choices.min(MAX_CHOICES)
    }

    pub(super) fn wants(&self) -> Wants {
        self.wants
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// The places of the pieces of calls in a chunk, in their order. `None` for one that waits for its call's name.
    pub(super) fn place(
        &mut self,
        data: &[u8],
        chunk: &Chunk,
    ) -> Result<Vec<Option<Placed>>, ReplyError> {
        let mut placed = Vec::new();
        for entry in &chunk.choices {
            if entry.has_calls() && self.is_asked(entry) {
                let choice = self.choices.entry(entry.index).or_default();
                choice.numbering.place_all(data, entry, &mut placed)?;
            }
        }
        Ok(placed)
    }

    /// What a chunk in plain form says, or a whole body.
    pub(in crate::openai_chat) fn take(
        &mut self,
        data: &[u8],
        chunk: &Chunk,
    ) -> Result<Events, ReplyError> {
        let mut events = Events::new();
        if self.envelope.follow(data, chunk) {
            let id = self.envelope.id();
            self.telling(data, &mut events).tell_whole(What::Begins(id));
        }
        for (at, entry) in chunk.choices.iter().enumerate() {
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

    /// What a chunk says that is like one that says just `event`, but for what is written at `value`. `None` where that
    /// can't be told.
    pub(super) fn repeat(
        &mut self,
        event: &Event<Place>,
        data: &[u8],
        value: Span,
    ) -> Result<Option<Events>, ReplyError> {
        let Some(choice) = self.choices.get_mut(&event.choice) else {
            return Ok(None);
        };
        let mut events = Events::new();
        let mut telling = Telling {
            form: self.form,
            wants: self.wants,
            data,
            choice: event.choice,
            entry: event.place.entry,
            blocks: &mut self.blocks,
            events: &mut events,
        };
        choice.repeat(event.place.piece, value, &mut telling)?;
        Ok(Some(events))
    }

    /// No more comes.
    pub(in crate::openai_chat) fn over(&mut self) -> Events {
        let mut events = Events::new();
        self.each(&mut events, Choice::end);
        self.telling(&[], &mut events).tell_whole(What::Ends);
        events
    }

    /// Upstream has failed.
    pub(in crate::openai_chat) fn failed(&mut self) -> Events {
        let mut events = Events::new();
        self.each(&mut events, Choice::break_off);
        self.telling(&[], &mut events).tell_whole(What::Fails);
        events
    }

    /// Whether each has a finish reason, and none is missing.
    pub(super) fn are_complete(&self) -> bool {
        let choices = self.choices.iter();
        are_complete(choices.map(|(index, choice)| (*index, choice.is_finished())))
    }

    /// Whether a text of a choice makes no difference here. `None` where the choice has not begun.
    pub(super) fn has_said(&self, choice: u64, field: Field) -> Option<bool> {
        Some(self.choices.get(&choice)?.has_said(field))
    }

    /// Bytes that are kept.
    pub(super) fn held(&self) -> usize {
        self.choices.values().map(Choice::held).sum()
    }

    fn each(&mut self, events: &mut Events, end: fn(&mut Choice, &mut Telling<'_>)) {
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
}
