//! Reads the frames of a streamed reply.
//!
//! Each goes on in plain form and in the order that the API documents, one block after the other: a frame that clients might
//! read in different ways is written anew, what belongs to a block that is not its turn waits, what has no place is left
//! out.

mod open;

use self::open::{Open, start_text};
use super::{
    account::Account,
    assembly::{Assembly, reply_kind},
    emit::block_stop,
    event::{Delta, Event, Form, Index, MessageDelta, Parsed},
    place::{Events, Place, told},
    plain,
    waiting::Waiting,
};
use crate::{
    BlockKind, Delivery, ReplyError, Wants,
    json::{Fault, Halves, Span, string_field},
    reply::reading::{
        BlockId, Event as Told, Gaps, Reader, Reading, Readings, Repeated, What, malformed,
    },
    sse::Frame,
};

/// Reads a stream of the Messages API.
#[derive(Debug)]
pub(crate) struct StreamReader {
    wants: Wants,
    /// Whether the message goes on in one that has begun.
    goes_on: bool,
    phase: Phase,
    open: Option<Open>,
    /// The frames of blocks whose turn has not come.
    waiting: Waiting,
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

impl StreamReader {
    pub(crate) fn new(wants: Wants) -> Self {
        Self {
            wants,
            goes_on: false,
            phase: Phase::Start,
            open: None,
            waiting: Waiting::default(),
            blocks: 0,
        }
    }

    /// Takes a plain frame.
    fn take(
        &mut self,
        frame: Frame,
        event: Event,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        let mut events = Events::new();
        match (self.phase, event) {
            (_, Event::Loose | Event::Ping) => {}
            (_, Event::Unreadable) => return Ok(()),
            (_, Event::Error(_)) => {
                events = self.fail();
            }
            (Phase::Start, Event::MessageStart(message)) => {
                self.phase = Phase::Content;
                if self.goes_on {
                    return Ok(());
                }
                let id = string_field(message.bytes(frame.data()), "id");
                events.push(told(0, Place::default(), What::Begins(id)));
            }
            (Phase::Start, _) => return malformed("its events are out of order"),
            // Clients keep the first, and what comes behind the end of the content has no place.
            (_, Event::MessageStart(_))
            | (
                Phase::Closing,
                Event::BlockStart(..) | Event::BlockDelta(..) | Event::BlockStop(_),
            ) => {
                return Ok(());
            }
            (_, Event::BlockStart(index, block)) => {
                return self.start(frame, index, block, readings);
            }
            (_, Event::BlockDelta(index, delta)) => {
                return self.delta(frame, index, delta, readings);
            }
            (_, Event::BlockStop(index)) => return self.stop(frame, index, readings),
            (_, Event::MessageDelta(delta)) => {
                self.close_all(readings)?;
                self.phase = Phase::Closing;
                events.push(finish(frame.data(), delta));
            }
            (_, Event::MessageStop) => {
                self.close_all(readings)?;
                if self.phase == Phase::Content {
                    let what = What::Finishes(String::new());
                    events.push(told(0, Place::default(), what));
                }
                events.push(told(0, Place::default(), What::Ends));
            }
        }
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    fn start(
        &mut self,
        frame: Frame,
        index: Index,
        block: Span,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        match &self.open {
            Some(open) if open.index == index.value => self.close(readings),
            Some(_) => {
                let event = Event::BlockStart(index, block);
                self.waiting.begin(index.value, frame, event);
                return Ok(());
            }
            None => {}
        }
        let json = block.text(frame.data());
        let kind = reply_kind(json).map_err(unreadable)?;
        self.blocks += 1;
        let open = Open {
            id: self.blocks,
            index: index.value,
            kind,
            assembly: self.is_assembled(kind).then(|| Assembly::new(json)),
            halves: Halves::default(),
        };
        let place = |value| Place {
            index: Some(index),
            value,
            delta: None,
        };
        let mut events = Events::new();
        events.push(open.told(place(Some(block)), What::Opens(kind)));
        if kind == BlockKind::Text
            && let Some((text, at)) = start_text(frame.data(), block)
        {
            // Its number is that of the start.
            events.push(open.told(Place::of_value(Some(at)), What::Grows(text)));
        }
        self.open = Some(open);
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    fn delta(
        &mut self,
        frame: Frame,
        index: Index,
        delta: Delta,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        let open = match &mut self.open {
            Some(open) if open.index == index.value => open,
            _ => {
                let event = Event::BlockDelta(index, delta);
                self.waiting.add(index.value, frame, event);
                return Ok(());
            }
        };
        if !delta.kind.fits(open.kind) {
            return Ok(());
        }
        let (frame, delta) = open.joined(frame, delta)?;
        let place = Place {
            index: Some(index),
            value: delta.value,
            delta: Some(delta.kind),
        };
        let events = Events::from_iter([open.grown(&frame, place)]);
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    fn stop(
        &mut self,
        frame: Frame,
        index: Index,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        let Some(open) = self.open.take_if(|open| open.index == index.value) else {
            self.waiting
                .add(index.value, frame, Event::BlockStop(index));
            return Ok(());
        };
        let place = Place::of_block(index);
        readings.push_back(open.closed(frame, place));
        Ok(())
    }

    /// Ends the block that is open, where upstream does not.
    fn close(&mut self, readings: &mut Readings<Place>) {
        if let Some(open) = self.open.take() {
            let frame = block_stop(open.index);
            if let Ok(Parsed {
                event: Event::BlockStop(index),
                ..
            }) = Parsed::read(&frame)
            {
                readings.push_back(open.closed(frame, Place::of_block(index)));
            }
        }
    }

    /// Where no block is open, the turn is that of the one that began next.
    fn go_on(&mut self, readings: &mut Readings<Place>) -> Result<(), ReplyError> {
        while self.open.is_none()
            && let Some(frames) = self.waiting.next()
        {
            for (frame, event) in frames {
                self.take(frame, event, readings)?;
            }
        }
        Ok(())
    }

    /// The content is over.
    fn close_all(&mut self, readings: &mut Readings<Place>) -> Result<(), ReplyError> {
        while self.open.is_some() {
            self.close(readings);
            self.go_on(readings)?;
        }
        Ok(())
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

    type Account = Account;

    fn anew(&self, wants: Wants) -> Self {
        Self::new(wants)
    }

    fn go_on(&mut self) {
        *self = Self {
            goes_on: true,
            ..Self::new(self.wants)
        };
    }

    fn read(&mut self, frame: Frame, readings: &mut Readings<Place>) -> Result<(), ReplyError> {
        let parsed = Parsed::read(&frame).map_err(ReplyError::Malformed)?;
        if parsed.form == Form::Plain {
            self.take(frame, parsed.event, readings)?;
            return self.go_on(readings);
        }
        for frame in plain::frames(&frame, &parsed) {
            let parsed = Parsed::read(&frame).map_err(ReplyError::Malformed)?;
            self.take(frame, parsed.event, readings)?;
            self.go_on(readings)?;
        }
        Ok(())
    }

    /// Some servers leave the last event out, or break it off: the stop reason says that the message is complete.
    fn end(
        &mut self,
        tail: Option<Frame>,
        readings: &mut Readings<Place>,
    ) -> Result<(), ReplyError> {
        let tail = tail.and_then(|tail| Some((Parsed::read(&tail).ok()?, tail)));
        let event = tail.as_ref().map(|(parsed, _)| parsed.event);
        match (event, tail) {
            (Some(Event::MessageStop), _) => {}
            (Some(Event::Error(_) | Event::MessageDelta(_)), Some((parsed, tail))) => {
                let odd = Parsed {
                    form: Form::Odd,
                    ..parsed
                };
                for frame in plain::frames(&tail, &odd) {
                    self.read(frame, readings)?;
                }
                if let Event::Error(_) = parsed.event {
                    return Ok(());
                }
            }
            _ if self.phase == Phase::Closing => {}
            _ => return Err(ReplyError::Truncated),
        }
        self.read(plain::message_stop(), readings)
    }

    fn fail(&mut self) -> Events {
        self.waiting.clear();
        let open = self.open.take();
        let is_judged = self.wants.text == Delivery::Whole;
        let closes = open.map(|open| open.broken_off(is_judged));
        let fails = told(0, Place::default(), What::Fails);
        closes.into_iter().chain([fails]).collect()
    }

    fn is_loose(&self, frame: &Frame) -> bool {
        let parsed = Parsed::read(frame);
        parsed.is_ok_and(|parsed| matches!(parsed.event, Event::Loose | Event::Ping))
    }

    fn held(&self) -> usize {
        let assembly = self.open.as_ref().and_then(|open| open.assembly.as_ref());
        self.waiting.size() + assembly.map_or(0, Assembly::size)
    }

    fn repeatable(&self, _: &Frame, event: &Told<Place>) -> Option<Gaps> {
        let open = self.open.as_ref()?;
        if open.halves.is_pending() {
            return None;
        }
        let text = event.place.value?;
        Some(Gaps {
            text: Some(text),
            number: None,
            are_free: true,
        })
    }

    fn repeat(
        &mut self,
        event: &Told<Place>,
        repeated: &Repeated<'_>,
    ) -> Result<Option<Events>, ReplyError> {
        let open = self.open.as_mut().filter(|open| open.id == event.block);
        let Some(open) = open.filter(|open| !open.halves.is_pending()) else {
            return Ok(None);
        };
        let place = Place {
            index: event.place.index.map(|index| Index {
                span: repeated.span(index.span),
                ..index
            }),
            value: event.place.value.map(|value| repeated.span(value)),
            delta: event.place.delta,
        };
        Ok(Some(Events::from_iter([open.grown(repeated.frame, place)])))
    }
}

fn finish(data: &[u8], delta: MessageDelta) -> Told<Place> {
    let reason = delta.stop_reason.and_then(|at| at.string(data));
    told(
        0,
        Place::of_value(delta.stop_reason),
        What::Finishes(reason.unwrap_or_default()),
    )
}

fn unreadable(fault: Fault) -> ReplyError {
    ReplyError::Malformed(fault.to_string())
}
