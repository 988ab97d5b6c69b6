//! A whole reply: one JSON body, read as one frame.

use super::{
    account::Account,
    chunk::{Chunk, Form},
    place::Place,
    plain,
    reader::Choices,
};
use crate::{
    Limits, ReplyError, Wants,
    reply::reading::{BodyReader, Event, Reading, What, malformed},
    sse::{BYTE_ORDER_MARK, Frame},
};

/// Reads a body of the Chat Completions API.
#[derive(Debug)]
pub(crate) struct WholeReader {
    wants: Wants,
    limits: Limits,
}

impl WholeReader {
    pub(super) fn new(wants: Wants, limits: Limits) -> Self {
        Self { wants, limits }
    }
}

impl BodyReader for WholeReader {
    type Place = Place;

    type Account = Account;

    fn anew(&self, wants: Wants) -> Self {
        Self::new(wants, self.limits)
    }

    fn read_body(&self, frame: Frame) -> Result<Reading<Place>, ReplyError> {
        let body = frame.data();
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        if simdutf8::basic::from_utf8(body).is_err() {
            return malformed("it is not UTF-8");
        }
        let mut chunk = parse(body)?;
        let mut choices = Choices::new(Form::Message, self.wants, self.limits);
        let is_asked = chunk.choices.iter().all(|entry| choices.is_asked(entry));
        let is_plain = chunk.is_plain && is_asked && body.len() == frame.data().len();
        if !chunk.has_choices {
            if chunk.error.is_none() {
                return malformed("it has no choices");
            }
            let frame = match is_plain {
                true => frame,
                false => Frame::body(plain::error(body, chunk.error).into()),
            };
            let events = choices.failed();
            return Ok(Reading { frame, events });
        }
        let (frame, chunk) = match is_plain {
            true => (frame, chunk),
            false => {
                chunk.choices.retain(|entry| choices.is_asked(entry));
                let plain = Frame::body(plain::body(body, &chunk).into());
                let chunk = parse(plain.data())?;
                (plain, chunk)
            }
        };
        let mut events = choices.take(frame.data(), &chunk)?;
        events.push(Event {
            choice: 0,
            block: 0,
            place: Place::WHOLE,
            what: What::Ends,
        });
        Ok(Reading { frame, events })
    }
}

fn parse(body: &[u8]) -> Result<Chunk, ReplyError> {
    let chunk = Chunk::parse(body, Form::Message);
    chunk.map_err(|fault| ReplyError::Malformed(fault.to_string()))
}
