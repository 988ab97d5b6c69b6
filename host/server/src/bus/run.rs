//! Numbers events and keeps them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use sluice_api::{Gap, GapCause, Happening, LiveEvent};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::entry::Entry;
use super::id::EventId;
use super::{Shared, Told};
use crate::clock::unix_millis;

/// How many events are taken from the queue at once.
const AT_ONCE: usize = 256;

/// What numbers the events of a bus.
pub struct Running {
    shared: Arc<Shared>,
    waiting: mpsc::Receiver<Told>,
    elsewhere: mpsc::Receiver<LiveEvent>,
    /// The number of the last event of this process.
    number: u64,
    /// How many of those that were left out are told of.
    gaps_told: u64,
}

impl Running {
    pub(super) fn new(
        shared: Arc<Shared>,
        waiting: mpsc::Receiver<Told>,
        elsewhere: mpsc::Receiver<LiveEvent>,
    ) -> Self {
        Self {
            shared,
            waiting,
            elsewhere,
            number: 0,
            gaps_told: 0,
        }
    }

    /// Runs until it is told to stop, and what waits by then is told.
    pub async fn run(mut self, stopping: CancellationToken) {
        let mut waiting = Vec::with_capacity(AT_ONCE);
        let mut others = Vec::new();
        loop {
            let taken = tokio::select! {
                biased;
                taken = self.waiting.recv_many(&mut waiting, AT_ONCE) => taken,
                taken = self.elsewhere.recv_many(&mut others, AT_ONCE), if !self.waiting.is_closed() => taken,
                () = stopping.cancelled(), if !self.waiting.is_closed() => {
                    self.waiting.close();
                    continue;
                }
            };
            if taken == 0 {
                self.shared.closed.cancel();
                return self.shared.ended.cancel();
            }
            self.keep(&mut waiting, &mut others);
        }
    }

    /// Keeps what waits now.
    #[cfg(test)]
    pub(super) async fn turn(&mut self) {
        let mut waiting = Vec::new();
        self.waiting.recv_many(&mut waiting, AT_ONCE).await;
        self.keep(&mut waiting, &mut Vec::new());
    }

    fn keep(&mut self, waiting: &mut Vec<Told>, others: &mut Vec<LiveEvent>) {
        let mut finished = 0;
        let mut entries = Vec::with_capacity(waiting.len() + others.len() + 1);
        entries.extend(self.gap());
        for Told { at_ms, what } in waiting.drain(..) {
            finished += usize::from(matches!(what, Happening::ExchangeFinished(_)));
            entries.push(self.own(at_ms, what));
        }
        entries.extend(others.drain(..).filter_map(|event| self.of_another(event)));
        let mut kept = self.shared.kept();
        entries.into_iter().for_each(|entry| kept.push(entry));
        let end = kept.end();
        drop(kept);
        self.shared.open.fetch_sub(finished, Ordering::Relaxed);
        self.shared.newest.send_replace(end);
    }

    /// The event that tells of those for which the queue had no room, if there are new ones.
    fn gap(&mut self) -> Option<Entry> {
        let left_out = self.shared.left_out.load(Ordering::Relaxed);
        let missed = left_out - self.gaps_told;
        self.gaps_told = left_out;
        let what = Happening::Gap(Gap {
            because: GapCause::Overload,
            missed: Some(missed),
            process: Some(self.shared.process.to_string()),
        });
        let at_ms = unix_millis();
        (missed > 0).then(|| self.own(at_ms, what))
    }

    fn of_another(&self, event: LiveEvent) -> Option<Entry> {
        let id = event.id.parse().ok()?;
        Some(Entry::new(id, event, self.shared.process, Instant::now()))
    }

    fn own(&mut self, at_ms: u64, what: Happening) -> Entry {
        self.number += 1;
        self.shared.told.fetch_add(1, Ordering::Relaxed);
        let id = EventId {
            process: self.shared.process,
            number: self.number,
        };
        let event = LiveEvent {
            id: id.to_string(),
            at_ms,
            what,
        };
        Entry::new(id, event, self.shared.process, Instant::now())
    }
}
