//! Replies that upstream stored (`/v1/responses/{id}`): read again, cancelled, deleted.
//!
//! What upstream stored is what the model said, not what policies made of it, and a reply made in the
//! background is seen here for the first time. So it is judged here like any other.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;
use sluice_protocol::Api;

use super::exchange::Exchange;
use super::{Error, State, forward, headers, reply};
use crate::auth;

const API: Api = Api::OpenaiResponses;

/// `GET /v1/responses/{id}`, whole or streamed, and `POST /v1/responses/{id}/cancel`, which answers with
/// what there is by then.
pub(crate) async fn read(Extract(state): Extract<State>, request: Request<Body>) -> Response {
    let read = judge(&state, request).await;
    read.unwrap_or_else(|error| error.into_response(API))
}

/// `DELETE /v1/responses/{id}`.
pub(crate) async fn delete(Extract(state): Extract<State>, request: Request<Body>) -> Response {
    let deleted = forward::bodiless(&state, API, request).await;
    deleted.unwrap_or_else(|error| error.into_response(API))
}

async fn judge(state: &State, request: Request<Body>) -> Result<Response, Error> {
    let (parts, _) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    // A conversation of no messages: the caller's own went by in another exchange.
    let conversation = Bytes::from_static(b"{}");
    let mut exchange = Exchange::open(state, API, &parts.uri, &parts.headers, conversation)?;
    let outbound = headers::towards_upstream(&parts.headers);
    let upstream = state.upstreams.of(API);
    let sent = upstream.send(parts.method, &parts.uri, outbound, Bytes::new());
    let received = exchange.recording.settle(sent.await)?;
    reply::deliver(state, exchange, received).await
}
