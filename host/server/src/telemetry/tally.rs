//! Counts what may happen too often for a line of the log each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often something happened, and how much of that was logged.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    all: AtomicU64,
    logged: AtomicU64,
    last_logged: Mutex<Option<Instant>>,
}

impl Tally {
    /// Nothing has happened yet.
    pub(crate) const fn new() -> Self {
        Self {
            all: AtomicU64::new(0),
            logged: AtomicU64::new(0),
            last_logged: Mutex::new(None),
        }
    }

    /// Counts one more.
    pub(crate) fn note(&self) {
        self.all.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were since the start.
    pub(crate) fn total(&self) -> u64 {
        self.all.load(Ordering::Relaxed)
    }

    /// How many there were since this was last asked. Returns `None` if there were none.
    pub(crate) fn news(&self) -> Option<u64> {
        let all = self.total();
        let new = all.saturating_sub(self.logged.swap(all, Ordering::Relaxed));
        (new > 0).then_some(new)
    }

    /// Like [`news`](Self::news), but returns `None` as well if it returned something less than `pace` ago.
    pub(crate) fn news_at(&self, now: Instant, pace: Duration) -> Option<u64> {
        let mut last = self
            .last_logged
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| now.duration_since(last) < pace) {
            return None;
        }
        let news = self.news()?;
        *last = Some(now);
        Some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_too_often_is_counted_and_logged_once_in_a_while() {
        let (tally, start) = (Tally::new(), Instant::now());
        let logged = [0, 1, 9, 10, 11, 25].map(|at| {
            tally.note();
            tally.news_at(start + Duration::from_secs(at), Duration::from_secs(10))
        });
        assert_eq!(logged, [Some(1), None, None, Some(3), None, Some(2)]);
        assert_eq!((tally.total(), tally.news()), (6, None));
    }
}
