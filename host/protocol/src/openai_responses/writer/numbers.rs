//! The numbers of events.

use bytes::Bytes;

use crate::{
    json::Edit,
    openai_responses::event::{Ending, Event, Kind, Number, edited},
    sse::Frame,
};

/// Counts the events that go out.
#[derive(Debug)]
pub(in crate::openai_responses) struct Numbers {
    /// Whether upstream numbers its events.
    is_counted: bool,
    next: u64,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            is_counted: true,
            next: 0,
        }
    }
}

impl Numbers {
    /// Nothing is known of what went out but the number of the last event that had one.
    pub(in crate::openai_responses) fn resume(&mut self, last: Option<u64>) {
        self.is_counted = last.is_some();
        self.next = last.map_or(0, |last| last.saturating_add(1));
    }

    /// An event of upstream's goes out with this number.
    pub(super) fn pass(&mut self, number: Option<u64>) {
        if let Some(number) = number {
            self.next = number.saturating_add(1);
            self.is_counted = true;
        }
    }

    /// The edit that gives an event of upstream's its number, where it has another.
    ///
    /// Where something else went out than what came, the numbers are ours.
    pub(super) fn count(&mut self, event: &Event, is_changed: bool) -> Option<Edit> {
        let Some(Number { value, .. }) = event.sequence else {
            self.is_counted &= event.kind == Kind::Loose;
            return None;
        };
        let number = match event.kind {
            _ if !is_changed => value,
            // It may come behind events that were thrown away.
            Kind::Terminal(Ending::Failed | Ending::Error) => value.max(self.next),
            _ => self.next,
        };
        self.pass(Some(number));
        renumbered(event.sequence, number)
    }

    /// An event of our own making with its number, or without where upstream numbers none.
    pub(in crate::openai_responses) fn count_own(&mut self, frame: &Frame) -> Bytes {
        if !self.is_counted {
            let data = String::from_utf8_lossy(frame.data());
            let data = data.replacen(r#""sequence_number":0,"#, "", 1);
            let name = String::from_utf8_lossy(frame.event());
            return Frame::new(&name, &data).into_raw();
        }
        let number = self.next;
        self.pass(Some(number));
        let event = Event::parse(frame).unwrap_or(Event::LOOSE);
        let edits = renumbered(event.sequence, number).into_iter().collect();
        edited(frame, edits).into_raw()
    }
}

/// The edit that writes another number, if it is another.
pub(super) fn renumbered(old: Option<Number>, new: u64) -> Option<Edit> {
    let Number { value, span } = old?;
    let with = new.to_string();
    (value != new).then_some(Edit { span, with })
}
