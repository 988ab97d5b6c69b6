//! A whole reply: one JSON body, read and written as one frame.
//!
//! Its items go the way of a stream's of which the end alone came, so that policies and the caller get the same of both.

use std::{borrow::Cow, collections::BTreeSet};

use bytes::Bytes;

use super::{
    RULES,
    account::Account,
    item::string,
    plain,
    reader::{FrameEvents, Place, Repeats, items::Items},
    response::{Response, completed, with_output},
    writer::Output,
};
use crate::{
    ReplyError, Wants,
    json::{fields, quote, string_field, with_fields},
    openai::{ErrorType, error_code, error_object},
    reply::{
        dispositions::Dispositions,
        reading::{BodyReader, Reading, What},
        writing::{Disposition, Pending, Role, Stop, Writer},
    },
    sse::Frame,
};

/// Reads a body of the Responses API.
#[derive(Debug)]
pub(crate) struct WholeReader {
    wants: Wants,
}

impl WholeReader {
    pub(crate) fn new(wants: Wants) -> Self {
        Self { wants }
    }

    fn tell(&self, events: &mut FrameEvents<'_>) -> Result<(), ReplyError> {
        let json = str::from_utf8(events.data).unwrap_or_default();
        if is_error(json) {
            events.push_of_reply(What::Fails);
            return Ok(());
        }
        let response = Response::parse(json).map_err(ReplyError::Malformed)?;
        // It is not made yet, or it will never be.
        if response.is_empty() {
            events.push_of_reply(What::Fails);
            return Ok(());
        }
        events.push_of_reply(What::Begins(response.id.clone()));
        let matched = vec![None; response.items.len()];
        Items::new(self.wants).end(Some((response, 0)), matched, events);
        Ok(())
    }
}

impl BodyReader for WholeReader {
    type Place = Place;

    type Account = Account;

    fn anew(&self, wants: Wants) -> Self {
        Self::new(wants)
    }

    fn read_body(&self, frame: Frame) -> Result<Reading<Place>, ReplyError> {
        let frame = plain::body(frame).map_err(ReplyError::Malformed)?;
        let mut events = FrameEvents::new(frame.data());
        self.tell(&mut events)?;
        let events = events.finish(None);
        Ok(Reading { frame, events })
    }
}

/// Writes a body of the Responses API.
#[derive(Debug, Default)]
pub(crate) struct WholeWriter {
    output: Output,
    /// The items of the body.
    repeats: Box<Repeats>,
    /// Whether items of a body before this one stand ahead of its own.
    goes_on: bool,
    /// The body that policies ended.
    stopped: Option<Frame>,
}

impl Writer for WholeWriter {
    type Place = Place;

    // Nothing is legal before the one body.
    const HEARTBEAT: Option<&'static [u8]> = None;

    fn begin(&mut self, frame: &Frame, _: &Place) {
        self.output
            .identify(RULES.seed(&string_field(frame.data(), "id")));
    }

    fn write(&mut self, pending: Pending<Place>, known: &Dispositions, out: &mut Vec<Bytes>) {
        self.output.take(&pending, known);
        let Some(frame) = pending.frame else {
            return;
        };
        let mut places = pending.slots.iter().map(|slot| &slot.place);
        let differs = places.clone().any(|place| place.differs);
        self.output.is_changed |= differs;
        self.repeats = places
            .find_map(|place| place.repeats.clone())
            .unwrap_or_default();
        let end = pending.slots.last();
        let end = end.filter(|slot| slot.role == Role::Ends);
        let is_stopped = end.is_some_and(|slot| *known.of(slot) == Disposition::Goes);
        match is_stopped {
            true => self.stopped = Some(frame),
            false if self.output.is_changed => out.push(Bytes::from(self.rendered(&frame))),
            false => out.push(frame.into_raw()),
        }
    }

    fn cut(&mut self, _: &mut Vec<Bytes>) -> Option<Bytes> {
        let frame = self.stopped.take()?;
        self.output.begin_next();
        // They are events of a stream.
        self.output.take_own();
        self.goes_on = true;
        *self.repeats = Repeats::default();
        Some(Bytes::from(self.rendered(&frame)))
    }

    fn stop(&mut self, stops: Vec<Stop>, out: &mut Vec<Bytes>) {
        let Some(frame) = self.stopped.take() else {
            return;
        };
        self.output.stop(stops);
        out.push(Bytes::from(completed(&self.rendered(&frame))));
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        let code = error_code(error);
        let body = error_object(ErrorType::Server, &error.to_string(), Some(code));
        Bytes::from(body)
    }
}

impl WholeWriter {
    /// The body with what is left as its output.
    fn rendered(&self, frame: &Frame) -> String {
        let json = String::from_utf8_lossy(frame.data());
        let mut output = self.output.sent.repeated(&self.repeats.0, json.as_bytes());
        if self.goes_on {
            tell_apart(&mut output);
        }
        with_output(&json, &output)
    }
}

/// Gives each item an id of its own: those of several bodies may be the same.
fn tell_apart(items: &mut [Cow<'_, str>]) {
    let mut taken = BTreeSet::new();
    for (at, item) in items.iter_mut().enumerate() {
        let id = string(item, "id");
        let mut own = id.clone();
        while !id.is_empty() && !taken.insert(own.clone()) {
            own = format!("{own}_{at}");
        }
        if own != id {
            let named = with_fields(item, [("id", Some(quote(&own)))]);
            *item = Cow::Owned(named);
        }
    }
}

/// Whether a body is an error of upstream's, which has no content to judge.
fn is_error(json: &str) -> bool {
    let text = json.as_bytes();
    let found = fields(text, ["error", "output", "output_text"]).unwrap_or_default();
    match found {
        [Some(error), None, None] => error.bytes(text).starts_with(b"{"),
        _ => false,
    }
}
