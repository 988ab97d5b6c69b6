//! The task that stores what a writer takes.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::Lost;
use super::queue::{Queue, Queued};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::ingest::Ingest;

/// The most exchanges and bytes of one commit.
const GROUP: (usize, usize) = (64, 4 << 20);
/// How long a database that is away is left alone at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Stores what a [`Writer`](super::Writer) takes. Whoever opened the store runs it. Dropping it loses what waits; the
/// tickets hear of that.
pub struct Writing {
    pub(super) queue: Arc<Queue>,
    pub(super) ingest: Ingest,
    pub(super) drain: Duration,
}

impl Writing {
    /// Stores groups of exchanges in the order in which they were offered, until it is told to stop. Then it stores
    /// what still waits, for as long as the settings allow.
    pub async fn run(mut self, stopping: impl Future<Output = ()> + Send) {
        let mut stop = Stop::new(stopping, self.drain);
        loop {
            let group = tokio::select! {
                group = self.queue.take(GROUP.0, GROUP.1) => group,
                () = stop.told(), if stop.deadline.is_none() => break,
            };
            self.store(group, &mut stop).await;
            if stop.deadline.is_some() {
                break;
            }
        }
        self.queue.close();
        loop {
            let group = self.queue.take_now(GROUP.0, GROUP.1);
            if group.is_empty() {
                return;
            }
            self.store(group, &mut stop).await;
        }
    }

    /// Stores a group, together or one by one if one of it is refused.
    async fn store(&mut self, group: Vec<Queued>, stop: &mut Stop<'_>) {
        let exchanges: Vec<_> = group.iter().map(|one| Arc::clone(&one.exchange)).collect();
        let stored = self.until_stored(&exchanges, stop).await;
        if matches!(stored, Err(Lost::Refused(_))) && group.len() > 1 {
            for one in group {
                let alone = self.until_stored(&[Arc::clone(&one.exchange)], stop).await;
                self.settle(one, alone);
            }
            return;
        }
        for one in group {
            self.settle(one, stored.clone());
        }
    }

    fn settle(&self, one: Queued, result: Result<(), Lost>) {
        if let Err(error) = &result {
            let id = one.exchange.id.to_string();
            tracing::error!(exchange.id = id, error = %error, "an exchange was not stored");
        }
        self.queue.settle(one, result);
    }

    /// Tries again for as long as the database is away.
    async fn until_stored(
        &mut self,
        exchanges: &[Arc<Exchange>],
        stop: &mut Stop<'_>,
    ) -> Result<(), Lost> {
        let mut pause = BACKOFF.0;
        loop {
            match stop.within(self.ingest.store(exchanges)).await {
                Some(Ok(())) => return Ok(()),
                Some(Err(error)) if error.passes() => {
                    tracing::warn!(cause = %error, "the database is away, trying again");
                    stop.pause(pause).await;
                    pause = (pause * 2).min(BACKOFF.1);
                }
                Some(Err(error)) => return Err(Lost::Refused(error.to_string())),
                None => return Err(Lost::Ended),
            }
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.queue.close();
        let lost = self.queue.clear();
        if lost > 0 {
            tracing::error!(exchanges = lost, "exchanges were not stored before the end");
        }
    }
}

/// When to stop, and by when everything must be done.
struct Stop<'a> {
    told: Pin<Box<dyn Future<Output = ()> + Send + 'a>>,
    drain: Duration,
    deadline: Option<Instant>,
}

impl<'a> Stop<'a> {
    fn new(told: impl Future<Output = ()> + Send + 'a, drain: Duration) -> Self {
        Self {
            told: Box::pin(told),
            drain,
            deadline: None,
        }
    }

    /// Waits until it is told to stop. Must not be called again then.
    async fn told(&mut self) {
        self.told.as_mut().await;
        self.deadline = Some(Instant::now() + self.drain);
    }

    /// Waits a little, but not after the deadline.
    async fn pause(&mut self, pause: Duration) {
        match self.deadline {
            Some(deadline) => tokio::time::sleep_until(deadline.min(Instant::now() + pause)).await,
            None => tokio::select! {
                () = sleep(pause) => {}
                () = self.told() => {}
            },
        }
    }

    /// Lets something run until it is done, or the deadline passes.
    async fn within(
        &mut self,
        work: impl Future<Output = Result<(), Error>>,
    ) -> Option<Result<(), Error>> {
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
