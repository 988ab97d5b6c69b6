//! Reads the frames of a streamed reply.
//!
//! A reply says everything three times: in deltas, when an item or a part is done, and at its end. A block is told of once, as
//! soon as all of it was said; what repeats it has no say but that it may not differ.

pub(super) mod items;
mod part;

use self::items::Items;
use super::{
    event::{Ending, Event, Kind},
    item::{is_wanted, kind_of},
    response::Response,
};
use crate::{
    ReplyError, Wants,
    json::Span,
    reply::reading::{
        BlockId, Event as Told, Gaps, Reader, Reading, Readings, Repeated, What, malformed,
    },
    sse::Frame,
};

/// Where in a frame something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// What the frame is; there with the first thing that it says. A whole body is no event.
    pub(super) event: Option<Box<Event>>,
    /// Upstream's number of the item, and of the part of a message.
    pub(super) item: Option<u64>,
    pub(super) part: Option<u64>,
    /// The JSON of the item or part. Empty where it is not in the frame.
    pub(super) value: Span,
    /// Whether what the end of the reply repeats is not what came.
    pub(super) differs: bool,
}

pub(super) type Events = crate::reply::reading::Events<Place>;

/// What goes with a frame: what it tells, or why the reply can't go on.
pub(super) type Taken<T = ()> = Result<T, ReplyError>;

/// What a frame tells, as it is found.
#[derive(Debug)]
pub(super) struct FrameEvents<'a> {
    pub(super) data: &'a [u8],
    event: Option<Box<Event>>,
    events: Events,
}

impl<'a> FrameEvents<'a> {
    pub(super) fn new(data: &'a [u8], event: Option<Event>) -> Self {
        Self {
            data,
            event: event.map(Box::new),
            events: Events::new(),
        }
    }

    /// Tells of something at a place, which may leave out the event.
    pub(super) fn push(&mut self, block: BlockId, place: Place, what: What) {
        let place = Place {
            event: self.event.take(),
            ..place
        };
        self.events.push(Told {
            choice: 0,
            block,
            place,
            what,
        });
    }

    pub(super) fn is_told(&self) -> bool {
        !self.events.is_empty()
    }

    /// Tells of the reply as a whole.
    pub(super) fn push_of_reply(&mut self, what: What) {
        self.push(0, Place::default(), what);
    }

    pub(super) fn finish(self) -> Events {
        self.events
    }
}

/// Reads a stream of the Responses API.
#[derive(Debug)]
pub(crate) struct StreamReader {
    wants: Wants,
    has_begun: bool,
    items: Items,
}

impl StreamReader {
    pub(crate) fn new(wants: Wants) -> Self {
        Self {
            wants,
            has_begun: false,
            items: Items::new(wants),
        }
    }

    fn events(&mut self, data: &[u8], event: Event) -> Taken<Events> {
        self.check_strays(data, &event)?;
        let mut events = FrameEvents::new(data, Some(event));
        let value = event.value.unwrap_or_default();
        match (event.kind, event.item) {
            (Kind::Terminal(ending), _) => self.end(ending, &event, &mut events)?,
            (Kind::Response, _) => {
                let response = Response::parse(value.text(data)).map_err(ReplyError::Malformed)?;
                if response.is_wanted(&self.wants) {
                    return malformed("a response has content before its items");
                }
                let first = !std::mem::replace(&mut self.has_begun, true);
                events.push_of_reply(match first {
                    true => What::Begins(response.id),
                    false => What::Passes,
                });
            }
            (Kind::Loose, _) | (_, None) if event.sequence.is_none() => {}
            (Kind::Loose, _) | (_, None) => events.push_of_reply(What::Passes),
            (_, Some(item)) => self.items.take(item.value, &event, &mut events)?,
        }
        Ok(events.finish())
    }

    fn end(&mut self, ending: Ending, event: &Event, events: &mut FrameEvents<'_>) -> Taken {
        let json = event.value.unwrap_or_default();
        let response = Response::parse(json.text(events.data));
        let response = match (response, ending) {
            (Err(fault), _) if event.value.is_some() => return Err(ReplyError::Malformed(fault)),
            (Ok(response), Ending::Error) if response.is_wanted(&self.wants) => {
                return malformed("an error has content");
            }
            (response, _) => response.ok(),
        };
        if let Ending::Failed | Ending::Error = ending {
            self.items.close(events);
            let differs = response.is_some_and(|response| !self.agrees(&response));
            let place = Place {
                differs: differs && ending == Ending::Failed,
                ..Place::default()
            };
            events.push(0, place, What::Fails);
            return Ok(());
        }
        let mut reason = String::new();
        if let Some(response) = response {
            let start = json.start;
            let items = response.items.iter().map(|item| item.shifted(start));
            self.items.repeat(&items.collect::<Vec<_>>(), events)?;
            if !response.is_plain(&self.wants) {
                return malformed("its texts are not those of its items");
            }
            reason = response.stop_reason();
        }
        self.items.finish(events)?;
        events.push_of_reply(What::Finishes(reason));
        events.push_of_reply(What::Ends);
        Ok(())
    }

    /// Whether a response repeats what came, as far as policies judge it.
    fn agrees(&self, response: &Response<'_>) -> bool {
        response.is_plain(&self.wants) && self.items.agree(response)
    }

    /// Err where an event carries what policies judge, and its kind is none that does.
    fn check_strays(&self, data: &[u8], event: &Event) -> Taken {
        let [item, response] = event.strays.map(|stray| {
            let json = stray?.text(data);
            json.starts_with('{').then_some(json)
        });
        let item = item.is_some_and(|item| kind_of(item).is_err() || is_wanted(item, &self.wants));
        let response = response.is_some_and(|response| {
            let response = Response::parse(response);
            response.is_err() || response.is_ok_and(|response| response.is_wanted(&self.wants))
        });
        match self.wants.judge_any() && (item || response) {
            true => malformed("an event has content that its kind does not have"),
            false => Ok(()),
        }
    }
}

impl Reader for StreamReader {
    type Place = Place;

    fn read(&mut self, frame: Frame, readings: &mut Readings<Place>) -> Taken {
        let event = Event::parse(&frame).map_err(ReplyError::Malformed)?;
        let events = self.events(frame.data(), event)?;
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    fn end(&mut self, _: Option<Frame>, _: &mut Readings<Place>) -> Taken {
        Err(ReplyError::Truncated)
    }

    fn is_loose(&self, frame: &Frame) -> bool {
        Event::parse(frame).is_ok_and(|event| event.kind == Kind::Loose)
    }

    fn held(&self) -> usize {
        self.items.size()
    }

    fn repeatable(&self, _: &Frame, told: &Told<Place>) -> Option<Gaps> {
        let event = told.place.event.as_deref()?;
        let is_read = self.items.is_checked(event.item?.value);
        event.kind.is_delta().then(|| gaps(event, !is_read))
    }

    fn repeat(&mut self, told: &Told<Place>, repeated: &Repeated<'_>) -> Taken<Option<Events>> {
        let data = repeated.frame.data();
        let event = told.place.event.as_deref();
        let event = event.and_then(|event| event.moved(data, |span| repeated.span(span)));
        let Some((event, item)) = event.and_then(|event| Some((event, event.item?))) else {
            return Ok(None);
        };
        let mut events = FrameEvents::new(data, Some(event));
        self.items.take(item.value, &event, &mut events)?;
        Ok(Some(events.finish()))
    }
}

/// Where a delta has its text and its number.
pub(super) fn gaps(event: &Event, are_free: bool) -> Gaps {
    Gaps {
        text: event.value,
        number: event.number_span(),
        are_free,
    }
}
