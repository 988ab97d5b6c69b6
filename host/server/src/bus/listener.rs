//! One who hears of events.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sluice_api::LiveEvent;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::entry::Entry;
use super::id::{EventId, LastSeen};
use super::kept::Place;

/// How many events a listener looks at while it keeps others from the kept ones.
const AT_ONCE: usize = 64;
/// The same for the outlet: each time, it waits for an answer from Redis.
const OUTLET_AT_ONCE: usize = 1024;

/// Hears of events, each once, in order. Dropping it ends that.
pub struct Listener {
    shared: Arc<Shared>,
    newest: watch::Receiver<u64>,
    wanted: Box<dyn Fn(&LiveEvent) -> bool + Send + Sync>,
    /// The place of the event that comes next.
    next: u64,
    /// The last event that it was told of, or would have been told of if it wanted it.
    last: EventId,
    gap: bool,
    kind: Kind,
    closed: CancellationToken,
    over: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Listener,
    Outlet,
}

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// These events.
    Events(Vec<Arc<Entry>>),
    /// What it saw last is not known here, so nobody knows what it missed. Comes first, if at all.
    UnknownId,
    /// It was too slow, and so many events are gone. For a listener, nothing comes after this.
    Missed(u64),
    /// Nothing happens any more.
    Closed,
}

impl Listener {
    pub(super) fn new(
        shared: Arc<Shared>,
        seen: Option<LastSeen>,
        wanted: impl Fn(&LiveEvent) -> bool + Send + Sync + 'static,
    ) -> Self {
        let kept = shared.kept();
        let place = seen.map_or(Place::At(kept.end()), |seen| kept.behind(seen));
        let (next, gap) = match place {
            Place::At(next) => (next, false),
            Place::BehindGap(next) => (next, true),
        };
        let last = kept.before(next);
        drop(kept);
        Self {
            newest: shared.newest.subscribe(),
            closed: shared.closed.clone(),
            shared,
            wanted: Box::new(wanted),
            next,
            last,
            gap,
            kind: Kind::Listener,
            over: false,
        }
    }

    /// One that hears of the events of this process alone.
    pub(super) fn outlet(shared: Arc<Shared>) -> Self {
        let process = shared.process;
        let own = format!("{process}-");
        let mut outlet = Self::new(shared, None, move |event| event.id.starts_with(&own));
        outlet.kind = Kind::Outlet;
        outlet.closed = outlet.shared.ended.clone();
        outlet
    }

    /// What a connection that begins or rests can tell, so that the next one goes on from here.
    pub fn position(&self) -> LastSeen {
        LastSeen {
            event: self.last,
            from: Some(self.shared.process),
        }
    }

    /// Waits for what comes next. It can be dropped while it waits: nothing is lost by that.
    pub async fn next(&mut self) -> Heard {
        if std::mem::take(&mut self.gap) {
            return Heard::UnknownId;
        }
        loop {
            if self.over {
                return Heard::Closed;
            }
            // Before it looks, so that what comes meanwhile is seen in the next round.
            let is_closed = self.closed.is_cancelled();
            self.newest.mark_unchanged();
            match self.look() {
                Some(heard) => return heard,
                None if is_closed => self.over = true,
                None => {
                    tokio::select! {
                        // The sender lives as long as `shared`.
                        _ = self.newest.changed() => {}
                        () = self.closed.cancelled() => {}
                    }
                }
            }
        }
    }

    /// Returns what is there by now, if anything is.
    fn look(&mut self) -> Option<Heard> {
        loop {
            let kept = self.shared.kept();
            if self.next < kept.first() {
                let end = kept.end();
                let last = kept.before(end);
                // An outlet goes on with the oldest that is there.
                let next = match self.kind {
                    Kind::Listener => end,
                    Kind::Outlet => kept.first(),
                };
                drop(kept);
                return Some(self.missed(next, last));
            }
            let most = match self.kind {
                Kind::Listener => AT_ONCE,
                Kind::Outlet => OUTLET_AT_ONCE,
            };
            let found: Vec<_> = kept.from(self.next, most).cloned().collect();
            drop(kept);
            let last = found.last()?;
            self.last = last.id;
            self.next += found.len() as u64;
            let wanted = &self.wanted;
            let heard: Vec<_> = found
                .into_iter()
                .filter(|entry| wanted(&entry.event))
                .collect();
            if !heard.is_empty() {
                return Some(Heard::Events(heard));
            }
        }
    }

    fn missed(&mut self, next: u64, last: EventId) -> Heard {
        let missed = next - self.next;
        self.next = next;
        if self.kind == Kind::Listener {
            self.last = last;
            self.over = true;
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Heard::Missed(missed)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        match self.kind {
            Kind::Listener => self.shared.listeners.fetch_sub(1, Ordering::Relaxed),
            Kind::Outlet => {
                self.shared.has_outlet.store(false, Ordering::Relaxed);
                0
            }
        };
    }
}
