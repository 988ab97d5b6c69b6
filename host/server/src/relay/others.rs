//! Knows how far the events of each other process were heard, so that what is missing is found.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::bus::{EventId, ProcessId};

/// How long a process counts as there after it was last heard of.
const THERE: Duration = Duration::from_secs(15);
/// The most processes that are known. Of more, the one that was not heard of for longest is forgotten.
const MOST: usize = 1024;

/// The other processes.
#[derive(Debug, Default)]
pub(super) struct Others(HashMap<ProcessId, Other>);

#[derive(Debug)]
struct Other {
    /// The number of its last event that was heard.
    number: u64,
    heard: Instant,
}

/// What an event, or a beat, of another process means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It was heard before: a sender that does not know whether it was sends it again.
    Known,
    /// It is new, and before it so many are missing.
    New { missing: u64 },
}

impl Others {
    /// Notes that a process told of its event of this id.
    pub(super) fn event(&self, id: EventId) -> News {
        match self.0.get(&id.process) {
            Some(other) if id.number <= other.number => News::Known,
            Some(other) => News::New {
                missing: id.number - other.number - 1,
            },
            // What was before is not missed: nobody listened.
            None => News::New { missing: 0 },
        }
    }

    /// How many events are missing if a process says that its last event had this id.
    pub(super) fn beat(&self, id: EventId) -> u64 {
        let other = self.0.get(&id.process);
        other.map_or(0, |other| id.number.saturating_sub(other.number))
    }

    /// Notes that a process was heard up to this event.
    pub(super) fn heard(&mut self, id: EventId, now: Instant) {
        if let Some(other) = self.0.get_mut(&id.process) {
            other.number = other.number.max(id.number);
            other.heard = now;
            return;
        }
        if self.0.len() >= MOST
            && let Some(oldest) = self.0.iter().min_by_key(|(_, other)| other.heard)
        {
            let oldest = *oldest.0;
            self.0.remove(&oldest);
        }
        let number = id.number;
        self.0.insert(id.process, Other { number, heard: now });
    }

    /// How many there are.
    pub(super) fn there(&self, now: Instant) -> usize {
        let is_there = |other: &&Other| now.duration_since(other.heard) < THERE;
        self.0.values().filter(is_there).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(process: u64, number: u64) -> EventId {
        format!("{process:012x}-{number}").parse().unwrap()
    }

    #[test]
    fn what_is_missing_is_found_by_numbers() {
        let (mut others, now) = (Others::default(), Instant::now());
        assert_eq!(others.event(id(1, 7)), News::New { missing: 0 });
        assert_eq!(others.beat(id(1, 7)), 0, "nobody listened");
        others.heard(id(1, 7), now);
        assert_eq!(others.event(id(1, 8)), News::New { missing: 0 });
        assert_eq!(others.event(id(1, 11)), News::New { missing: 3 });
        assert_eq!(others.event(id(1, 7)), News::Known);
        assert_eq!(others.event(id(1, 3)), News::Known);
        assert_eq!((others.beat(id(1, 7)), others.beat(id(1, 9))), (0, 2));
        others.heard(id(1, 3), now);
        assert_eq!(others.event(id(1, 7)), News::Known, "it does not go back");
        assert_eq!(others.event(id(2, 1)), News::New { missing: 0 });
    }

    #[test]
    fn who_was_heard_lately_is_there_and_the_oldest_is_forgotten() {
        let (mut others, now) = (Others::default(), Instant::now());
        for process in 0..=MOST as u64 {
            others.heard(id(process, 5), now + Duration::from_millis(process));
        }
        assert_eq!(others.0.len(), MOST);
        assert_eq!(others.event(id(0, 5)), News::New { missing: 0 });
        assert_eq!(others.event(id(1, 5)), News::Known);
        assert_eq!(others.there(now + THERE), MOST);
        assert_eq!(others.there(now + 2 * THERE), 0);
    }
}
