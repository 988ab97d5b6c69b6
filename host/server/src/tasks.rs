//! Owns every task of the process, so that none of them outlives it unnoticed.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Spawns tasks and ends them. Cloning is cheap, and all clones share the same tasks.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stopping: CancellationToken,
    killed: CancellationToken,
}

impl Tasks {
    /// Creates it without any tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Spawns a task. Its handle returns `None` if the task was cut off at the end of a shutdown. Dropping the handle
    /// leaves the task running.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let killed = self.killed.clone();
        self.tracker
            .spawn(async move { killed.run_until_cancelled(future).await })
    }

    /// Runs blocking work on a thread of its own. It can't be cut off, so it has to be short.
    pub fn spawn_blocking<F, T>(&self, run: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.tracker.spawn_blocking(run)
    }

    /// Is cancelled as soon as the process begins to stop. A task that waits for work ends then.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Tells every task to end, waits for them, and cuts off those that take longer than `bound`.
    /// Returns whether all of them ended by themselves.
    pub async fn shutdown(&self, bound: Duration) -> bool {
        self.stopping.cancel();
        self.tracker.close();
        let ended = tokio::time::timeout(bound, self.tracker.wait())
            .await
            .is_ok();
        self.killed.cancel();
        ended
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Duration;

    use super::Tasks;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_listens_ends_by_itself() {
        let tasks = Tasks::new();
        let stopping = tasks.stopping().clone();
        let task = tasks.spawn(async move {
            stopping.cancelled().await;
            7
        });
        assert!(tasks.shutdown(Duration::from_secs(1)).await);
        assert_eq!(task.await.unwrap(), Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_listen_is_cut_off() {
        let tasks = Tasks::new();
        let task = tasks.spawn(pending::<()>());
        assert!(!tasks.shutdown(Duration::from_secs(1)).await);
        assert_eq!(task.await.unwrap(), None);
    }
}
