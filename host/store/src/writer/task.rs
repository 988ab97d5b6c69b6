//! The task that stores what a writer takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::queue::{Queue, Queued};
use super::stop::Stop;
use super::storing::{Outcome, Pauses, Storing};
use super::{Lost, OnDisk};
use crate::item::Item;
use crate::spool::Spool;

/// The most items and bytes of one commit.
const GROUP: (usize, usize) = (64, 4 << 20);
/// How often the spools of processes that ended are looked for.
const ADOPT: Duration = Duration::from_secs(60);
/// How many groups of theirs are taken over at once.
const ADOPTED: usize = 4;
/// How long a spool without room is left alone, if nothing leaves it before.
const NO_ROOM: Duration = Duration::from_secs(1);

/// Stores what a [`Writer`](super::Writer) takes. Whoever opened the store runs it. Dropping it loses what waits in
/// memory; the tickets hear of that.
pub struct Writing {
    queue: Arc<Queue>,
    storing: Storing,
    spool: Option<Spool>,
    adopt: Instant,
    drain: Duration,
}

impl Writing {
    pub(super) fn new(queue: Arc<Queue>, storing: Storing, drain: Duration) -> Self {
        Self {
            queue,
            storing,
            spool: None,
            adopt: Instant::now() + ADOPT,
            drain,
        }
    }

    /// Keeps what comes in a spool while the database is away.
    pub(crate) fn spool_to(&mut self, spool: Spool) {
        self.spool = Some(spool);
    }

    /// Stores what comes, in groups and in the order in which it was handed over, until it is told to stop. Then it
    /// stores what still waits, for as long as the settings allow.
    pub async fn run(mut self, stopping: impl Future<Output = ()> + Send) {
        let mut stop = Stop::new(stopping, self.drain);
        // What was taken from the queue and has no place yet.
        let mut left = Vec::new();
        while stop.is_running() {
            left = match self.is_spooling() {
                true => self.write_behind(left, &mut stop).await,
                false => self.write_through(left, &mut stop).await,
            };
        }
        self.queue.close();
        self.finish(left, &mut stop).await;
        if let Some(spool) = &self.spool {
            spool.close().await;
        }
    }

    /// Whether something waits in the spool. Then all that comes must wait behind it.
    fn is_spooling(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| !spool.is_empty())
    }

    /// Stores what comes in the database, until that is away and the spool has something. Returns what has no place.
    async fn write_through(&mut self, left: Vec<Queued>, stop: &mut Stop<'_>) -> Vec<Queued> {
        if !left.is_empty() {
            return self.store(left, stop).await;
        }
        while stop.is_running() && !self.is_spooling() {
            let left = tokio::select! {
                group = self.queue.take(GROUP.0, GROUP.1) => self.store(group, stop).await,
                () = self.storing.due() => Vec::new(),
                () = stop.told() => Vec::new(),
            };
            if !left.is_empty() {
                return left;
            }
            if stop.is_running() {
                stop.within(self.storing.keep_up()).await;
                self.adopt().await;
            }
        }
        Vec::new()
    }

    /// Keeps what comes in the spool while that is shipped, until nothing waits there any more. Returns what has no
    /// place.
    async fn write_behind(&mut self, left: Vec<Queued>, stop: &mut Stop<'_>) -> Vec<Queued> {
        let Some(spool) = &self.spool else {
            return left;
        };
        // Both at once: a database that is silent for long must not keep anything from the spool.
        tokio::select! {
            never = self.storing.ship(spool) => match never {},
            left = take_in(&self.queue, spool, left, stop) => left,
        }
    }

    /// Stores what still waits, in the database or in the spool.
    async fn finish(&mut self, mut group: Vec<Queued>, stop: &mut Stop<'_>) {
        loop {
            if group.is_empty() {
                group = self.queue.take_now(GROUP.0, GROUP.1);
            }
            if group.is_empty() {
                break;
            }
            group = self.store(group, stop).await;
        }
        if let Some(spool) = &self.spool {
            while !spool.is_empty() {
                if stop.within(self.storing.ship_some(spool)).await != Some(true) {
                    tracing::warn!("what waits in the spool is stored at the next start");
                    return;
                }
            }
        }
        stop.within(self.storing.leave()).await;
    }

    /// Takes over what processes that ended left in their spools, if it is time to look.
    async fn adopt(&mut self) {
        let Some(spool) = &self.spool else { return };
        if self.adopt <= Instant::now() {
            // What comes meanwhile waits, so it is done a little at a time.
            if !spool.adopt(ADOPTED).await {
                self.adopt = Instant::now() + ADOPT;
            }
        }
    }

    /// Stores a group, together or one by one if one of it is refused. Returns what has no place: the spool is full.
    async fn store(&mut self, mut group: Vec<Queued>, stop: &mut Stop<'_>) -> Vec<Queued> {
        let items: Vec<_> = group.iter().map(|one| one.item.clone()).collect();
        match self.keep(&items, stop).await {
            Ok(kept) => {
                let left = group.split_off(kept.len());
                settle(&self.queue, group, kept);
                left
            }
            Err(Lost::Refused(_)) if group.len() > 1 => {
                for one in group {
                    match self.keep(std::slice::from_ref(&one.item), stop).await {
                        Ok(kept) => settle(&self.queue, vec![one], kept),
                        Err(lost) => lose(&self.queue, vec![one], &lost),
                    }
                }
                Vec::new()
            }
            Err(lost) => {
                lose(&self.queue, group, &lost);
                Vec::new()
            }
        }
    }

    /// Brings items to disk: into the database, or into the spool if the database is away or something waits there.
    /// Tries again for as long as neither takes them. Returns where those are that it brought there, from the first on.
    async fn keep(&mut self, items: &[Item], stop: &mut Stop<'_>) -> Result<Vec<OnDisk>, Lost> {
        let mut pauses = Pauses::default();
        loop {
            if !self.is_spooling() {
                match stop.within(self.storing.store(items)).await {
                    Some(Outcome::Stored) => {
                        return Ok(items.iter().map(|_| OnDisk::Database).collect());
                    }
                    Some(Outcome::Refused(cause)) => return Err(Lost::Refused(cause)),
                    Some(Outcome::Away) | None => {}
                }
            }
            if let Some(spool) = &self.spool {
                let kept = spool.keep(items).await;
                if !kept.is_empty() {
                    return Ok(kept.into_iter().map(OnDisk::Spool).collect());
                }
                // Only what leaves makes room.
                stop.within(self.storing.ship_some(spool)).await;
            }
            if stop.is_over() {
                return Err(Lost::Ended);
            }
            stop.pause(pauses.next()).await;
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

/// Keeps what is left and what comes in the spool, until nothing waits there any more or it is told to stop. Returns
/// what has no place.
async fn take_in(
    queue: &Queue,
    spool: &Spool,
    mut left: Vec<Queued>,
    stop: &mut Stop<'_>,
) -> Vec<Queued> {
    loop {
        if left.is_empty() {
            left = tokio::select! {
                () = spool.emptied() => return left,
                () = stop.told() => return left,
                group = queue.take(GROUP.0, GROUP.1) => group,
            };
        }
        let items: Vec<_> = left.iter().map(|one| one.item.clone()).collect();
        let kept = spool.keep(&items).await;
        let is_full = kept.is_empty();
        let rest = left.split_off(kept.len());
        settle(queue, left, kept.into_iter().map(OnDisk::Spool));
        left = rest;
        if is_full {
            tokio::select! {
                // Then there is room in the database.
                () = spool.emptied() => return left,
                () = spool.room() => {}
                () = sleep(NO_ROOM) => {}
                () = stop.told() => return left,
            }
        }
    }
}

/// Tells each of a group where it is.
fn settle(queue: &Queue, group: Vec<Queued>, kept: impl IntoIterator<Item = OnDisk>) {
    for (one, place) in group.into_iter().zip(kept) {
        queue.settle(one, Ok(place));
    }
}

/// Tells each of a group that it is lost.
fn lose(queue: &Queue, group: Vec<Queued>, lost: &Lost) {
    for one in group {
        let id = one.item.id().to_string();
        tracing::error!(exchange.id = id, error = %lost, "an exchange was not stored");
        queue.settle(one, Err(lost.clone()));
    }
}
