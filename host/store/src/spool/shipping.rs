//! Who waits for an exchange to get from the spool into the database.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::item::Item;

/// The most exchanges of which it is told that they were shipped. Of more, nobody gets to know.
const MOST: usize = 4096;

/// The news that what is in the spool is in the database. Dropping it changes nothing.
#[derive(Debug)]
pub struct Shipping(Option<oneshot::Receiver<()>>);

/// Those that wait, by exchange.
#[derive(Debug, Default)]
pub(super) struct Awaited(Mutex<HashMap<Uuid, oneshot::Sender<()>>>);

impl Shipping {
    /// Waits until the database has it. Returns false if this writer does not get to know that: it ended before, the
    /// database refuses the exchange, it is no exchange that ended, or too many others are waited for.
    pub async fn done(self) -> bool {
        match self.0 {
            Some(shipped) => shipped.await.is_ok(),
            None => false,
        }
    }
}

impl Awaited {
    /// Begins to wait for an item, if it is an exchange that ended.
    pub(super) fn expect(&self, item: &Item) -> Shipping {
        let Item::Ended(exchange) = item else {
            return Shipping(None);
        };
        let mut all = self.lock();
        // Those that nobody wants to know about any more make room.
        if all.len() >= MOST {
            all.retain(|_, waiting| !waiting.is_closed());
        }
        if all.len() >= MOST {
            return Shipping(None);
        }
        let (sender, shipped) = oneshot::channel();
        all.insert(exchange.id, sender);
        Shipping(Some(shipped))
    }

    /// Tells that the database has an exchange.
    pub(super) fn tell(&self, id: Uuid) {
        if let Some(waiting) = self.forget(id) {
            // Nobody waits if it was dropped.
            let _ = waiting.send(());
        }
    }

    /// Does not wait for an exchange any more.
    pub(super) fn forget(&self, id: Uuid) -> Option<oneshot::Sender<()>> {
        self.lock().remove(&id)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, oneshot::Sender<()>>> {
        // Every state is as good as another.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
