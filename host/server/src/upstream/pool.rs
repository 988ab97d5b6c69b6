//! The connections that rest between two exchanges.
//!
//! Nobody polls them meanwhile, so whether one was closed is only seen when it is taken. The one that was used last
//! is taken first, so those that are not needed grow old.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;

/// The longest time that a connection may rest. Servers close theirs after one or a few minutes.
pub(super) const MAX_AGE: Duration = Duration::from_secs(90);
/// The most connections that may rest. If there are more, the one that has rested for longest is closed.
pub(super) const MAX_IDLE: usize = 256;

/// Connections of one upstream, oldest first. Dropping it closes them.
#[derive(Default)]
pub(super) struct Pool {
    resting: Mutex<VecDeque<Resting>>,
}

struct Resting {
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// Takes the connection that was used last and is still open.
    pub(super) async fn take(&self) -> Option<Connection> {
        poll_fn(|context| Poll::Ready(self.take_now(context))).await
    }

    fn take_now(&self, context: &mut Context<'_>) -> Option<Connection> {
        while let Some(mut connection) = self.pop() {
            // Upstream may have closed it.
            connection.drive(context);
            if connection.is_idle() {
                return Some(connection);
            }
        }
        None
    }

    fn pop(&self) -> Option<Connection> {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let old = too_old(&mut resting);
        let newest = resting.pop_back();
        drop(resting);
        // Closing is the system's work: outside of the lock.
        drop(old);
        newest.map(|newest| newest.connection)
    }

    /// Keeps a connection that is idle.
    pub(super) fn put(&self, connection: Connection) {
        let since = Instant::now();
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let old = too_old(&mut resting);
        let pushed_out = match resting.len() {
            MAX_IDLE.. => resting.pop_front(),
            _ => None,
        };
        resting.push_back(Resting { connection, since });
        drop(resting);
        drop((old, pushed_out));
    }

    /// Returns how many connections rest.
    pub(super) fn len(&self) -> usize {
        self.resting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

fn too_old(resting: &mut VecDeque<Resting>) -> Vec<Resting> {
    let young = resting.partition_point(|resting| resting.since.elapsed() >= MAX_AGE);
    resting.drain(..young).collect()
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Pool");
        shown.field("resting", &self.len()).finish()
    }
}
