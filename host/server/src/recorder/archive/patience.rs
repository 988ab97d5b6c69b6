//! How long exchanges wait until they are on disk.
//!
//! Once one has waited in vain and nothing else got to disk meanwhile, the database is known to be stuck. Where exchanges
//! may go on without being recorded, none waits for it then, until something is on disk again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::OnFull;

/// How long the end of an exchange waits at least, if its beginning has waited for long already.
pub(super) const LEAST: Duration = Duration::from_secs(1);

/// What all exchanges know of how long it takes to be on disk.
pub(super) struct Patience {
    /// How long an exchange waits in all.
    limit: Duration,
    on_full: OnFull,
    is_stuck: watch::Sender<bool>,
    /// When something was on disk last.
    stored: Mutex<Option<Instant>>,
}

impl Patience {
    pub(super) fn new(limit: Duration, on_full: OnFull) -> Self {
        Self {
            limit,
            on_full,
            is_stuck: watch::Sender::new(false),
            stored: Mutex::default(),
        }
    }

    /// Waits for something to be on disk. Returns whether it is. `waited` is how long its exchange waited before.
    pub(super) async fn wait(&self, stored: oneshot::Receiver<()>, waited: Duration) -> bool {
        let begun = Instant::now();
        let limit = match self.on_full {
            OnFull::Drop => self.limit.saturating_sub(waited).max(LEAST.min(self.limit)),
            // What can't be recorded does not go on, so there is nothing to spare it.
            OnFull::Block => self.limit,
        };
        tokio::select! {
            biased;
            stored = stored => stored.is_ok(),
            () = self.stuck() => false,
            () = tokio::time::sleep(limit) => {
                if limit == self.limit && !self.was_stored_since(begun) {
                    self.is_in_vain();
                }
                false
            }
        }
    }

    /// Notes that something is on disk.
    pub(super) fn is_stored(&self) {
        *self.stored.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        if self.is_stuck.send_if_modified(std::mem::take) {
            tracing::info!("exchanges get to disk again, so those that end wait for it");
        }
    }

    /// Waits until nothing is worth to be waited for. Where nothing goes on unrecorded, that never is.
    async fn stuck(&self) {
        match self.on_full {
            OnFull::Drop => {
                // The sender lives as long as this.
                let _ = self
                    .is_stuck
                    .subscribe()
                    .wait_for(|is_stuck| *is_stuck)
                    .await;
            }
            OnFull::Block => std::future::pending().await,
        }
    }

    fn was_stored_since(&self, begun: Instant) -> bool {
        let stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        stored.is_some_and(|stored| stored >= begun)
    }

    fn is_in_vain(&self) {
        let is_news = self.on_full == OnFull::Drop && !self.is_stuck.send_replace(true);
        if is_news {
            tracing::error!(
                waited_ms = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX),
                "nothing gets to disk (--recording-durability strict), so exchanges go on without waiting for it \
                 (--recording-on-full drop)"
            );
        }
    }
}
