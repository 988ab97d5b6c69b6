//! The requests of one connection: each is counted while it runs, and some are turned away.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, Version, header, request};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tower::ServiceExt as _;

use super::slot::Busy;
use super::{Refusal, Shared};

/// A reply on its way. Its request ends when it is sent, or dropped.
pub(super) struct Reply {
    body: Body,
    _busy: Busy,
}

/// How many lines are read of a head of which `limit` may be served.
pub(super) fn read_at_most(limit: usize) -> usize {
    limit + limit / 4
}

/// Answers a request. Without room only what is vital is answered, and the connection closed.
pub(super) async fn answer(
    shared: Arc<Shared>,
    no_room: Option<Refusal>,
    busy: Busy,
    request: Request<Incoming>,
) -> Result<Response<Reply>, Infallible> {
    let (parts, body) = request.into_parts();
    let version = parts.version;
    let response = match refusal(&shared, no_room, &parts) {
        Some(refusal) => (shared.served.turn_away)(&parts, refusal),
        None => {
            let request = Request::from_parts(parts, Body::new(body));
            shared.served.router.clone().oneshot(request).await?
        }
    };
    let mut response = response.map(|body| Reply { body, _busy: busy });
    // HTTP/2 has no such header, and its connections rest for a second only.
    if no_room.is_some() && version != Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response)
}

/// Why a request is turned away, if it is.
fn refusal(shared: &Shared, no_room: Option<Refusal>, request: &request::Parts) -> Option<Refusal> {
    let limit = shared.config.max_header_lines;
    if request.headers.len() > limit {
        return Some(Refusal::HeaderLines { limit });
    }
    no_room.filter(|_| !(shared.served.is_vital)(request))
}

impl http_body::Body for Reply {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
