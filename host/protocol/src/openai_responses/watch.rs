//! Watches for the end of a stream that nobody reads.

use bytes::Bytes;

use super::{
    event::{Event, Kind, Parsed},
    reader::gaps,
    response::begun,
    writer::{Numbers, failure},
};
use crate::{
    ReplyError,
    json::begun_fields,
    reply::watching::{self, Watched, kind_of},
    sse::Frame,
};

/// Watches a stream of the Responses API.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// The first event: what a response of ours is made of.
    start: Option<Frame>,
    /// The last event that has a number.
    last: Option<Numbered>,
}

/// An event with a number.
#[derive(Debug)]
enum Numbered {
    /// It stands in this one.
    In(Frame),
    Known(u64),
}

impl Numbered {
    fn number(self) -> Option<u64> {
        match self {
            Self::In(frame) => Some(Parsed::read(&frame).ok()?.event.sequence?.value),
            Self::Known(number) => Some(number),
        }
    }
}

impl watching::Watch for Watch {
    fn see(&mut self, frame: &Frame, is_template_wanted: bool) -> Watched {
        if !frame.is_loose() {
            self.start.get_or_insert_with(|| frame.clone());
        }
        if memchr::memmem::find(frame.data(), b"\"sequence_number\"").is_some() {
            self.last = Some(Numbered::In(frame.clone()));
        }
        if Event::is_terminal(frame) {
            return Watched::Ends;
        }
        // Of a delta nothing counts but its number.
        if is_template_wanted
            && frame.event().ends_with(b".delta")
            && let Ok(Parsed { event, .. }) = Parsed::read(frame)
            && event.kind.is_delta()
            && !event.lacks_value(frame.data())
        {
            return Watched::Repeats(gaps(&event, true));
        }
        Watched::Passes
    }

    fn see_beginning(&mut self, beginning: &Frame) -> Watched {
        self.start.get_or_insert_with(|| beginning.clone());
        let next = |last: Numbered| Some(last.number()?.saturating_add(1));
        // Where its number is not in the beginning, it is the next one.
        let number = number(beginning).or_else(|| self.last.take().and_then(next));
        self.last = number.map(Numbered::Known);
        match &kind_of(beginning)[..] {
            b"" => Watched::Unknown,
            kind => match Kind::named(kind) {
                Some(Kind::Terminal(_)) => Watched::Ends,
                _ => Watched::Passes,
            },
        }
    }

    fn repeat(&mut self, number: Option<u64>) {
        if let Some(number) = number {
            self.last = Some(Numbered::Known(number));
        }
    }

    fn is_complete(&self, _: Option<&Frame>) -> bool {
        false
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        let mut numbers = Numbers::default();
        if self.start.is_some() {
            numbers.resume(self.last.take().and_then(Numbered::number));
        }
        numbers.count_own(&failure(&begun(self.start.as_ref()), error))
    }
}

/// The number of an event, if all of it stands in the beginning.
fn number(beginning: &Frame) -> Option<u64> {
    let data = beginning.data();
    let [number] = begun_fields(data, ["sequence_number"]);
    let number = number.filter(|number| number.end < data.len())?;
    number.text(data).parse().ok()
}
