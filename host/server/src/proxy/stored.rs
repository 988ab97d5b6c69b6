//! Serves replies that upstream stored, whether they are read again or cancelled (`GET /v1/responses/{id}`).
//!
//! Upstream stores what the model said, not what policies made of it. A reply that was made in the background is seen
//! here for the first time. So a stored reply is judged like any other.

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;
use sluice_protocol::Api;

use super::body::Received;
use super::exchange::Exchange;
use super::offload::Turn;
use super::{Error, State, reply};
use crate::auth;

/// A request without messages that every dialect can read. The conversation itself was part of another exchange.
const NO_CONVERSATION: &[u8] = br#"{"messages":[],"input":[]}"#;

/// Asks for a stored reply, whole or streamed, and judges it.
pub(super) async fn read(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<Response, Error> {
    let (parts, _) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    let conversation = Received::plain(Bytes::from_static(NO_CONVERSATION));
    let (uri, inbound, turn) = (&parts.uri, &parts.headers, Turn::of_small());
    let mut exchange = Exchange::open(state, api, uri, inbound, conversation, &turn).await?;
    let (outbound, _) = exchange.outgoing().split(inbound);
    let upstream = state.upstreams.of(api);
    let sent = upstream.send(parts.method, &parts.uri, outbound, Bytes::new());
    let received = exchange.recording.settle(sent.await)?;
    reply::deliver(state, exchange, received).await
}
