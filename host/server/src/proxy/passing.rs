//! Passes a reply on as it comes, and records how it ended.
//!
//! The status is already sent when the body breaks off or stalls. So an error here closes the connection in the
//! middle of the body, which tells the caller that the body is not whole.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::body::Body;
use axum::http::Response;
use bytes::Bytes;
use http_body::{Body as _, Frame};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::one_behind::one_behind;
use super::{State, headers};
use crate::recorder::{Ending, OpenRecording, SHUTTING_DOWN, Unrecorded};
use crate::telemetry;
use crate::upstream::{DecodedBody, Reply};

/// Where the ending of a reply is recorded.
pub(super) enum EndingSink {
    /// In the recording of the exchange, which closes when the reply ends.
    Recording(OpenRecording),
    /// In the log, and only if the reply did not end well. No policy judges this path, so there is no recording.
    Log {
        /// The caller's path.
        path: String,
    },
}

/// A body on its way. Dropping it before its end cancels upstream and records the exchange as aborted.
struct Passing {
    body: DecodedBody,
    ending_sink: EndingSink,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Stores the exchange before its end leaves, if the operator wants it so.
    storing: Option<Storing>,
    over: bool,
}

type Storing = Pin<Box<dyn Future<Output = Result<(), Unrecorded>> + Send>>;

/// Returns upstream's reply as it came: status, headers and body. It breaks off if a shutdown cuts it off.
pub(super) fn pass(state: &State, reply: Reply, ending_sink: EndingSink) -> Response<Body> {
    let (parts, body) = reply.into_parts();
    let mut passing = Passing {
        body,
        ending_sink,
        cut: Box::pin(state.cut.clone().cancelled_owned()),
        storing: None,
        over: false,
    };
    if passing.body.size_hint().exact() == Some(0) {
        // Nobody asks a body that can't be there for its end. It is stored before its head leaves.
        passing.end(None);
        passing.storing = None;
    }
    let is_stored_first = !passing.over && passing.ending_sink.is_strict();
    let body = Body::new(passing);
    let mut response = Response::new(match is_stored_first {
        true => Body::from_stream(one_behind(body.into_data_stream())),
        false => body,
    });
    *response.status_mut() = parts.status;
    *response.headers_mut() = headers::towards_caller(&parts.headers);
    response
}

impl EndingSink {
    /// Whether the end has to wait until it is stored.
    fn is_strict(&self) -> bool {
        matches!(self, Self::Recording(recording) if recording.is_strict())
    }
}

impl Passing {
    fn note(&self, frame: &Frame<Bytes>) {
        if let (EndingSink::Recording(recording), Some(bytes)) =
            (&self.ending_sink, frame.data_ref())
        {
            recording.arrived(bytes);
            recording.delivered(bytes);
        }
    }

    /// What comes next of upstream, or that nothing more may come.
    fn poll_arrived(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                // The caller was not told to expect trailers, and with them a body ends without being asked for its end.
                Poll::Ready(Some(Ok(frame))) if !frame.is_data() => {}
                Poll::Ready(arrived) => return Poll::Ready(arrived),
                Poll::Pending => break,
            }
        }
        std::task::ready!(self.cut.as_mut().poll(context));
        Poll::Ready(Some(Err(SHUTTING_DOWN.into())))
    }

    /// The end of the body, which waits until the exchange is stored.
    fn poll_stored(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(storing) = &mut self.storing else {
            return Poll::Ready(None);
        };
        let stored = std::task::ready!(storing.as_mut().poll(context));
        self.storing = None;
        Poll::Ready(stored.err().map(|error| Err(error.into())))
    }

    fn end(&mut self, failed: Option<&BoxError>) {
        self.over = true;
        match (&self.ending_sink, failed) {
            (EndingSink::Recording(recording), None) => {
                recording.close(Ending::Delivered);
                let stored = recording.is_strict().then(|| recording.clone());
                self.storing = stored.map(|recording| -> Storing {
                    Box::pin(async move { recording.commit().await })
                });
            }
            (EndingSink::Recording(recording), Some(error)) => {
                recording.close(Ending::Failed(error.to_string()));
            }
            (EndingSink::Log { .. }, None) => {}
            (EndingSink::Log { path }, Some(error)) => tracing::warn!(
                path = &*telemetry::clip(path),
                cause = &*telemetry::clip(&error.to_string()),
                "a reply that no policy judges broke off"
            ),
        }
    }
}

impl http_body::Body for Passing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if this.over {
            return this.poll_stored(context);
        }
        let arrived = std::task::ready!(this.poll_arrived(context));
        match &arrived {
            Some(Ok(frame)) => this.note(frame),
            Some(Err(error)) => this.end(Some(error)),
            None => {
                this.end(None);
                return this.poll_stored(context);
            }
        }
        Poll::Ready(arrived)
    }

    fn is_end_stream(&self) -> bool {
        self.over && self.storing.is_none()
    }

    // No hint of its size: a body whose last byte is known is not asked for its end, and it is there that
    // its connection to upstream goes back into the pool.
}
