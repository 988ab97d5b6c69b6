//! Reads what is told of exchanges into what the store keeps, one after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use sluice_store::{Amendment, Exchange, NotTaken, OnDisk, Ticket, Writer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{News, Waiting};
use crate::recorder::Recording;
use crate::recorder::convert::Convert;
use crate::tasks::Tasks;

/// How long the store is left alone when it has no room.
const PAUSE: Duration = Duration::from_millis(20);
/// How long the writer may have no room once everything is told to stop.
const LAST_OFFERS: Duration = Duration::from_secs(5);
/// Recordings with more bytes are read on a thread of their own.
const LARGE: usize = 1 << 20;

/// Reads what waits, in order, and offers it to the writer.
pub(super) struct Reading {
    convert: Convert,
    writer: Writer,
    waiting: mpsc::UnboundedReceiver<Waiting>,
}

impl Reading {
    pub(super) fn new(
        convert: Convert,
        writer: Writer,
        waiting: mpsc::UnboundedReceiver<Waiting>,
    ) -> Self {
        Self {
            convert,
            writer,
            waiting,
        }
    }

    /// Runs until the tasks are told to stop and everything that waits was offered. The writer stores it then, within
    /// its own bound.
    pub(super) async fn run(mut self, stopping: CancellationToken, tasks: Tasks) {
        loop {
            let next = tokio::select! {
                biased;
                next = self.waiting.recv() => next,
                () = stopping.cancelled(), if !self.waiting.is_closed() => {
                    self.waiting.close();
                    continue;
                }
            };
            let Some(waiting) = next else {
                return;
            };
            if !self.store(waiting, &stopping, &tasks).await {
                let lost = self.waiting.len() + 1;
                tracing::error!(
                    recordings = lost,
                    "recordings were not stored before the end"
                );
                return;
            }
        }
    }

    /// Returns whether the writer took it, or it can't be read, which is logged.
    async fn store(&self, waiting: Waiting, stopping: &CancellationToken, tasks: &Tasks) -> bool {
        let Waiting {
            news,
            place,
            stored,
        } = waiting;
        let live = news.live();
        let offered = match news {
            News::Begun(recording) => self.read(recording, tasks).await.map(Offer::Begun),
            News::Closed(recording) => self.read(recording, tasks).await.map(Offer::Closed),
            News::Amended(amendment) => Some(Offer::Amended(Box::new(amendment))),
        };
        let Some(offered) = offered else {
            return true;
        };
        let Some(ticket) = self.offer(offered, stopping).await else {
            return false;
        };
        tasks.spawn(async move {
            // An exchange that was lost is in the log.
            let Ok(on_disk) = ticket.committed().await else {
                return;
            };
            place.shared.patience.is_stored();
            // Nobody may wait for it.
            let _ = stored.send(());
            drop(place);
            let is_readable = match on_disk {
                OnDisk::Database => true,
                OnDisk::Spool(shipping) => shipping.done().await,
            };
            if is_readable {
                live.recorded();
            }
        });
        true
    }

    async fn read(&self, recording: Recording, tasks: &Tasks) -> Option<Box<Exchange>> {
        let convert = self.convert.clone();
        match recording.size() > LARGE {
            false => read(&convert, recording),
            true => {
                let reading = tasks.spawn_blocking(move || read(&convert, recording));
                reading.await.ok().flatten()
            }
        }
    }

    /// Offers until there is room. Gives up if the writer has ended, or if there is no room for too long after the tasks
    /// were told to stop.
    async fn offer(&self, mut offer: Offer, stopping: &CancellationToken) -> Option<Ticket> {
        let mut stopped_at = None;
        loop {
            offer = match offer.to(&self.writer) {
                Ok(ticket) => return Some(ticket),
                Err(NotTaken::Closed(_)) => return None,
                Err(NotTaken::Full(offer)) => *offer,
            };
            if stopping.is_cancelled() {
                let since: &mut Instant = stopped_at.get_or_insert_with(Instant::now);
                if since.elapsed() > LAST_OFFERS {
                    return None;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// What is offered to the writer.
enum Offer {
    Begun(Box<Exchange>),
    Closed(Box<Exchange>),
    Amended(Box<Amendment>),
}

impl Offer {
    /// Hands it over, or returns it.
    fn to(self, writer: &Writer) -> Result<Ticket, NotTaken<Self>> {
        match self {
            Self::Begun(exchange) => {
                let taken = writer.begin(*exchange);
                taken.map_err(|not| returned(not, Self::Begun))
            }
            Self::Closed(exchange) => {
                let taken = writer.offer(*exchange);
                taken.map_err(|not| returned(not, Self::Closed))
            }
            Self::Amended(amendment) => {
                let taken = writer.amend(*amendment);
                taken.map_err(|not| returned(not, Self::Amended))
            }
        }
    }
}

fn returned<T>(not_taken: NotTaken<T>, offer: fn(Box<T>) -> Offer) -> NotTaken<Offer> {
    match not_taken {
        NotTaken::Full(back) => NotTaken::Full(Box::new(offer(back))),
        NotTaken::Closed(back) => NotTaken::Closed(Box::new(offer(back))),
    }
}

/// Reads a recording. One that makes the reader panic is logged, so that it takes no other with it.
fn read(convert: &Convert, recording: Recording) -> Option<Box<Exchange>> {
    let id = recording.exchange.clone();
    let read = catch_unwind(AssertUnwindSafe(|| Box::new(convert.exchange(recording))));
    if read.is_err() {
        tracing::error!(
            exchange.id = id,
            "a recording could not be read, and was not stored"
        );
    }
    read.ok()
}
