//! Bounds how long Sluice waits for a reply: for its head, and for each of its bytes after that.
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

/// Watches a reply that is waited for.
pub(super) struct Silence {
    limit: Duration,
    /// The error when the limit is met.
    met: fn(Duration) -> Error,
    /// When the wait began. `None` while nobody waits.
    since: Option<Instant>,
    /// Set to the earliest moment that a limit may be met, and checked again when it fires, because every byte moves
    /// the deadline. Made only when it is first needed, which for most replies is never.
    timer: Option<Pin<Box<Sleep>>>,
    /// `None` if the request was complete from the beginning.
    upload: Option<Arc<Progress>>,
}

impl Silence {
    /// Starts to wait for the head of a reply.
    pub(super) fn before_the_head(limit: Duration, upload: Option<Arc<Progress>>) -> Self {
        Self {
            limit,
            met: Error::TimedOut,
            since: Some(Instant::now()),
            timer: None,
            upload,
        }
    }

    /// Watches the body of a reply whose head is there.
    pub(super) fn within_the_body(limit: Duration, upload: Option<Arc<Progress>>) -> Self {
        Self {
            met: Error::Silent,
            since: None,
            ..Self::before_the_head(limit, upload)
        }
    }

    /// Notes that something came, so nobody waits any more.
    pub(super) fn heard(&mut self) {
        self.since = None;
    }

    /// Notes that nothing came yet. Ready when that has lasted for too long.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        let since = *self.since.get_or_insert_with(Instant::now);
        loop {
            let (deadline, met) = self.deadline(since);
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            // One that rings too early looks again; one that rings too late is the fault.
            if timer.deadline() > deadline {
                timer.as_mut().reset(deadline);
            }
            std::task::ready!(timer.as_mut().poll(context));
            if deadline <= Instant::now() {
                return Poll::Ready(met);
            }
            timer.as_mut().reset(deadline);
        }
    }

    /// Returns which limit is met when, if nothing happens until then.
    fn deadline(&self, since: Instant) -> (Instant, Error) {
        let upstream = |since| (since + self.limit, (self.met)(self.limit));
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

    async fn met(silence: &mut Silence) -> Error {
        poll_fn(|context| silence.poll(context)).await
    }

    /// Returns after how many seconds a limit is met.
    async fn met_after(silence: &mut Silence) -> u64 {
        let begun = Instant::now();
        met(silence).await;
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_is_waited_for_from_the_beginning() {
        let mut silence = Silence::before_the_head(LIMIT, None);
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(met_after(&mut silence).await, 6);
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_waits_does_not_count() {
        let mut silence = Silence::within_the_body(LIMIT, None);
        tokio::time::advance(Duration::from_secs(60)).await;
        let waited = poll_fn(|context| Poll::Ready(silence.poll(context).is_ready()));
        assert!(!waited.await);
        tokio::time::advance(Duration::from_secs(4)).await;
        silence.heard();
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(met_after(&mut silence).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_who_sends_slowly_is_not_upstreams_silence() {
        let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel::<&str>();
        let pieces = futures_util::stream::poll_fn(move |context| rx.poll_recv(context));
        let body = Body::from_stream(pieces.map(Ok::<_, Infallible>));
        let patience = Duration::from_secs(30);
        let (mut upload, progress) = Upload::new(body, patience);
        let mut silence = Silence::before_the_head(LIMIT, Some(Arc::clone(&progress)));
        for _ in 0..5 {
            let asked = poll_fn(|context| Poll::Ready(Pin::new(&mut upload).poll_frame(context)));
            assert!(asked.await.is_pending());
            let waited = tokio::time::timeout(Duration::from_secs(20), met(&mut silence)).await;
            assert!(waited.is_err(), "it is met while the caller sends");
            tx.send("more").unwrap();
            upload.frame().await.unwrap().unwrap();
        }
        // Upstream has what there is, and does not ask for more.
        assert_eq!(met_after(&mut silence).await, 10);
        let mut silence = Silence::before_the_head(LIMIT, Some(progress));
        let asked = poll_fn(|context| Poll::Ready(Pin::new(&mut upload).poll_frame(context)));
        assert!(asked.await.is_pending());
        let begun = Instant::now();
        assert!(matches!(met(&mut silence).await, Error::SlowUpload(_)));
        assert_eq!(begun.elapsed().as_secs(), 30);
    }
}
