//! What comes of upstream: bytes, frames, and what they say.

use super::{
    Result,
    reading::{Event, Reader, Reading, Readings, What},
    source::{Arrival, Source},
};
use crate::{Limits, ReplyError, sse::Frame};

/// Upstream's side of a reply.
#[derive(Debug)]
pub(crate) struct Incoming<R: Reader> {
    /// The most blocks and groups that may begin, and how many have.
    limit: usize,
    items: usize,
    pub(crate) source: Source,
    pub(crate) reader: R,
    pub(crate) readings: Readings<R::Place>,
    /// Why nothing comes behind these readings.
    pub(crate) broken: Option<ReplyError>,
}

impl<R: Reader> Incoming<R> {
    pub(crate) fn new(limits: &Limits, source: Source, reader: R) -> Self {
        Self {
            limit: limits.items,
            items: 0,
            source,
            reader,
            readings: Readings::new(),
            broken: None,
        }
    }

    /// The next thing that was read.
    pub(crate) fn reading(&mut self) -> Result<Option<Reading<R::Place>>> {
        let Some(reading) = self.readings.pop_front() else {
            return Ok(None);
        };
        let opens = |event: &&Event<R::Place>| {
            matches!(
                event.what,
                What::Opens(_) | What::OpensIn(..) | What::Gathers(_)
            )
        };
        self.items += reading.events.iter().filter(opens).count();
        let limit = self.limit;
        match self.items > limit {
            true => Err(ReplyError::TooManyItems { limit }),
            false => Ok(Some(reading)),
        }
    }

    /// What is there of upstream's bytes.
    pub(crate) fn arrival(&mut self) -> Result<Arrival> {
        self.source.next()
    }

    /// Reads a frame.
    pub(crate) fn read(&mut self, frame: Frame) {
        let read = self.reader.read(frame, &mut self.readings);
        self.go_on(read);
    }

    /// Upstream's bytes are over before the reply is.
    pub(crate) fn end(&mut self, tail: Option<Frame>) {
        let ended = self.reader.end(tail, &mut self.readings);
        self.go_on(ended);
    }

    /// Where nothing more can be read, policies still judge the texts that are there.
    pub(crate) fn go_on(&mut self, read: Result) {
        let Err(error) = read else { return };
        let events = self.reader.fail();
        if !events.is_empty() {
            let frame = Frame::body(bytes::Bytes::new());
            self.readings.push_back(Reading { frame, events });
        }
        self.broken = Some(error);
    }
}
