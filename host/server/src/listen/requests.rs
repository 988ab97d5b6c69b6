//! Serves the requests of one connection. Counts each while it runs, and turns some away.

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

/// A reply on its way. The request counts as running until the reply is sent or dropped.
pub(super) struct Reply {
    body: Body,
    _busy: Busy,
}

/// Returns how many lines of a head are read if `limit` of them are served.
pub(super) fn read_at_most(limit: usize) -> usize {
    limit + limit / 4
}

/// Answers a request. If there is no room, only vital requests are answered, and the connection is closed.
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

/// Returns why a request is turned away, or `None` if it is served.
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
