//! Reads the frames of a streamed reply.

use super::{
    assembly::{Assembly, reply_kind},
    event::{Delta, Event, Index},
};
use crate::{
    BlockKind, Delivery, ReplyError, Wants,
    json::{Fault, Span, fields},
    reply::reading::{BlockId, Event as Told, Gaps, Reader, Reading, Readings, Watched, What},
    sse::Frame,
};

/// Where in a frame something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The index of a block's event.
    pub(super) index: Option<Index>,
    /// The JSON of a block's start, the string of a text, or the stop reason.
    pub(super) value: Option<Span>,
}

/// Reads a stream of the Messages API.
#[derive(Debug)]
pub(crate) struct StreamReader {
    wants: Wants,
    phase: Phase,
    open: Option<Open>,
    last_index: Option<u64>,
    blocks: BlockId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Before `message_start`.
    Start,
    /// Blocks come.
    Content,
    /// No more blocks.
    Closing,
}

/// A block between its start and its stop.
#[derive(Debug)]
struct Open {
    id: BlockId,
    index: u64,
    kind: BlockKind,
    /// There where policies want to see the block.
    assembly: Option<Assembly>,
}

type Events = crate::reply::reading::Events<Place>;

impl StreamReader {
    pub(crate) fn new(wants: Wants) -> Self {
        Self {
            wants,
            phase: Phase::Start,
            open: None,
            last_index: None,
            blocks: 0,
        }
    }

    fn events(&mut self, frame: &Frame) -> Result<Events, ReplyError> {
        let data = frame.data();
        let event = Event::parse(frame).map_err(ReplyError::Malformed)?;
        let mut events = Events::new();
        match (self.phase, event) {
            (_, Event::Loose) => {}
            (_, Event::Error) => {
                let open = self.open.take();
                events.extend(open.map(|open| open.told(Place::default(), What::Closes(None))));
                events.push(told(0, Place::default(), What::Fails));
            }
            (Phase::Start, Event::MessageStart { id }) => {
                self.phase = Phase::Content;
                events.push(told(0, Place::default(), What::Begins(id)));
            }
            (Phase::Content, Event::BlockStart { index, block }) => {
                self.start(data, index, block, &mut events)?;
            }
            (Phase::Content, Event::BlockDelta { index, delta }) => {
                events.push(self.delta(data, index, delta)?);
            }
            (Phase::Content, Event::BlockStop { index }) => events.push(self.stop(index)?),
            (Phase::Content, Event::MessageDelta { .. } | Event::MessageStop)
                if self.open.is_some() =>
            {
                return malformed("the reply ends inside a block");
            }
            (Phase::Content | Phase::Closing, Event::MessageDelta { stop_reason }) => {
                self.phase = Phase::Closing;
                let reason = stop_reason.and_then(|at| at.string(data));
                let place = Place {
                    index: None,
                    value: stop_reason,
                };
                let what = What::Finishes(reason.unwrap_or_default());
                events.push(told(0, place, what));
            }
            (Phase::Content | Phase::Closing, Event::MessageStop) => {
                if self.phase == Phase::Content {
                    let what = What::Finishes(String::new());
                    events.push(told(0, Place::default(), what));
                }
                events.push(told(0, Place::default(), What::Ends));
            }
            _ => return malformed("its events are out of order"),
        }
        Ok(events)
    }

    fn start(
        &mut self,
        data: &[u8],
        index: Index,
        block: Span,
        events: &mut Events,
    ) -> Result<(), ReplyError> {
        if self.open.is_some() {
            return malformed("a block starts inside another");
        }
        let ascends = self.last_index.is_none_or(|last| last < index.value);
        if !ascends || index.value > u64::from(u32::MAX) {
            return malformed("a block's index does not ascend");
        }
        self.last_index = Some(index.value);
        let json = block.text(data);
        let kind = reply_kind(json).map_err(unreadable)?;
        self.blocks += 1;
        let open = Open {
            id: self.blocks,
            index: index.value,
            kind,
            assembly: self.is_assembled(kind).then(|| Assembly::new(json)),
        };
        let place = |value| Place {
            index: Some(index),
            value,
        };
        events.push(open.told(place(Some(block)), What::Opens(kind)));
        if kind == BlockKind::Text
            && let Some((text, at)) = start_text(data, block)
        {
            events.push(open.told(place(Some(at)), What::Grows(text)));
        }
        self.open = Some(open);
        Ok(())
    }

    fn delta(&mut self, data: &[u8], index: Index, delta: Span) -> Result<Told<Place>, ReplyError> {
        let open = match &mut self.open {
            Some(open) if open.index == index.value => open,
            _ => return malformed("a delta is for a block that is not open"),
        };
        let mut place = Place {
            index: Some(index),
            value: Delta::said(data, delta),
        };
        if open.kind != BlockKind::Text && open.assembly.is_none() {
            return Ok(open.told(place, What::Grows(String::new())));
        }
        let delta = Delta::parse(data, delta).map_err(unreadable)?;
        if let Some(assembly) = &mut open.assembly {
            assembly.add(&delta);
        }
        let said = match delta {
            Delta::Text(text, at) if open.kind == BlockKind::Text => {
                place.value = Some(at);
                text
            }
            _ => String::new(),
        };
        Ok(open.told(place, What::Grows(said)))
    }

    fn stop(&mut self, index: Index) -> Result<Told<Place>, ReplyError> {
        let Some(open) = self.open.take_if(|open| open.index == index.value) else {
            return malformed("a block stops that is not open");
        };
        let place = Place {
            index: Some(index),
            value: None,
        };
        let (choice, block) = (0, open.id);
        let what = What::Closes(open.assembly.map(Assembly::finish));
        Ok(Told {
            choice,
            block,
            place,
            what,
        })
    }

    /// Whether policies see blocks of this kind as a whole.
    fn is_assembled(&self, kind: BlockKind) -> bool {
        match self.wants.delivery(kind) {
            Delivery::None => false,
            Delivery::Pieces => kind != BlockKind::Text,
            Delivery::Observe | Delivery::Whole => true,
        }
    }
}

impl Reader for StreamReader {
    type Place = Place;

    fn read(&mut self, frame: Frame, readings: &mut Readings<Place>) -> Result<(), ReplyError> {
        let events = self.events(&frame)?;
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    fn end(&mut self, _: Option<Frame>, _: &mut Readings<Place>) -> Result<(), ReplyError> {
        Err(ReplyError::Truncated)
    }

    fn is_loose(&self, frame: &Frame) -> bool {
        Event::parse(frame) == Ok(Event::Loose)
    }

    fn watch(&mut self, frame: &Frame, is_template_wanted: bool) -> Watched {
        if Event::is_terminal(frame) {
            return Watched::Ends;
        }
        if is_template_wanted
            && frame.event() == b"content_block_delta"
            && let Ok(Event::BlockDelta { delta, .. }) = Event::parse(frame)
        {
            let text = Delta::said(frame.data(), delta);
            return Watched::Repeats(Gaps { text, number: None });
        }
        Watched::Passes
    }

    fn is_complete(&self, _: Option<&Frame>) -> bool {
        false
    }

    fn held(&self) -> usize {
        let assembly = self.open.as_ref().and_then(|open| open.assembly.as_ref());
        assembly.map_or(0, Assembly::size)
    }

    fn repeatable(&self, _: &Frame, event: &Told<Place>) -> Option<Gaps> {
        let text = event.place.value?;
        Some(Gaps {
            text: Some(text),
            number: None,
        })
    }
}

impl Open {
    fn told(&self, place: Place, what: What) -> Told<Place> {
        told(self.id, place, what)
    }
}

pub(super) fn told(block: BlockId, place: Place, what: What) -> Told<Place> {
    Told {
        choice: 0,
        block,
        place,
        what,
    }
}

/// The text that a text block's start has already, and where its string is written in `data`.
fn start_text(data: &[u8], block: Span) -> Option<(String, Span)> {
    let [at] = fields(block.bytes(data), ["text"]).ok()?;
    let at = at?.shifted(block.start);
    let text = at.string(data)?;
    (!text.is_empty()).then_some((text, at))
}

pub(super) fn malformed<T>(what: &str) -> Result<T, ReplyError> {
    Err(ReplyError::Malformed(what.to_owned()))
}

fn unreadable(fault: Fault) -> ReplyError {
    ReplyError::Malformed(fault.to_string())
}
