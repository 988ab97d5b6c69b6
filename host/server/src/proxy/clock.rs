//! The deadlines of a delivery: when a heartbeat is due, and when upstream has been silent for too long.
//!
//! Bytes move both of them all the time, mostly thousands of times before one is met. So there is one
//! timer, set to the earlier deadline, and only when it rings is it looked at again what is due by now.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// What has become due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The caller is to be told that its reply still comes.
    Beat,
    /// Upstream has been silent for as long as it may be.
    Silence,
}

/// Times a delivery.
pub(super) struct Clock {
    heartbeat: Duration,
    idle_timeout: Duration,
    last_sent: Instant,
    last_received: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Clock {
    /// Begins to time.
    pub(super) fn new(heartbeat: Duration, idle_timeout: Duration) -> Self {
        let now = Instant::now();
        Self {
            heartbeat,
            idle_timeout,
            last_sent: now,
            last_received: now,
            timer: Box::pin(sleep_until(now + heartbeat.min(idle_timeout))),
        }
    }

    /// How long upstream may be silent.
    pub(super) fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    /// Bytes went to the caller.
    pub(super) fn sent(&mut self) {
        self.last_sent = Instant::now();
    }

    /// Bytes came from upstream.
    pub(super) fn received(&mut self) {
        self.last_received = Instant::now();
    }

    /// The policies are done. The time they took is not upstream's silence, which begins anew.
    pub(super) fn answered(&mut self) {
        self.received();
        let (beat, silence) = self.deadlines();
        let next = beat.min(silence);
        // A timer that rings too early looks again; one that rings too late is the fault.
        if self.timer.deadline() > next {
            self.timer.as_mut().reset(next);
        }
    }

    /// Ready when something is due. While policies are `busy` upstream's silence is not.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, busy: bool) -> Poll<Due> {
        loop {
            std::task::ready!(self.timer.as_mut().poll(context));
            let now = Instant::now();
            let (beat, silence) = self.deadlines();
            if !busy && silence <= now {
                return Poll::Ready(Due::Silence);
            }
            if beat <= now {
                // Whoever is told sends something, and that moves the deadline.
                return Poll::Ready(Due::Beat);
            }
            let next = if busy { beat } else { beat.min(silence) };
            self.timer.as_mut().reset(next);
        }
    }

    fn deadlines(&self) -> (Instant, Instant) {
        let beat = self.last_sent + self.heartbeat;
        (beat, self.last_received + self.idle_timeout)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const BEAT: Duration = Duration::from_secs(5);
    const IDLE: Duration = Duration::from_secs(12);

    async fn due(clock: &mut Clock, busy: bool) -> (Due, Duration) {
        let begun = Instant::now();
        let due = poll_fn(|context| clock.poll(context, busy)).await;
        (
            due,
            begun.elapsed().max(Duration::from_millis(1)) - Duration::from_millis(1),
        )
    }

    async fn check(clock: &mut Clock, busy: bool, what: Due, seconds: u64) {
        let (due, after) = due(clock, busy).await;
        assert_eq!((due, after.as_secs_f64().round() as u64), (what, seconds));
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_is_due_for_as_long_as_nothing_is_sent() {
        let mut clock = Clock::new(BEAT, IDLE);
        check(&mut clock, true, Due::Beat, 5).await;
        clock.sent();
        check(&mut clock, true, Due::Beat, 5).await;
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_put_both_deadlines_off() {
        let mut clock = Clock::new(BEAT, IDLE);
        tokio::time::advance(Duration::from_secs(4)).await;
        clock.sent();
        clock.received();
        check(&mut clock, false, Due::Beat, 5).await;
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_due_beside_the_heartbeats() {
        let mut clock = Clock::new(BEAT, IDLE);
        for _ in 0..2 {
            check(&mut clock, false, Due::Beat, 5).await;
            clock.sent();
        }
        check(&mut clock, false, Due::Silence, 2).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_policies_time_is_not_upstreams_silence() {
        let mut clock = Clock::new(Duration::from_secs(15), Duration::from_secs(1));
        check(&mut clock, true, Due::Beat, 15).await;
        clock.sent();
        clock.answered();
        check(&mut clock, false, Due::Silence, 1).await;
    }
}
