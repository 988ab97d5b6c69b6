//! The event that ends a reply.

use super::{
    End, FrameEvents, Place, StreamReader, end::Ends, order::Key, parsed, part::PartAt,
    target::Target,
};
use crate::{
    ReplyError,
    openai_responses::{
        event::{Ending, Event},
        response::Response,
    },
    reply::{
        Result,
        reading::{Reading, Readings, What},
    },
    sse::Frame,
};

impl StreamReader {
    /// Takes the event that ends a reply.
    pub(super) fn end_with(
        &mut self,
        ending: Ending,
        frame: Frame,
        event: Event,
        readings: &mut Readings<Place>,
    ) -> Result {
        let value = event.value.unwrap_or_default();
        let json = value.text(frame.data()).to_owned();
        let response = event.value.map(|_| Response::parse(&json)).transpose();
        let response = response.map_err(ReplyError::Malformed)?;
        let has_failed = response.as_ref().is_some_and(Response::has_failed);
        let has_failed = ending == Ending::Done && has_failed;
        if matches!(ending, Ending::Failed | Ending::Error) || has_failed {
            self.end = End::Failed;
            let mut events = FrameEvents::new(frame.data());
            self.items.close(&mut events);
            let differs = response.is_some_and(|response| !self.agrees(&response));
            let place = Place {
                differs,
                ..Place::default()
            };
            events.push(0, place, What::Fails);
            let events = self.told(events, event);
            readings.push_back(Reading { frame, events });
            return Ok(());
        }
        let matched = response
            .as_ref()
            .map(|response| Ends(&self.items).matched(response));
        let matched = matched.unwrap_or_default();
        if self.items.acts() {
            for (key, end) in Ends(&self.items).missing_ends(response.as_ref(), &matched) {
                self.put_in_end(key, end, readings)?;
            }
        }
        self.end = End::Well;
        let mut events = FrameEvents::new(frame.data());
        self.begin(value, &mut events);
        let response = response.map(|response| (response, value.start));
        self.items.end(response, matched, &mut events);
        let events = self.told(events, event);
        readings.push_back(Reading { frame, events });
        Ok(())
    }

    /// Whether a response repeats what came, as far as policies judge it.
    pub(super) fn agrees(&self, response: &Response<'_>) -> bool {
        response.is_plain(&self.items.wants) && Ends(&self.items).agree(response)
    }

    /// Reads the end of an item that upstream did not end.
    fn put_in_end(&mut self, key: Key, frame: Frame, readings: &mut Readings<Place>) -> Result {
        self.is_changed = true;
        let frame = self.of_ours(frame);
        let target = Target::Item(key, PartAt::Message);
        let (mut frame, mut event) = parsed(frame)?;
        if let Some(renamed) = self.items.renamed(target, &frame, &event) {
            (frame, event) = parsed(renamed)?;
        }
        if let Some((mended, _)) = self.items.mended(target, &frame, &event) {
            (frame, event) = parsed(mended)?;
        }
        self.tell_of_item(target, frame, event, readings);
        self.is_changed = true;
        Ok(())
    }
}
