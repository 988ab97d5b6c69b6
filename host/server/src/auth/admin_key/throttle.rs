//! Slows down who sends wrong keys.
//!
//! Each address may be wrong ten times, and then once a second; all together a hundred times, and then ten times a second.
//! A right key is never held up by it, not even from the same address: an agent that runs beside the operator could
//! otherwise lock the operator out. Guessing is hopeless at any pace, so all that is bounded is what wrong keys cost.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often an address may be wrong.
const OF_ONE: Pace = Pace {
    burst: 10,
    interval: Duration::from_secs(1),
};
/// How often all together may be wrong.
const OF_ALL: Pace = Pace {
    burst: 100,
    interval: Duration::from_millis(100),
};
/// The most addresses that are remembered. While there are more, the bound of all together holds alone.
const MAX_ADDRESSES: usize = 1024;

/// So many at once, and one more in each interval.
struct Pace {
    burst: u32,
    interval: Duration,
}

/// Counts wrong keys.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// When each address will have been patient for all its wrong keys.
    addresses: HashMap<IpAddr, Instant>,
    all: Option<Instant>,
}

impl Throttle {
    /// Notes a wrong key. If there were too many, returns how long to wait.
    pub(super) fn note(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.make_room(now);
        let before = state.addresses.get(&address).copied();
        let of_one = OF_ONE.after(before, now)?;
        let of_all = OF_ALL.after(state.all, now)?;
        state.all = Some(of_all);
        if before.is_some() || state.addresses.len() < MAX_ADDRESSES {
            state.addresses.insert(address, of_one);
        }
        Ok(())
    }
}

impl State {
    /// Forgets those that have been patient for long enough.
    fn make_room(&mut self, now: Instant) {
        if self.addresses.len() >= MAX_ADDRESSES {
            self.addresses.retain(|_, until| *until > now);
        }
    }
}

impl Pace {
    /// Returns until when one has to be patient after one more, or how long to wait before there may be one.
    fn after(&self, before: Option<Instant>, now: Instant) -> Result<Instant, Duration> {
        let until = before.map_or(now, |before| before.max(now)) + self.interval;
        let room = now + self.interval * self.burst;
        match until > room {
            true => Err(until - room),
            false => Ok(until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u16) -> IpAddr {
        let [high, low] = number.to_be_bytes();
        IpAddr::from([10, 0, high, low])
    }

    /// How many of a hundred wrong keys are within the bound.
    fn within(throttle: &Throttle, address: IpAddr, now: Instant) -> usize {
        let tries = (0..100).filter(|_| throttle.note(address, now).is_ok());
        tries.count()
    }

    #[test]
    fn an_address_is_slowed_down_and_others_are_not() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        assert_eq!(within(&throttle, address(1), start), 10);
        assert_eq!(within(&throttle, address(2), start), 10);
        assert_eq!(
            throttle.note(address(1), start),
            Err(Duration::from_secs(1))
        );
        let later = start + Duration::from_secs(3);
        assert_eq!(within(&throttle, address(1), later), 3);
        let much_later = start + Duration::from_secs(600);
        assert_eq!(within(&throttle, address(1), much_later), 10);
    }

    #[test]
    fn all_together_are_slowed_down_and_few_are_remembered() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let tries = (0..2000).filter(|number| throttle.note(address(*number), start).is_ok());
        assert_eq!(tries.count(), 100);
        let mut now = start;
        for number in 0..20_000_u16 {
            now += Duration::from_millis(100);
            // Each is the first of its address, and there is one for each interval.
            assert_eq!(throttle.note(address(number), now), Ok(()));
        }
        assert!(throttle.0.lock().unwrap().addresses.len() <= MAX_ADDRESSES);
    }
}
