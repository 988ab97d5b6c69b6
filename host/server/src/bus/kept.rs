//! The last events, in the order in which this process heard of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Bounds;
use super::entry::Entry;
use super::id::{EventId, LastSeen, ProcessId};

/// How much later one process may hear of an event than another, for a listener that moves between them.
pub(super) const SKEW: Duration = Duration::from_secs(5);

/// The last events. Each has a place, counted from 0.
pub(super) struct Kept {
    process: ProcessId,
    most: usize,
    most_bytes: usize,
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    /// The place of the first one that is kept.
    first: u64,
}

/// Where a listener goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Here.
    At(u64),
    /// Nobody knows what is missing before this place.
    BehindGap(u64),
}

impl Kept {
    pub(super) fn new(process: ProcessId, bounds: &Bounds) -> Self {
        Self {
            process,
            most: bounds.kept,
            most_bytes: bounds.kept_bytes,
            entries: VecDeque::new(),
            bytes: 0,
            first: 0,
        }
    }

    /// Adds an event, and forgets the oldest ones if there are too many now.
    pub(super) fn push(&mut self, entry: Entry) {
        self.bytes += entry.size();
        self.entries.push_back(Arc::new(entry));
        // The newest stays, however large it is.
        while self.entries.len() > self.most.max(1)
            || (self.bytes > self.most_bytes && self.entries.len() > 1)
        {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.size();
                self.first += 1;
            }
        }
    }

    /// Puts another event in the place of the first one.
    #[cfg(test)]
    pub(super) fn replace_first(&mut self, entry: Entry) {
        self.entries[0] = Arc::new(entry);
    }

    /// The place of the first event that is kept.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The place behind the newest one.
    pub(super) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// The events from a place on that is still kept, at most so many.
    pub(super) fn from(&self, place: u64, most: usize) -> impl Iterator<Item = &Arc<Entry>> {
        let skipped = usize::try_from(place.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.entries.iter().skip(skipped).take(most)
    }

    /// The id of the event before a place: the start of the process if there is none.
    pub(super) fn before(&self, place: u64) -> EventId {
        let at = place.saturating_sub(self.first).checked_sub(1);
        let entry = at.and_then(|at| self.entries.get(usize::try_from(at).ok()?));
        entry.map_or(
            EventId {
                process: self.process,
                number: 0,
            },
            |entry| entry.id,
        )
    }

    /// Where a listener goes on that has seen this event.
    pub(super) fn behind(&self, seen: LastSeen) -> Place {
        let start = EventId {
            process: self.process,
            number: 0,
        };
        if seen.event == start && self.first == 0 {
            return Place::At(0);
        }
        let Some(at) = self
            .entries
            .iter()
            .rposition(|entry| entry.id == seen.event)
        else {
            return Place::BehindGap(self.first);
        };
        if seen.from == Some(self.process) {
            return Place::At(self.first + at as u64 + 1);
        }
        // Another process told it, which may have heard of others later or earlier. Some are told again.
        let arrived = self.entries[at].arrived;
        let is_before = |entry: &Arc<Entry>| entry.arrived + SKEW < arrived;
        let skipped = self.entries.partition_point(is_before);
        Place::At(self.first + skipped as u64)
    }
}
