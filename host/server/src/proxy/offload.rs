//! Work on large requests and replies, away from the threads that serve everyone.
//!
//! To decode a request, read it, have policies judge it and put it together again takes time that grows with its size,
//! and much of it can't be interrupted. The same holds for a large reply. What takes longer than a moment is done on
//! threads of its own, a few at once, so that two callers who send the worst they can keep no third one waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Error;
use crate::tasks::Tasks;

/// Up to this size, in bytes, the work is done on the thread that serves the exchange: that takes a few milliseconds.
pub(super) const SMALL: usize = 1 << 20;
/// At least so many large requests and replies are worked on at once.
const FEWEST: usize = 2;
/// How long a large request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// The threads for large work. Cloning is cheap, and all clones share the same threads.
#[derive(Clone)]
pub(crate) struct Offload {
    turns: Arc<Semaphore>,
    turn_timeout: Duration,
    tasks: Tasks,
}

/// The right to do one piece of work: on a thread of its own if it is large, else on the current thread. Once this is
/// dropped and its work is over, the next one in the queue gets its turn.
pub(super) struct Turn(Option<(Arc<OwnedSemaphorePermit>, Tasks)>);

impl Offload {
    /// As many threads as the machine has cores, which belong to `tasks`.
    pub(crate) fn new(tasks: Tasks) -> Self {
        let cores = std::thread::available_parallelism().map_or(FEWEST, usize::from);
        Self::with(cores.max(FEWEST), PATIENCE, tasks)
    }

    fn with(threads: usize, turn_timeout: Duration, tasks: Tasks) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(threads)),
            turn_timeout,
            tasks,
        }
    }

    /// Returns the turn of a request of so many bytes. A large one waits for it, first come, first served.
    pub(super) async fn turn(&self, bytes: usize) -> Result<Turn, Error> {
        match bytes <= SMALL {
            true => Ok(Turn::of_small()),
            false => self.turn_of_large().await,
        }
    }

    /// Returns the turn of a request that is large, whatever its size.
    pub(super) async fn turn_of_large(&self) -> Result<Turn, Error> {
        let turn = timeout(self.turn_timeout, self.turn_of_reply()).await;
        turn.map_err(|_| Error::Busy)
    }

    /// Returns the turn of a large reply. It waits in the same queue as requests, and for as long as it takes: the
    /// reply is paid for, a streamed one sends heartbeats meanwhile, and all work ahead of it is bounded in time.
    pub(super) async fn turn_of_reply(&self) -> Turn {
        match Arc::clone(&self.turns).acquire_owned().await {
            Ok(turn) => Turn(Some((Arc::new(turn), self.tasks.clone()))),
            // Nobody closes the semaphore.
            Err(_) => Turn::of_small(),
        }
    }
}

impl Turn {
    /// The turn of work that is small for certain.
    pub(super) fn of_small() -> Self {
        Self(None)
    }

    /// Does the work. If the future is dropped, so is the work, as soon as it yields.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let Some((turn, tasks)) = &self.0 else {
            return work.await;
        };
        let turn = Arc::clone(turn);
        let given_up = CancellationToken::new();
        let _given_up = given_up.clone().drop_guard();
        let runtime = Handle::current();
        let done = tasks.spawn_blocking(move || {
            let _turn = turn;
            runtime.block_on(given_up.run_until_cancelled_owned(work))
        });
        match done.await {
            Ok(Some(done)) => done,
            Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
            // The process ends, and nobody waits for this any more.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tokio::sync::oneshot;

    use super::*;

    const LARGE: usize = SMALL + 1;

    fn one_thread() -> Offload {
        Offload::with(1, PATIENCE, Tasks::new())
    }

    #[tokio::test]
    async fn large_work_leaves_the_thread_and_small_work_stays() {
        let offload = one_thread();
        let here = thread::current().id();
        let whose = async || thread::current().id();
        let small = offload.turn(SMALL).await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(small.run(whose()).await, here);
        let large = offload.turn(LARGE).await.unwrap_or_else(|e| panic!("{e}"));
        assert_ne!(large.run(whose()).await, here);
    }

    #[tokio::test]
    async fn work_that_never_gives_way_keeps_nobody_waiting() {
        let offload = one_thread();
        let turn = offload.turn(LARGE).await.unwrap_or_else(|e| panic!("{e}"));
        let (go, gone) = std::sync::mpsc::channel();
        let large = turn.run(async move { gone.recv().is_ok() });
        // This runtime has one thread: were the work on it, the other side would never come to speak.
        let (finished, ()) = tokio::join!(large, async {
            tokio::task::yield_now().await;
            go.send(()).expect("the work waits");
        });
        assert!(finished);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_gets_no_turn_is_turned_away_and_the_next_gets_what_is_given_back() {
        let offload = one_thread();
        let first = offload.turn(LARGE).await.unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(offload.turn(LARGE).await, Err(Error::Busy)));
        assert!(offload.turn(SMALL).await.is_ok());
        drop(first);
        assert!(offload.turn(LARGE).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_waits_longer_than_a_request_and_in_the_same_queue() {
        let offload = one_thread();
        let first = offload.turn(LARGE).await.unwrap_or_else(|e| panic!("{e}"));
        let waited = timeout(PATIENCE * 10, offload.turn_of_reply());
        assert!(waited.await.is_err());
        let moment = Duration::from_millis(1);
        let mut reply = Box::pin(offload.turn_of_reply());
        assert!(timeout(moment, &mut reply).await.is_err());
        let mut request = Box::pin(offload.turn(LARGE));
        assert!(timeout(moment, &mut request).await.is_err());
        drop(first);
        assert!(timeout(moment, &mut request).await.is_err());
        drop(reply.await);
        assert!(request.await.is_ok());
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_is_dropped_with_its_turn() {
        let offload = one_thread();
        let turn = offload.turn(LARGE).await.unwrap_or_else(|e| panic!("{e}"));
        let (begun, begins) = oneshot::channel();
        let (held, dropped) = oneshot::channel::<()>();
        let mut work = Box::pin(turn.run(async move {
            let _held = held;
            let _ = begun.send(());
            std::future::pending::<()>().await;
        }));
        tokio::select! {
            () = &mut work => panic!("it never ends"),
            begun = begins => begun.expect("it begins"),
        }
        drop(work);
        drop(turn);
        assert!(dropped.await.is_err(), "what it held is dropped");
        assert!(offload.turn(LARGE).await.is_ok());
    }
}
