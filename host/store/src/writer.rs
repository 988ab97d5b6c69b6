//! The way into the store: a bounded queue, and a ticket for each exchange in it.

mod queue;
mod task;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::config::Bounds;
use crate::exchange::Exchange;
use crate::ingest::Ingest;

use queue::Queue;
pub use task::Writing;

/// Takes exchanges for the store. Clones share one queue.
#[derive(Clone)]
pub struct Writer {
    queue: Arc<Queue>,
}

/// The promise that an exchange will be stored. Dropping it changes nothing.
#[derive(Debug)]
pub struct Ticket {
    done: oneshot::Receiver<Result<(), Lost>>,
}

/// The queue is full. The exchange comes back, so that the caller may keep it elsewhere.
#[derive(Debug, thiserror::Error)]
#[error("the store has no room for another exchange")]
pub struct Full(pub Box<Exchange>);

/// An exchange was not stored, and will not be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// The database refuses it.
    #[error("the database refuses the exchange: {0}")]
    Refused(String),
    /// The writer ended before it was stored.
    #[error("the writer ended before the exchange was stored")]
    Ended,
}

impl Writer {
    pub(crate) fn new(bounds: Bounds, ingest: Ingest, drain: Duration) -> (Self, Writing) {
        let queue = Arc::new(Queue::new(bounds));
        let writer = Self {
            queue: Arc::clone(&queue),
        };
        let writing = Writing {
            queue,
            ingest,
            drain,
        };
        (writer, writing)
    }

    /// Hands an exchange over. Never waits.
    pub fn offer(&self, exchange: Exchange) -> Result<Ticket, Full> {
        let (sender, done) = oneshot::channel();
        self.queue.push(exchange, sender)?;
        Ok(Ticket { done })
    }

    /// How many exchanges wait, and how many bytes they hold.
    pub fn waiting(&self) -> (usize, usize) {
        self.queue.waiting()
    }
}

impl Ticket {
    /// Waits until the exchange is on disk.
    pub async fn committed(self) -> Result<(), Lost> {
        self.done.await.unwrap_or(Err(Lost::Ended))
    }
}
