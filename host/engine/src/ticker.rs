//! The thread that makes running policies give way to other tasks.
//!
//! It sleeps while no policy runs. A call usually takes microseconds, and waking the thread costs
//! as much, so it stays awake for a while after the last call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The thread sleeps after this many ticks in which no policy ran.
const LINGER: u32 = 100;

/// Advances the epochs of engines at a steady pace while policies run. Dropping it ends its thread.
#[derive(Debug)]
pub(crate) struct Ticker {
    pace: Arc<Pace>,
    thread: Option<JoinHandle<()>>,
}

/// The state that calls of policies and the thread share.
#[derive(Debug, Default)]
struct Pace {
    /// How many calls are running.
    running: AtomicUsize,
    /// Whether a call has begun since the thread last looked.
    called: AtomicBool,
    /// Whether the thread sleeps until it is woken.
    rests: AtomicBool,
    stopped: AtomicBool,
}

/// Stands for a running call of a policy. There are ticks while it is held.
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

    /// Begins a call of a policy, and wakes the thread if it sleeps.
    pub(crate) fn running(&self) -> Running<'_> {
        // Each side writes its own flag before it reads the other's. So either this call sees that
        // the thread sleeps, or the thread sees this call.
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

    /// Sleeps until a call begins.
    fn rest(&self) {
        self.rests.store(true, Ordering::SeqCst);
        let wanted = [&self.called, &self.stopped];
        while !wanted.iter().any(|flag| flag.load(Ordering::SeqCst)) {
            thread::park();
        }
        self.rests.store(false, Ordering::SeqCst);
    }

    /// Whether a call is running, or has begun since the last call of this.
    fn is_used(&self) -> bool {
        self.called.swap(false, Ordering::SeqCst) || self.running.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.pace.stopped.store(true, Ordering::SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // The thread can't panic; if it did, the panic hook has already reported it.
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
