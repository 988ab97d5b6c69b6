//! Passes a caller's body on as it comes, and keeps track of who is waited for meanwhile.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

/// Who is waited for while a body is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// The caller. It has this long to send something.
    ForCaller(Instant, Duration),
    /// Upstream. It can take the bytes that are there, or answer.
    ForUpstream(Instant),
}

/// The progress of a body.
#[derive(Debug)]
pub(super) struct Progress {
    waits: Mutex<Waits>,
    limit: Duration,
}

/// A body on its way. It is polled when upstream can take more.
pub(super) struct Upload {
    body: Body,
    progress: Arc<Progress>,
}

impl Progress {
    pub(super) fn waits(&self) -> Waits {
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Waits::ForUpstream(_) = *waits {
            *waits = Waits::ForCaller(Instant::now(), self.limit);
        }
    }

    fn came(&self) {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        *waits = Waits::ForUpstream(Instant::now());
    }
}

impl Upload {
    /// A body whose caller may be silent for as long as `limit`.
    pub(super) fn new(body: Body, limit: Duration) -> (Self, Arc<Progress>) {
        let progress = Arc::new(Progress {
            waits: Mutex::new(Waits::ForUpstream(Instant::now())),
            limit,
        });
        let upload = Self {
            body,
            progress: Arc::clone(&progress),
        };
        (upload, progress)
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match polled {
            Poll::Pending => self.progress.asked(),
            Poll::Ready(_) => self.progress.came(),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
