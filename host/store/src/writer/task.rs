//! The task that stores what a writer takes.

use std::sync::Arc;
use std::time::Duration;

use super::Lost;
use super::queue::{Queue, Queued};
use super::stop::Stop;
use super::upkeep::Upkeep;
use crate::ingest::Ingest;
use crate::item::Item;

/// The most items and bytes of one commit.
const GROUP: (usize, usize) = (64, 4 << 20);
/// How long a database that is away is left alone at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Stores what a [`Writer`](super::Writer) takes. Whoever opened the store runs it. Dropping it loses what waits; the
/// tickets hear of that.
pub struct Writing {
    pub(super) queue: Arc<Queue>,
    pub(super) ingest: Ingest,
    pub(super) upkeep: Upkeep,
    pub(super) drain: Duration,
}

impl Writing {
    /// Stores what comes, in groups and in the order in which it was handed over, until it is told to stop. Then it
    /// stores what still waits, for as long as the settings allow.
    pub async fn run(mut self, stopping: impl Future<Output = ()> + Send) {
        let mut stop = Stop::new(stopping, self.drain);
        while stop.is_running() {
            tokio::select! {
                group = self.queue.take(GROUP.0, GROUP.1) => self.store(group, &mut stop).await,
                () = self.upkeep.due() => {}
                () = stop.told() => break,
            }
            if stop.is_running() && self.upkeep.is_due() {
                self.keep_up(&mut stop).await;
            }
        }
        self.queue.close();
        loop {
            let group = self.queue.take_now(GROUP.0, GROUP.1);
            if group.is_empty() {
                break;
            }
            self.store(group, &mut stop).await;
        }
        if let Some(Err(error)) = stop.within(self.upkeep.leave(&mut self.ingest)).await {
            tracing::warn!(cause = %error, "exchanges that are under way were not stored before the end");
        }
    }

    async fn keep_up(&mut self, stop: &mut Stop<'_>) {
        if let Some(Err(error)) = stop.within(self.upkeep.run(&mut self.ingest)).await {
            self.upkeep.was_away();
            tracing::warn!(cause = %error, "exchanges of processes that ended were not looked for");
        }
    }

    /// Stores a group, together or one by one if one of it is refused.
    async fn store(&mut self, group: Vec<Queued>, stop: &mut Stop<'_>) {
        let items: Vec<_> = group.iter().map(|one| one.item.clone()).collect();
        let stored = self.until_stored(&items, stop).await;
        if matches!(stored, Err(Lost::Refused(_))) && group.len() > 1 {
            for one in group {
                let item = std::slice::from_ref(&one.item);
                let alone = self.until_stored(item, stop).await;
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
            let id = one.item.id().to_string();
            tracing::error!(exchange.id = id, error = %error, "an exchange was not stored");
        }
        self.queue.settle(one, result);
    }

    /// Tries again for as long as the database is away.
    async fn until_stored(&mut self, items: &[Item], stop: &mut Stop<'_>) -> Result<(), Lost> {
        if items.iter().any(|item| matches!(item, Item::Begun(_))) {
            self.upkeep.has_begun();
        }
        let mut pause = BACKOFF.0;
        loop {
            match stop.within(self.ingest.store(items)).await {
                Some(Ok(())) => return Ok(()),
                Some(Err(error)) if error.passes() => {
                    self.upkeep.was_away();
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
