//! What comes of upstream: bytes, frames, and what they say.

use super::{
    Result,
    costs::Costs,
    reading::{Event, Reader, Reading, Readings, What},
    source::{Arrival, Source},
};
use crate::{Limits, ReplyError, Wants, sse::Frame};

/// Upstream's side of a reply.
#[derive(Debug)]
pub(crate) struct Incoming<R: Reader> {
    wants: Wants,
    /// The most blocks and groups that may begin, and how many have.
    limit: usize,
    items: usize,
    pub(crate) source: Source,
    pub(crate) reader: R,
    pub(crate) readings: Readings<R::Place>,
    /// Why nothing comes behind these readings.
    pub(crate) broken: Option<ReplyError>,
    /// There if another reply may come behind this one.
    costs: Option<Box<Costs>>,
}

impl<R: Reader> Incoming<R> {
    pub(crate) fn new(wants: Wants, limits: &Limits, source: Source, reader: R) -> Self {
        Self {
            wants,
            limit: limits.items,
            items: 0,
            source,
            reader,
            readings: Readings::new(),
            broken: None,
            costs: wants.redo.then(Box::default),
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
        let arrival = self.source.next()?;
        let Some(costs) = &mut self.costs else {
            return Ok(arrival);
        };
        Ok(match arrival {
            Arrival::None => Arrival::None,
            Arrival::Frame(frame) => Arrival::Frame(costs.adapted::<R::Account>(frame)),
            Arrival::End(tail) => Arrival::End(tail.map(|tail| costs.adapted::<R::Account>(tail))),
        })
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

    /// A block was rejected: nothing that was read counts any more but what it says of the costs, and neither does what went
    /// out or waits in these frames.
    pub(crate) fn reject(&mut self, mut frames: Vec<Frame>) {
        self.broken = None;
        frames.extend(self.readings.drain(..).map(|reading| reading.frame));
        if let Some(costs) = &mut self.costs {
            costs.hear_sole::<R::Account>(&frames);
        }
    }

    /// Notes what the rest of a reply says of its costs that does not count any more.
    pub(crate) fn hear_rest(&mut self) {
        let Some(costs) = &mut self.costs else { return };
        loop {
            match self.source.next() {
                Ok(Arrival::Frame(frame)) => costs.hear::<R::Account>(&frame),
                Ok(Arrival::None | Arrival::End(_)) => return,
                // What is too large to be read is thrown away.
                Err(_) => self.source = self.source.anew(),
            }
        }
    }

    /// What comes from now on is another reply. `has_begun` says whether anything of the one before went out.
    pub(crate) fn begin_next(&mut self, has_begun: bool) {
        self.hear_rest();
        if let Some(costs) = &mut self.costs {
            costs.begin_next();
        }
        self.source = self.source.anew();
        match has_begun {
            true => self.reader.go_on(),
            false => self.reader = self.reader.anew(self.wants),
        }
    }

    /// Whether another reply was asked for and nothing came of it yet.
    pub(crate) fn awaits(&self) -> bool {
        self.costs.as_ref().is_some_and(|costs| costs.awaits())
    }
}
