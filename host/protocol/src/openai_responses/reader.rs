//! Reads the frames of a streamed reply.
//!
//! A reply says everything three times: in deltas, when an item or a part is done, and at its end. A block is told of once, as
//! soon as all of it was said. Each frame goes on in plain form: what clients might read in different ways is written anew,
//! what has no place is left out. What repeats a block and is not the same is marked, so that the writer says what was
//! judged.

mod end;
pub(super) mod items;
mod message;
mod open;
mod order;
mod part;
mod place;
mod target;
mod terminal;

pub(super) use self::{
    end::{Repeat, Repeats},
    order::Key,
    place::{Events, FrameEvents, Place},
};

use self::{
    items::Items,
    target::{Target, Targets},
};
use super::{
    RULES,
    account::Account,
    call,
    event::{Ending, Event, Form, Kind, Parsed},
    made, plain,
    response::{Response, without_content},
};
use crate::{
    ReplyError, Wants,
    json::{Span, string_field},
    reply::{
        Result,
        reading::{Event as Told, Gaps, Reader, Reading, Readings, Repeated, What},
    },
    sse::Frame,
};

/// Reads a stream of the Responses API.
#[derive(Debug)]
pub(crate) struct StreamReader {
    has_begun: bool,
    /// Whether it goes on in a reply that has begun.
    goes_on: bool,
    /// Names the reply in ids of items that have none.
    seed: String,
    items: Items,
    /// Whether upstream numbers its events.
    is_numbered: bool,
    /// Whether events were left out or put in since the last one that went on.
    is_changed: bool,
    /// How the reply ended, which some servers tell by two names.
    end: End,
}

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Well,
    Failed,
}

impl StreamReader {
    pub(crate) fn new(wants: Wants) -> Self {
        Self {
            has_begun: false,
            goes_on: false,
            seed: String::new(),
            items: Items::new(wants),
            is_numbered: true,
            is_changed: false,
            end: End::Open,
        }
    }

    /// Takes a frame that every client reads alike.
    fn take(&mut self, frame: Frame, event: Event, readings: &mut Readings<Place>) -> Result {
        if event.kind != Kind::Loose {
            self.is_numbered = event.sequence.is_some();
        }
        match event.kind {
            Kind::Created if self.has_begun => self.leave_out(&event),
            Kind::Response if self.goes_on => self.leave_out(&event),
            Kind::Terminal(ending) => return self.end_with(ending, frame, event, readings),
            kind if kind.is_about_item() => return self.take_item(frame, event, readings),
            Kind::Loose if event.sequence.is_none() => {
                let events = Events::new();
                readings.push_back(Reading { frame, events });
            }
            kind => {
                let is_response = kind != Kind::Loose;
                let value = event.value.unwrap_or_default();
                let mut events = FrameEvents::new(frame.data());
                if is_response {
                    self.begin(value, &mut events);
                    self.has_begun = true;
                }
                if !events.is_told() {
                    events.push_of_reply(What::Passes);
                }
                let events = self.told(events, event);
                readings.push_back(Reading { frame, events });
            }
        }
        Ok(())
    }

    /// All that a frame tells.
    fn told(&mut self, events: FrameEvents<'_>, mut event: Event) -> Events {
        event.follows_change = std::mem::take(&mut self.is_changed);
        events.finish(Some(event))
    }

    fn leave_out(&mut self, event: &Event) {
        self.is_changed |= event.sequence.is_some();
    }

    /// The reply begins, if it has not yet, with the response or the item at this place, if that has an id to be known by.
    fn begin(&mut self, value: Span, events: &mut FrameEvents<'_>) {
        if self.has_begun {
            return;
        }
        let id = string_field(value.bytes(events.data), "id");
        if !id.is_empty() {
            self.has_begun = true;
            self.seed = RULES.seed(&id);
            events.push_of_reply(What::Begins(id));
        }
    }

    fn take_item(
        &mut self,
        mut frame: Frame,
        mut event: Event,
        readings: &mut Readings<Place>,
    ) -> Result {
        let target = Targets(&self.items).target(&event, frame.data());
        if let Some(renamed) = self.items.renamed(target, &frame, &event) {
            (frame, event) = parsed(renamed)?;
        }
        let target = self.introduced(target, &frame, &event, readings)?;
        if target == Target::Nothing {
            self.leave_out(&event);
            return Ok(());
        }
        if let Some(named) = self.items.named(target, &frame, &event) {
            (frame, event) = parsed(named)?;
        }
        let mut behind = None;
        if let Some((mended, next)) = self.items.mended(target, &frame, &event) {
            (frame, event) = parsed(mended)?;
            behind = next;
        }
        self.tell_of_item(target, frame, event, readings);
        match behind {
            Some(behind) => self.put_in(behind, readings),
            None => Ok(()),
        }
    }

    /// What an event is about, after the start of that was put in where upstream does not tell it.
    fn introduced(
        &mut self,
        target: Target,
        frame: &Frame,
        event: &Event,
        readings: &mut Readings<Place>,
    ) -> Result<Target> {
        let (data, number) = (frame.data(), event.item.map_or(0, |item| item.value));
        let is_done = event.kind == Kind::ItemDone && self.items.acts();
        let told = match target {
            Target::Untold => {
                let id = event.id.and_then(|id| id.string(data));
                let count = self.items.items.len();
                let id = id.filter(|id| !id.is_empty());
                let id = id.unwrap_or_else(|| format!("msg_{}_{count}", self.seed));
                let place = made::Place {
                    item_id: &id,
                    item: number,
                    part: event.part.map_or(0, |part| part.value),
                };
                let added = made::open_message(&id);
                let added = made::item_event("response.output_item.added", place, &added);
                let part = made::begun_part(event.kind);
                let part =
                    part.map(|part| made::part_event("response.content_part.added", place, &part));
                std::iter::once(added).chain(part).collect()
            }
            Target::New if is_done => {
                let json = event.value.unwrap_or_default().text(data);
                call::events_before_end(json, number)
            }
            target => return Ok(target),
        };
        for told in told {
            self.put_in(told, readings)?;
        }
        Ok(Targets(&self.items).target(event, data))
    }

    fn tell_of_item(
        &mut self,
        target: Target,
        frame: Frame,
        event: Event,
        readings: &mut Readings<Place>,
    ) {
        let begins = matches!(event.kind, Kind::ItemAdded | Kind::ItemDone);
        let mut events = FrameEvents::new(frame.data());
        if begins {
            self.begin(event.value.unwrap_or_default(), &mut events);
        }
        self.items.take(target, &event, &mut events);
        let events = self.told(events, event);
        readings.push_back(Reading { frame, events });
    }

    /// Reads a frame of our own making.
    fn put_in(&mut self, frame: Frame, readings: &mut Readings<Place>) -> Result {
        self.is_changed = true;
        let (frame, event) = parsed(self.of_ours(frame))?;
        self.take_item(frame, event, readings)?;
        self.is_changed = true;
        Ok(())
    }

    /// A frame of our own making, numbered if upstream numbers its own.
    fn of_ours(&self, frame: Frame) -> Frame {
        match self.is_numbered {
            true => frame,
            false => made::without_number(&frame),
        }
    }
}

impl Reader for StreamReader {
    type Place = Place;

    type Account = Account;

    fn anew(&self, wants: Wants) -> Self {
        Self::new(wants)
    }

    fn go_on(&mut self) {
        let mut items = Items::new(self.items.wants);
        items.order = self.items.order.begin_next();
        *self = Self {
            has_begun: true,
            goes_on: true,
            seed: std::mem::take(&mut self.seed),
            items,
            is_numbered: self.is_numbered,
            is_changed: true,
            end: End::Open,
        };
    }

    fn read(&mut self, frame: Frame, readings: &mut Readings<Place>) -> Result {
        let Parsed { event, form } = Parsed::read(&frame).map_err(ReplyError::Malformed)?;
        if form == Form::Plain {
            return self.take(frame, event, readings);
        }
        let missing = Targets(&self.items).missing(&event);
        let sequence = event.clone();
        let parsed = Parsed { event, form };
        let written = plain::frame(&frame, &parsed, missing);
        let read = written.map(|frame| Ok((Parsed::read(&frame)?, frame)));
        match read.transpose().map_err(ReplyError::Malformed)? {
            Some((parsed, frame)) if parsed.form == Form::Plain => {
                self.take(frame, parsed.event, readings)
            }
            _ => {
                self.leave_out(&sequence);
                Ok(())
            }
        }
    }

    fn end(&mut self, _: Option<Frame>, _: &mut Readings<Place>) -> Result {
        Err(ReplyError::Truncated)
    }

    fn fail(&mut self) -> Events {
        let mut events = FrameEvents::new(&[]);
        self.items.close(&mut events);
        events.push_of_reply(What::Fails);
        events.finish(None)
    }

    fn is_loose(&self, frame: &Frame) -> bool {
        let parsed = Parsed::read(frame);
        parsed.is_ok_and(|parsed| parsed.event.kind == Kind::Loose && parsed.form == Form::Plain)
    }

    fn behind(&self, frame: Frame) -> Option<Frame> {
        if self.is_loose(&frame) {
            return Some(frame);
        }
        let parsed = Parsed::read(&frame).ok()?;
        let frame = plain::frame(&frame, &parsed, plain::Numbers::default())?;
        let Parsed { event, form } = Parsed::read(&frame).ok()?;
        let ends: &[Ending] = match self.end {
            End::Open => &[],
            End::Well => &[Ending::Completed, Ending::Incomplete, Ending::Done],
            End::Failed => &[Ending::Failed, Ending::Incomplete],
        };
        let is_end = ends.iter().any(|end| event.kind == Kind::Terminal(*end));
        if form != Form::Plain || !is_end {
            return None;
        }
        let response = event.value.unwrap_or_default().text(frame.data());
        let is_said = Response::parse(response).is_ok_and(|response| self.agrees(&response));
        match self.end == End::Well && is_said {
            true => Some(frame),
            false => Some(without_content(frame, &event)),
        }
    }

    fn held(&self) -> usize {
        self.items.size()
    }

    fn repeatable(&self, _: &Frame, told: &Told<Place>) -> Option<Gaps> {
        let event = told.place.event.as_deref()?;
        let (item, part) = (told.place.item?, told.place.part);
        let is_unread = self.items.is_unchecked(item);
        let is_like = event.kind.is_delta() && !self.items.has_half(item, part);
        is_like.then(|| gaps(event, is_unread))
    }

    fn repeat(&mut self, told: &Told<Place>, repeated: &Repeated<'_>) -> Result<Option<Events>> {
        let data = repeated.frame.data();
        let event = told.place.event.as_deref();
        let event = event.and_then(|event| event.moved(data, |span| repeated.span(span)));
        let Some(event) = event else {
            return Ok(None);
        };
        let target = Targets(&self.items).target(&event, data);
        if !matches!(target, Target::Item(..)) {
            return Ok(None);
        }
        let mut events = FrameEvents::new(data);
        self.items.take(target, &event, &mut events);
        Ok(Some(events.finish(Some(event))))
    }
}

/// A plain frame with its event.
fn parsed(frame: Frame) -> Result<(Frame, Event)> {
    let Parsed { event, .. } = Parsed::read(&frame).map_err(ReplyError::Malformed)?;
    Ok((frame, event))
}

/// Where a delta has its text and its number.
pub(super) fn gaps(event: &Event, are_free: bool) -> Gaps {
    Gaps {
        text: event.value,
        number: event.number_span(),
        are_free,
    }
}
