//! The way into the store: a bounded queue, and a ticket for each thing in it.

mod queue;
mod stop;
mod storing;
mod task;
mod upkeep;

use std::sync::Arc;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::config::Config;
use crate::exchange::Exchange;
use crate::ingest::Ingest;
use crate::item::{Amendment, Item};
use crate::spool::Shipping;
use crate::status::{Status, WriterState};

use queue::{NoRoom, Queue};
use storing::Storing;
pub use task::Writing;

/// Takes exchanges for the store. Clones share one queue.
#[derive(Clone)]
pub struct Writer {
    queue: Arc<Queue>,
    /// What exchanges under way are kept by.
    process: Uuid,
    status: Arc<Status>,
}

/// The promise that something will be stored, and the news that it is on disk. Dropping it changes nothing.
#[derive(Debug)]
pub struct Ticket {
    done: oneshot::Receiver<Result<OnDisk, Lost>>,
}

/// Where something is that is on disk.
#[derive(Debug)]
pub enum OnDisk {
    /// In the database, where it can be read.
    Database,
    /// In the spool, because the database is away or others wait there. Nobody can read it yet.
    Spool(Shipping),
}

/// The queue did not take something. It comes back, so that the caller may keep it elsewhere.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken<T = Exchange> {
    /// There is no room. There may be later.
    #[error("the store has no room for another exchange")]
    Full(Box<T>),
    /// The writer has ended, or is about to.
    #[error("the store takes nothing any more")]
    Closed(Box<T>),
}

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
    pub(crate) fn new(config: &Config, ingest: Ingest) -> (Self, Writing) {
        let writer = Self {
            queue: Arc::new(Queue::new(config.queue)),
            process: ingest.process(),
            status: Arc::default(),
        };
        let storing = Storing::new(ingest, writer.status());
        let writing = Writing::new(Arc::clone(&writer.queue), storing, config.drain);
        (writer, writing)
    }

    /// Hands an exchange over that is under way, as far as it is known. Never waits.
    ///
    /// If the process ends before the same exchange is [offered](Self::offer), it is stored as it is now, with
    /// [`Ending::Cut`](crate::Ending::Cut). Until then no list shows it.
    pub fn begin(&self, exchange: Exchange) -> Result<Ticket, NotTaken> {
        let exchange = Arc::new(exchange);
        self.take(Item::Begun(Arc::clone(&exchange), self.process))
            .map_err(|no_room| no_room.returns(Arc::unwrap_or_clone(exchange)))
    }

    /// Hands an exchange over that is finished. Never waits.
    pub fn offer(&self, exchange: Exchange) -> Result<Ticket, NotTaken> {
        let exchange = Arc::new(exchange);
        self.take(Item::Ended(Arc::clone(&exchange)))
            .map_err(|no_room| no_room.returns(Arc::unwrap_or_clone(exchange)))
    }

    /// Hands over what was learned of an exchange that was offered before. Never waits.
    pub fn amend(&self, amendment: Amendment) -> Result<Ticket, NotTaken<Amendment>> {
        self.take(Item::Amended(amendment.clone()))
            .map_err(|no_room| no_room.returns(amendment))
    }

    /// How many things wait, and how many bytes they hold.
    pub fn waiting(&self) -> (usize, usize) {
        self.queue.waiting()
    }

    /// How it fares: whether the database is away, and what waits in the spool.
    pub fn state(&self) -> WriterState {
        self.status.get()
    }

    pub(crate) fn status(&self) -> Arc<Status> {
        Arc::clone(&self.status)
    }

    fn take(&self, item: Item) -> Result<Ticket, NoRoom> {
        let (sender, done) = oneshot::channel();
        self.queue.push(item, sender)?;
        Ok(Ticket { done })
    }
}

impl NoRoom {
    fn returns<T>(self, what: T) -> NotTaken<T> {
        match self {
            Self::Full => NotTaken::Full(Box::new(what)),
            Self::Closed => NotTaken::Closed(Box::new(what)),
        }
    }
}

impl Ticket {
    /// Waits until what was handed over is on disk, and says where.
    pub async fn committed(self) -> Result<OnDisk, Lost> {
        self.done.await.unwrap_or(Err(Lost::Ended))
    }
}
