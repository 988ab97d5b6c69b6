//! Frames that are like the one before: they are not parsed, or not even read.

use bytes::Bytes;

use super::Core;
use crate::{
    reply::{
        reading::{Event, Gaps, Reader, Reading, Repeated, What},
        source::Source,
        writing::Writer,
    },
    sse::Frame,
    template::Run,
};

/// A frame, what it says, where those like it have values of their own, and whether they need not be read at all.
pub(super) type Model<P> = (Frame, Event<P>, Gaps, bool);

impl<R: Reader, W: Writer<Place = R::Place>> Core<R, W> {
    /// A frame that only adds to a block. Those like it need not be read as any other; nor at all where they pass, if it makes
    /// no difference to what policies are asked.
    pub(super) fn model_of(&self, reading: &Reading<R::Place>) -> Option<Model<R::Place>> {
        let ([event], true) = (&reading.events[..], self.template.is_wanted()) else {
            return None;
        };
        let What::Grows(_) = event.what else {
            return None;
        };
        let gaps = self.incoming.reader.repeatable(&reading.frame, event)?;
        let model = Event {
            choice: event.choice,
            block: event.block,
            place: event.place.clone(),
            what: What::Passes,
        };
        let passes = gaps.are_free && self.judging.passes_unseen(event);
        Some((reading.frame.clone(), model, gaps, passes))
    }

    /// Reads a frame that is like the one before. False where the next is not.
    pub(super) fn read_repeated(&mut self) -> bool {
        let Source::Stream { decoder, .. } = &mut self.incoming.source else {
            return false;
        };
        let Some((model, event)) = &self.model else {
            return false;
        };
        let Some((bytes, moved)) = self.template.take_one(decoder) else {
            return false;
        };
        let frame = Frame::like(model, bytes, |place| moved.at(place));
        let repeated = Repeated {
            frame: &frame,
            data: model.data_start(),
            moved,
        };
        let are_free = self.are_free;
        let read = self.incoming.reader.repeat(event, &repeated);
        let events = match read {
            Ok(Some(events)) => events,
            Ok(None) => {
                self.forget_model();
                self.incoming.read(frame);
                return true;
            }
            Err(error) => {
                self.incoming.go_on(Err(error));
                return true;
            }
        };
        let unseen = |event| self.judging.passes_unseen(event);
        let passes = are_free && self.outgoing.writer.may_repeat() && events.iter().all(unseen);
        let raw = frame.raw().clone();
        self.judging.take(Reading { frame, events });
        if passes {
            self.release();
            if self.outgoing.went_out(&raw) {
                // From here on they need not be read at all.
                self.model = None;
            }
        }
        true
    }

    pub(super) fn forget_model(&mut self) {
        self.template.clear();
        self.model = None;
    }

    /// Takes frames that pass as the one before did.
    pub(super) fn take_run(&mut self) -> Option<Bytes> {
        let Source::Stream { decoder, .. } = &mut self.incoming.source else {
            return None;
        };
        let (queue, writer) = (&mut self.judging.queue, &mut self.outgoing.writer);
        let limit = self.limits.held.saturating_sub(self.incoming.reader.held());
        self.template.take_run(decoder, |bytes, fit| {
            queue.skip();
            writer.repeat(fit.said(bytes), fit.number);
            match writer.held() > limit {
                true => Run::Ends,
                false => Run::GoesOn,
            }
        })
    }
}
