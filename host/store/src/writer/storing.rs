//! The way into the database, which may be away.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::upkeep::Upkeep;
use crate::error::Error;
use crate::ingest::Ingest;
use crate::item::Item;
use crate::spool::Spool;
use crate::status::Status;

/// How long a database that is away is left alone at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));
/// How long a database may be silent at first, and at most: what is large takes long. A connection whose other end
/// vanished is silent for ever.
const LIMIT: (Duration, Duration) = (
    Duration::from_secs(if cfg!(test) { 3 } else { 10 }),
    Duration::from_secs(600),
);

/// Writes to the database.
pub(super) struct Storing {
    ingest: Ingest,
    upkeep: Upkeep,
    status: Arc<Status>,
    limit: Duration,
}

/// What became of a try.
#[derive(Debug)]
pub(super) enum Outcome {
    Stored,
    /// The database is away.
    Away,
    /// The database does not take it, and says why.
    Refused(String),
}

/// The pauses between tries, each twice as long as the one before.
#[derive(Debug)]
pub(super) struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(PAUSE.0)
    }
}

impl Pauses {
    pub(super) fn next(&mut self) -> Duration {
        let now = self.0;
        self.0 = (now * 2).min(PAUSE.1);
        now
    }
}

impl Storing {
    pub(super) fn new(ingest: Ingest, status: Arc<Status>) -> Self {
        Self {
            ingest,
            upkeep: Upkeep::default(),
            status,
            limit: LIMIT.0,
        }
    }

    /// Tries once to store items, all or none. It may be dropped at any point.
    pub(super) async fn store(&mut self, items: &[Item]) -> Outcome {
        if items.iter().any(|item| matches!(item, Item::Begun(..))) {
            self.upkeep.has_begun();
        }
        let stored = timeout(self.limit, self.ingest.store(items)).await;
        match self.answered(stored) {
            Some(Ok(())) => Outcome::Stored,
            Some(Err(error)) => Outcome::Refused(error.to_string()),
            None => Outcome::Away,
        }
    }

    /// What the database answered. `None` if it is away.
    fn answered<T, E>(&mut self, done: Result<Result<T, Error>, E>) -> Option<Result<T, Error>> {
        let cause = match done {
            Ok(Err(error)) if error.passes() => error.to_string(),
            Ok(answer) => {
                self.limit = LIMIT.0;
                self.status.is_back();
                return Some(answer);
            }
            Err(_) => {
                let cause = format!("it did not answer for {:?}", self.limit);
                self.limit = (self.limit * 2).min(LIMIT.1);
                cause
            }
        };
        self.upkeep.was_away();
        self.status.is_away(&cause);
        None
    }

    /// Waits until there is something to keep up.
    pub(super) async fn due(&self) {
        self.upkeep.due().await;
    }

    /// Says that the process is alive and looks for what dead ones left, if it is time for that.
    pub(super) async fn keep_up(&mut self) {
        if self.upkeep.is_due() {
            let done = timeout(self.limit, self.upkeep.run(&mut self.ingest)).await;
            self.note(done);
        }
    }

    /// Stores what is still under way as cut, because the process ends.
    pub(super) async fn leave(&mut self) {
        let done = timeout(self.limit, self.upkeep.leave(&mut self.ingest)).await;
        self.note(done);
    }

    fn note<E>(&mut self, done: Result<Result<(), Error>, E>) {
        if let Some(Err(error)) = self.answered(done) {
            tracing::error!(error = %error, "what is under way could not be looked after");
        }
    }

    /// Ships what waits in the spool, and what comes to wait there. It may be dropped at any point.
    pub(super) async fn ship(&mut self, spool: &Spool) -> Infallible {
        let mut pauses = Pauses::default();
        loop {
            spool.filled().await;
            match self.ship_some(spool).await {
                true => pauses = Pauses::default(),
                false => sleep(pauses.next()).await,
            }
            let done = timeout(self.limit, self.upkeep.beat(&mut self.ingest)).await;
            self.note(done);
        }
    }

    /// Ships the next group. Returns false if it has to wait.
    pub(super) async fn ship_some(&mut self, spool: &Spool) -> bool {
        let number = spool.number().await;
        match self.try_ship(spool).await {
            Ok(outcome) => !matches!(outcome, Outcome::Away),
            Err(error) => {
                let is_mended = spool.mend(number, &error).await;
                if !is_mended {
                    spool.is_unreadable(&error);
                }
                is_mended
            }
        }
    }

    async fn try_ship(&mut self, spool: &Spool) -> Result<Outcome, Error> {
        let mut group = Vec::new();
        let mut last = None;
        for spooled in spool.next().await? {
            last = Some(spooled.seq);
            match spooled.item {
                Ok(item) => group.push((spooled.seq, item)),
                Err(error) => {
                    let id = spooled.id.to_string();
                    tracing::error!(
                        exchange.id = id, error = %error,
                        "an exchange in the spool can't be read, and stays there"
                    );
                    spool.refuse(spooled.seq, spooled.id).await?;
                }
            }
        }
        let Some(last) = last else {
            return Ok(Outcome::Stored);
        };
        let items: Vec<_> = group.iter().map(|(_, item)| item.clone()).collect();
        let outcome = match self.store(&items).await {
            Outcome::Refused(_) => self.ship_each(spool, &group).await?,
            outcome => outcome,
        };
        if let Outcome::Stored = outcome {
            items.iter().for_each(|item| spool.tell(item));
            spool.shipped(last).await?;
        }
        Ok(outcome)
    }

    /// Ships one by one, so that one that is refused takes no other with it.
    async fn ship_each(&mut self, spool: &Spool, group: &[(i64, Item)]) -> Result<Outcome, Error> {
        for (seq, item) in group {
            match self.store(std::slice::from_ref(item)).await {
                Outcome::Stored => {}
                Outcome::Away => return Ok(Outcome::Away),
                Outcome::Refused(cause) => {
                    let id = item.id().to_string();
                    tracing::error!(
                        exchange.id = id,
                        cause,
                        "the database refuses an exchange in the spool; it stays there until the next start"
                    );
                    spool.refuse(*seq, item.id()).await?;
                }
            }
        }
        Ok(Outcome::Stored)
    }
}
