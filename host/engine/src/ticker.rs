//! The thread that makes running policies give way.
//!
//! Nobody needs it while no policy runs, so it then rests and costs nothing. Policies mostly run for
//! microseconds, and waking it costs as much, so it goes on for a while after the last one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// After so many ticks in which no policy ran, the thread rests.
const LINGER: u32 = 100;

/// Calls what advances the epochs of engines at a steady pace while policies run. Dropping it ends its
/// thread.
#[derive(Debug)]
pub(crate) struct Ticker {
    pace: Arc<Pace>,
    thread: Option<JoinHandle<()>>,
}

/// What calls of policies and the thread tell each other.
#[derive(Debug, Default)]
struct Pace {
    /// How many calls run.
    running: AtomicUsize,
    /// Whether one has begun since the thread last looked.
    called: AtomicBool,
    /// Whether the thread waits to be woken.
    rests: AtomicBool,
    stopped: AtomicBool,
}

/// A call of a policy that runs: as long as it is held there are ticks.
#[derive(Debug)]
pub(crate) struct Running<'a>(&'a Pace);

impl Ticker {
    pub(crate) fn start(
        tick: Duration,
        advance: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let pace = Arc::new(Pace::default());
        let thread = thread::Builder::new()
            .name("sluice-ticker".to_owned())
            .spawn({
                let pace = Arc::clone(&pace);
                move || pace.keep(tick, advance)
            })?;
        Ok(Self {
            pace,
            thread: Some(thread),
        })
    }

    /// Says that a policy runs from now on.
    pub(crate) fn running(&self) -> Running<'_> {
        // Either this sees that the thread rests, or the thread sees that this runs: each writes its own
        // side before it reads the other's.
        self.pace.running.fetch_add(1, Ordering::SeqCst);
        self.pace.called.store(true, Ordering::SeqCst);
        if self.pace.rests.load(Ordering::SeqCst) {
            self.wake();
        }
        Running(&self.pace)
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Pace {
    fn keep(&self, tick: Duration, advance: impl Fn()) {
        let mut idle = LINGER;
        while !self.stopped.load(Ordering::SeqCst) {
            if idle >= LINGER {
                self.rest();
            }
            idle = if self.is_used() { 0 } else { idle + 1 };
            thread::park_timeout(tick);
            advance();
        }
    }

    /// Waits for a call.
    fn rest(&self) {
        self.rests.store(true, Ordering::SeqCst);
        let wanted = [&self.called, &self.stopped];
        while !wanted.iter().any(|flag| flag.load(Ordering::SeqCst)) {
            thread::park();
        }
        self.rests.store(false, Ordering::SeqCst);
    }

    /// Whether a call runs or has begun since this was asked last.
    fn is_used(&self) -> bool {
        self.called.swap(false, Ordering::SeqCst) || self.running.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.pace.stopped.store(true, Ordering::SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // The thread can't panic; if it did, the panic hook has already spoken.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const TICK: Duration = Duration::from_micros(100);
    const PATIENCE: Duration = Duration::from_secs(20);

    fn counted() -> (Ticker, Arc<AtomicUsize>) {
        let ticks = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&ticks);
        let advance = move || {
            counter.fetch_add(1, Ordering::SeqCst);
        };
        (Ticker::start(TICK, advance).unwrap(), ticks)
    }

    fn wait_until(met: impl Fn() -> bool) {
        let begun = Instant::now();
        while !met() {
            assert!(begun.elapsed() < PATIENCE, "it never came");
            thread::sleep(TICK);
        }
    }

    fn rests(ticker: &Ticker) -> bool {
        ticker.pace.rests.load(Ordering::SeqCst)
    }

    #[test]
    fn no_tick_comes_before_the_first_call() {
        let (ticker, ticks) = counted();
        wait_until(|| rests(&ticker));
        thread::sleep(TICK * 10);
        assert_eq!(ticks.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn ticks_come_as_long_as_a_call_runs_and_then_cease() {
        let (ticker, ticks) = counted();
        for _ in 0..3 {
            wait_until(|| rests(&ticker));
            let before = ticks.load(Ordering::SeqCst);
            let running = ticker.running();
            let many = 3 * LINGER as usize;
            wait_until(|| ticks.load(Ordering::SeqCst) > before + many);
            drop(running);
        }
        wait_until(|| rests(&ticker));
    }

    #[test]
    fn a_call_that_is_over_at_once_leaves_ticks_for_those_that_follow() {
        let (ticker, ticks) = counted();
        wait_until(|| rests(&ticker));
        drop(ticker.running());
        wait_until(|| ticks.load(Ordering::SeqCst) >= LINGER as usize);
    }

    #[test]
    fn dropping_it_ends_a_thread_that_rests_and_one_that_ticks() {
        let (ticker, ticks) = counted();
        wait_until(|| rests(&ticker));
        drop(ticker);
        assert_eq!(Arc::strong_count(&ticks), 1);

        let (ticker, ticks) = counted();
        drop(ticker.running());
        drop(ticker);
        assert_eq!(Arc::strong_count(&ticks), 1);
    }

    #[test]
    fn every_call_gets_its_ticks_however_it_meets_the_thread_going_to_rest() {
        let (ticker, ticks) = counted();
        for pause in 0..100 {
            thread::sleep(TICK * (LINGER / 2 + pause % LINGER));
            let running = ticker.running();
            let before = ticks.load(Ordering::SeqCst);
            wait_until(|| ticks.load(Ordering::SeqCst) > before + 1);
            drop(running);
        }
    }
}
