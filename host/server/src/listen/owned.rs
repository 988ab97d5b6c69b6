//! The tasks of connections, and those that hyper starts for the streams of HTTP/2.

use std::future::Future;

use hyper::rt::Executor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Spawns tasks that end before the server does. Clones share the same tasks.
#[derive(Clone)]
pub(super) struct Owned {
    tracker: TaskTracker,
    killed: CancellationToken,
}

impl Owned {
    /// Tasks that are dropped, wherever they are, when `killed` is cancelled.
    pub(super) fn new(killed: CancellationToken) -> Self {
        Self {
            tracker: TaskTracker::new(),
            killed,
        }
    }

    pub(super) fn spawn(&self, task: impl Future<Output: Send> + Send + 'static) {
        let killed = self.killed.clone();
        self.tracker.spawn(killed.run_until_cancelled_owned(task));
    }

    /// Waits until all of them have ended.
    pub(super) async fn ended(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

impl<F> Executor<F> for Owned
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.spawn(task);
    }
}
