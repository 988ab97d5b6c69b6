//! Forgets what is too old or too much.
//!
//! Looks once an hour, and a little after the start. What goes, goes in small groups, so that nobody who writes waits
//! for long.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sluice_store::{Eraser, Error};

use crate::tasks::Tasks;

/// How long after the start the first look is.
const FIRST: Duration = Duration::from_secs(30);
/// How long it is from one look to the next.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// How long the record is kept. What is `None` has no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// How old contents may be.
    pub contents: Option<Duration>,
    /// How old exchanges may be at all.
    pub numbers: Option<Duration>,
    /// How many bytes all contents may take.
    pub size: Option<u64>,
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// How many exchanges lost their contents.
    pub contents: u64,
    /// How many exchanges are gone.
    pub exchanges: u64,
}

impl Retention {
    /// Looks from time to time, until the tasks are told to stop. Does nothing if nothing has a bound.
    pub fn keep_up(self, eraser: Eraser, tasks: &Tasks) {
        if self == Self::default() {
            return;
        }
        let stopping = tasks.stopping().clone();
        tasks.spawn(async move { stopping.clone().run_until_cancelled(self.run(eraser)).await });
    }

    async fn run(self, eraser: Eraser) {
        let mut wait = FIRST;
        // What an earlier process erased may still stand in the files.
        let mut is_to_scrub = true;
        loop {
            tokio::time::sleep(wait).await;
            wait = EVERY;
            match self.purge(&eraser, SystemTime::now()).await {
                Ok(Forgotten {
                    contents: 0,
                    exchanges: 0,
                }) => {}
                Ok(forgotten) => {
                    is_to_scrub = true;
                    tracing::info!(
                        contents = forgotten.contents,
                        exchanges = forgotten.exchanges,
                        "forgot what is too old or too much (retention)"
                    );
                }
                Err(error) => {
                    is_to_scrub = true;
                    tracing::error!("the record could not be shortened: {error}");
                }
            }
            if is_to_scrub {
                match eraser.scrub().await {
                    Ok(()) => is_to_scrub = false,
                    Err(error) => tracing::warn!(
                        "what was forgotten may still stand in the database's files: {error}"
                    ),
                }
            }
        }
    }

    /// Forgets what is over a bound now, and makes sure that the database's files hold nothing of it.
    pub async fn forget(&self, eraser: &Eraser, now: SystemTime) -> Result<Forgotten, Error> {
        let forgotten = self.purge(eraser, now).await?;
        if forgotten != Forgotten::default() {
            eraser.scrub().await?;
        }
        Ok(forgotten)
    }

    async fn purge(&self, eraser: &Eraser, now: SystemTime) -> Result<Forgotten, Error> {
        let before = |age: Duration| {
            let at = now.checked_sub(age)?.duration_since(UNIX_EPOCH).ok()?;
            u64::try_from(at.as_millis()).ok()
        };
        let mut forgotten = Forgotten::default();
        if let Some(before) = self.numbers.and_then(before) {
            forgotten.exchanges += eraser.purge_exchanges(before).await?;
        }
        if let Some(before) = self.contents.and_then(before) {
            forgotten.contents += eraser.purge_contents(before).await?;
        }
        if let Some(size) = self.size {
            forgotten.contents += eraser.purge_to_size(size).await?;
        }
        Ok(forgotten)
    }
}
