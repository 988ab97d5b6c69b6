//! When the writer's task is to stop, and by when everything must be done.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

/// When to stop, and by when everything must be done.
pub(super) struct Stop<'a> {
    told: Pin<Box<dyn Future<Output = ()> + Send + 'a>>,
    drain: Duration,
    deadline: Option<Instant>,
}

impl<'a> Stop<'a> {
    pub(super) fn new(told: impl Future<Output = ()> + Send + 'a, drain: Duration) -> Self {
        Self {
            told: Box::pin(told),
            drain,
            deadline: None,
        }
    }

    /// Whether it was not told to stop yet.
    pub(super) fn is_running(&self) -> bool {
        self.deadline.is_none()
    }

    /// Whether everything must be done by now.
    pub(super) fn is_over(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Waits until it is told to stop. Must not be called again then.
    pub(super) async fn told(&mut self) {
        self.told.as_mut().await;
        self.deadline = Some(Instant::now() + self.drain);
    }

    /// Waits a little, but not after the deadline.
    pub(super) async fn pause(&mut self, pause: Duration) {
        match self.deadline {
            Some(deadline) => tokio::time::sleep_until(deadline.min(Instant::now() + pause)).await,
            None => tokio::select! {
                () = sleep(pause) => {}
                () = self.told() => {}
            },
        }
    }

    /// Lets something run until it is done, or the deadline passes.
    pub(super) async fn within<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        if self.deadline.is_none() {
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                () = self.told() => {}
            }
        }
        match self.deadline {
            Some(deadline) => timeout_at(deadline, work).await.ok(),
            None => Some(work.await),
        }
    }
}
