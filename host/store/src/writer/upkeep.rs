//! When the writer says that it is alive, and looks for what dead processes left.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::error::Error;
use crate::ingest::Ingest;
use crate::item::Item;
use crate::journal::{BEAT, SILENCE};

/// How often exchanges of dead processes are looked for.
const SWEEP: Duration = Duration::from_secs(5);

/// When what is due.
#[derive(Debug)]
pub(super) struct Upkeep {
    /// `None` while the process has nothing under way.
    beat: Option<Instant>,
    sweep: Instant,
    /// Dead processes that left what this version can't read.
    unreadable: HashSet<Uuid>,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            beat: None,
            sweep: Instant::now(),
            unreadable: HashSet::new(),
        }
    }
}

impl Upkeep {
    /// Waits until something is due.
    pub(super) async fn due(&self) {
        tokio::time::sleep_until(self.next()).await;
    }

    pub(super) fn is_due(&self) -> bool {
        self.next() <= Instant::now()
    }

    fn next(&self) -> Instant {
        self.beat.map_or(self.sweep, |beat| beat.min(self.sweep))
    }

    /// Notes that the process has something under way.
    pub(super) fn has_begun(&mut self) {
        self.beat.get_or_insert_with(|| Instant::now() + BEAT);
    }

    /// Notes that the database was away. Other processes could not say that they are alive, so they get time for it.
    pub(super) fn was_away(&mut self) {
        self.sweep = Instant::now() + SILENCE;
    }

    /// Does what is due. It may be dropped at any point.
    pub(super) async fn run(&mut self, ingest: &mut Ingest) -> Result<(), Error> {
        self.beat(ingest).await?;
        let now = Instant::now();
        if self.sweep <= now {
            self.sweep = now + SWEEP;
            for process in ingest.dead().await? {
                if !self.unreadable.contains(&process) {
                    self.take_over(ingest, process).await?;
                }
            }
        }
        Ok(())
    }

    /// Says that the process is alive, if it is time for that. It may be dropped at any point.
    pub(super) async fn beat(&mut self, ingest: &mut Ingest) -> Result<(), Error> {
        let now = Instant::now();
        if self.beat.is_some_and(|beat| beat <= now) {
            self.beat = Some(now + BEAT);
            if !ingest.beat().await? {
                self.beat = None;
            }
        }
        Ok(())
    }

    /// Stores what this process has under way as cut, because it ends.
    pub(super) async fn leave(&mut self, ingest: &mut Ingest) -> Result<(), Error> {
        if self.beat.is_some() {
            let process = ingest.process();
            self.take_over(ingest, process).await?;
            ingest.beat().await?;
        }
        Ok(())
    }

    /// Stores what a process left. What can't be read or stored stays, and is not tried again.
    async fn take_over(&mut self, ingest: &mut Ingest, process: Uuid) -> Result<(), Error> {
        let mut after = Uuid::nil();
        let mut cut = 0;
        loop {
            let left = ingest.left(process, after).await?;
            for (id, error) in left.unreadable {
                self.unreadable.insert(process);
                not_stored(id, &error);
            }
            let items: Vec<_> = left
                .cut
                .into_iter()
                .map(|one| Item::Cut(one.into()))
                .collect();
            cut += items.len();
            self.store(ingest, process, &items).await?;
            match left.last {
                Some(last) => after = last,
                None => break,
            }
        }
        if cut > 0 {
            tracing::warn!(
                exchanges = cut,
                "exchanges were under way when their process ended; they are stored as cut"
            );
        }
        ingest.bury(process).await
    }

    /// Stores exchanges together, or one by one if one of them is refused.
    async fn store(
        &mut self,
        ingest: &mut Ingest,
        process: Uuid,
        items: &[Item],
    ) -> Result<(), Error> {
        match ingest.store(items).await {
            Err(error) if !error.passes() => {}
            done => return done,
        }
        for item in items {
            match ingest.store(std::slice::from_ref(item)).await {
                Err(error) if !error.passes() => {
                    self.unreadable.insert(process);
                    not_stored(item.id(), &error);
                }
                done => done?,
            }
        }
        Ok(())
    }
}

fn not_stored(id: Uuid, error: &Error) {
    tracing::error!(
        exchange.id = id.to_string(),
        error = %error,
        "an exchange that was under way when its process ended can't be stored yet"
    );
}
