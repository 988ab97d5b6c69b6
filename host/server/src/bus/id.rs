//! Names events, so that a listener can say which one it saw last.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use uuid::Uuid;

/// How many letters the name of a process has.
const LETTERS: usize = 12;

/// The name of a process, which it makes at its start: 12 random hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessId(u64);

/// The id of an event: its process, and its number there, counted from 1. A number of 0 stands for the start of the
/// process, before its first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// The process.
    pub process: ProcessId,
    /// The number.
    pub number: u64,
}

/// The last event that a listener saw: what it sends as `Last-Event-ID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSeen {
    /// The event.
    pub event: EventId,
    /// The process that it heard of it from. Each process hears of events in an order of its own.
    pub from: Option<ProcessId>,
}

impl LastSeen {
    /// An event that no process ever had.
    pub const UNKNOWN: Self = Self {
        event: EventId {
            process: ProcessId(u64::MAX),
            number: u64::MAX,
        },
        from: None,
    };
}

/// A text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no id of an event")]
pub struct NoId;

impl ProcessId {
    pub(super) fn random() -> Self {
        // The last 62 bits of a UUID of version 7 are random.
        let (_, random) = Uuid::now_v7().as_u64_pair();
        Self(random & ((1 << (4 * LETTERS)) - 1))
    }
}

impl ProcessId {
    /// A time between the half of this one and all of it, another one for each process, so that not all of them try
    /// something again at once.
    pub fn spread(self, time: Duration) -> Duration {
        let half = time / 2;
        half + half.mul_f64((self.0 % 1024) as f64 / 1024.0)
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0LETTERS$x}", self.0)
    }
}

impl FromStr for ProcessId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let is_hex = |letter: u8| matches!(letter, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != LETTERS || !text.bytes().all(is_hex) {
            return Err(NoId);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| NoId)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.process, self.number)
    }
}

impl FromStr for EventId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let (process, number) = text.split_once('-').ok_or(NoId)?;
        // `parse` takes a sign and leading zeros, and then two texts would be one id.
        let is_plain = number == "0" || number.starts_with(|first| ('1'..='9').contains(&first));
        let number = number.parse().ok().filter(|_| is_plain).ok_or(NoId)?;
        Ok(Self {
            process: process.parse()?,
            number,
        })
    }
}

impl fmt::Display for LastSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.from {
            Some(from) => write!(f, "{}@{from}", self.event),
            None => self.event.fmt(f),
        }
    }
}

impl FromStr for LastSeen {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let (event, from) = match text.split_once('@') {
            Some((event, from)) => (event, Some(from.parse()?)),
            None => (text, None),
        };
        Ok(Self {
            event: event.parse()?,
            from,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(process in 0u64..1 << 48, number: u64, from in proptest::option::of(0u64..1 << 48)) {
            let event = EventId { process: ProcessId(process), number };
            let seen = LastSeen { event, from: from.map(ProcessId) };
            prop_assert_eq!(seen.to_string().parse(), Ok(seen));
        }

        #[test]
        fn what_is_read_is_written_back(text in "[0-9a-f]{11,13}-[+0]?[0-9]{1,21}(@[0-9a-fA-F]{12})?") {
            if let Ok(seen) = text.parse::<LastSeen>() {
                prop_assert_eq!(seen.to_string(), text);
            }
        }
    }

    #[test]
    fn each_process_has_a_name_of_its_own() {
        assert_ne!(ProcessId::random(), ProcessId::random());
    }
}
