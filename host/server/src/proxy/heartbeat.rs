//! Decides when the caller of a held reply gets a heartbeat.
//!
//! Every byte that is sent moves the deadline, mostly thousands of times before it is met. So the timer is not reset
//! each time. When it fires, the deadline is computed anew.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Times the heartbeats of a delivery.
pub(super) struct Heartbeat {
    interval: Duration,
    last_sent: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Heartbeat {
    /// Starts the clock.
    pub(super) fn new(interval: Duration) -> Self {
        let now = Instant::now();
        Self {
            interval,
            last_sent: now,
            timer: Box::pin(sleep_until(now + interval)),
        }
    }

    /// Notes that bytes went to the caller.
    pub(super) fn sent(&mut self) {
        self.last_sent = Instant::now();
    }

    /// Ready when a heartbeat is due. The caller of this sends it and calls [`sent`](Self::sent).
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            std::task::ready!(self.timer.as_mut().poll(context));
            let due = self.last_sent + self.interval;
            if due <= Instant::now() {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(5);

    async fn due_after(heartbeat: &mut Heartbeat) -> u64 {
        let begun = Instant::now();
        poll_fn(|context| heartbeat.poll(context)).await;
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_is_due_for_as_long_as_nothing_is_sent() {
        let mut heartbeat = Heartbeat::new(INTERVAL);
        assert_eq!(due_after(&mut heartbeat).await, 5);
        heartbeat.sent();
        assert_eq!(due_after(&mut heartbeat).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_put_it_off() {
        let mut heartbeat = Heartbeat::new(INTERVAL);
        tokio::time::advance(Duration::from_secs(4)).await;
        heartbeat.sent();
        assert_eq!(due_after(&mut heartbeat).await, 5);
    }
}
