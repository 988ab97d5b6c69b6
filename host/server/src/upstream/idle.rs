//! The idle timeout: bounds how long Sluice waits for the head of a reply, and for each of its bytes after that.
//!
//! There is one clock for every path. It runs only while somebody waits for upstream. The time of policies, and of a
//! caller who does not read, does not count. Nor does the time of a caller who is slow to send a body that is passed
//! on: that has a limit of its own.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::Error;
use super::upload::{Progress, Waits};

/// Times the wait for a reply.
pub(super) struct IdleTimer {
    limit: Duration,
    /// The error when the timer expires.
    error: fn(Duration) -> Error,
    /// When the wait began. `None` while nobody waits.
    since: Option<Instant>,
    /// Set to the earliest moment that a limit may be met, and checked again when it fires, because every byte moves
    /// the deadline. Made only when it is first needed, which for most replies is never.
    timer: Option<Pin<Box<Sleep>>>,
    /// `None` if the request was complete from the beginning.
    upload: Option<Arc<Progress>>,
}

impl IdleTimer {
    /// Starts to wait for the head of a reply.
    pub(super) fn before_the_head(limit: Duration, upload: Option<Arc<Progress>>) -> Self {
        Self {
            limit,
            error: Error::TimedOut,
            since: Some(Instant::now()),
            timer: None,
            upload,
        }
    }

    /// Watches the body of a reply whose head is there.
    pub(super) fn within_the_body(limit: Duration, upload: Option<Arc<Progress>>) -> Self {
        Self {
            error: Error::Idle,
            since: None,
            ..Self::before_the_head(limit, upload)
        }
    }

    /// Stops the timer, because something was received.
    pub(super) fn received(&mut self) {
        self.since = None;
    }

    /// Starts the timer if nobody waited yet. Ready when the wait has lasted for too long.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        let since = *self.since.get_or_insert_with(Instant::now);
        loop {
            let (deadline, error) = self.deadline(since);
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            // If it fires too early, the deadline is computed anew. It must not fire too late.
            if timer.deadline() > deadline {
                timer.as_mut().reset(deadline);
            }
            std::task::ready!(timer.as_mut().poll(context));
            if deadline <= Instant::now() {
                return Poll::Ready(error);
            }
            timer.as_mut().reset(deadline);
        }
    }

    /// Returns when the wait ends, and with which error, if nothing happens until then.
    fn deadline(&self, since: Instant) -> (Instant, Error) {
        let upstream = |since| (since + self.limit, (self.error)(self.limit));
        match self.upload.as_deref().map(Progress::waits) {
            None => upstream(since),
            Some(Waits::ForUpstream(began)) => upstream(since.max(began)),
            Some(Waits::ForCaller(began, limit)) => (began + limit, Error::SlowUpload(limit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::poll_fn;

    use axum::body::Body;
    use futures_util::StreamExt as _;
    use http_body::Body as _;
    use http_body_util::BodyExt as _;

    use super::super::upload::Upload;
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    async fn expired(idle: &mut IdleTimer) -> Error {
        poll_fn(|context| idle.poll(context)).await
    }

    /// Returns after how many seconds the timer expires.
    async fn expires_after(idle: &mut IdleTimer) -> u64 {
        let begun = Instant::now();
        expired(idle).await;
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_is_waited_for_from_the_beginning() {
        let mut idle = IdleTimer::before_the_head(LIMIT, None);
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(expires_after(&mut idle).await, 6);
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_waits_does_not_count() {
        let mut idle = IdleTimer::within_the_body(LIMIT, None);
        tokio::time::advance(Duration::from_secs(60)).await;
        let waited = poll_fn(|context| Poll::Ready(idle.poll(context).is_ready()));
        assert!(!waited.await);
        tokio::time::advance(Duration::from_secs(4)).await;
        idle.received();
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(expires_after(&mut idle).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_of_a_caller_who_sends_slowly_does_not_count() {
        let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel::<&str>();
        let pieces = futures_util::stream::poll_fn(move |context| rx.poll_recv(context));
        let body = Body::from_stream(pieces.map(Ok::<_, Infallible>));
        let patience = Duration::from_secs(30);
        let (mut upload, progress) = Upload::new(body, patience);
        let mut idle = IdleTimer::before_the_head(LIMIT, Some(Arc::clone(&progress)));
        for _ in 0..5 {
            let asked = poll_fn(|context| Poll::Ready(Pin::new(&mut upload).poll_frame(context)));
            assert!(asked.await.is_pending());
            let waited = tokio::time::timeout(Duration::from_secs(20), expired(&mut idle)).await;
            assert!(waited.is_err(), "it expires while the caller sends");
            tx.send("more").unwrap();
            upload.frame().await.unwrap().unwrap();
        }
        // Upstream has what there is, and does not ask for more.
        assert_eq!(expires_after(&mut idle).await, 10);
        let mut idle = IdleTimer::before_the_head(LIMIT, Some(progress));
        let asked = poll_fn(|context| Poll::Ready(Pin::new(&mut upload).poll_frame(context)));
        assert!(asked.await.is_pending());
        let begun = Instant::now();
        assert!(matches!(expired(&mut idle).await, Error::SlowUpload(_)));
        assert_eq!(begun.elapsed().as_secs(), 30);
    }
}
