//! The numbers of events.

use bytes::Bytes;

use crate::{
    json::Edit,
    openai_responses::{
        event::{Ending, Event, Kind, Number, Parsed, edited},
        made::without_number,
    },
    sse::Frame,
};

/// Counts the events that go out.
#[derive(Debug)]
pub(in crate::openai_responses) struct Numbers {
    /// Whether upstream numbers its events.
    is_counted: bool,
    next: u64,
    /// Whether other events went out than those that came, so that the numbers are ours.
    pub(super) is_ours: bool,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            is_counted: true,
            next: 0,
            is_ours: false,
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
        self.is_ours |= event.follows_change || is_changed;
        let Some(Number { value, .. }) = event.sequence else {
            self.is_counted &= event.kind == Kind::Loose;
            return None;
        };
        let number = match event.kind {
            _ if !self.is_ours => value,
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
            return without_number(frame).into_raw();
        }
        let number = self.next;
        self.pass(Some(number));
        let sequence = Parsed::read(frame)
            .ok()
            .and_then(|parsed| parsed.event.sequence);
        let edits = renumbered(sequence, number).into_iter().collect();
        edited(frame, edits).into_raw()
    }
}

/// The edit that writes another number, if it is another.
pub(super) fn renumbered(old: Option<Number>, new: u64) -> Option<Edit> {
    let Number { span, .. } = old.filter(|old| old.value != new)?;
    let with = new.to_string();
    Some(Edit { span, with })
}
