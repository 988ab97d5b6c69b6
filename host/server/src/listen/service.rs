//! The requests of one connection: each is counted while it runs, and some are turned away.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
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
    let response = match admitted(&shared, no_room, request) {
        Ok(request) => shared.served.router.clone().oneshot(request).await?,
        Err(response) => response,
    };
    let mut response = response.map(|body| Reply { body, _busy: busy });
    if no_room.is_some() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response)
}

/// The request if it may be answered, else what its caller is told.
fn admitted(
    shared: &Shared,
    no_room: Option<Refusal>,
    request: Request<Incoming>,
) -> Result<Request<Body>, Response<Body>> {
    let limit = shared.config.max_header_lines;
    let (parts, body) = request.into_parts();
    let refusal = match no_room {
        _ if parts.headers.len() > limit => Some(Refusal::HeaderLines { limit }),
        Some(no_room) if !(shared.served.is_vital)(&parts) => Some(no_room),
        _ => None,
    };
    match refusal {
        Some(refusal) => Err((shared.served.turn_away)(&parts, refusal)),
        None => Ok(Request::from_parts(parts, Body::new(body))),
    }
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
