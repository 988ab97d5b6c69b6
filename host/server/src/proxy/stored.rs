//! Replies that upstream stored, read again or cancelled (`GET /v1/responses/{id}`).
//!
//! What upstream stored is what the model said, not what policies made of it, and a reply made in the
//! background is seen here for the first time. So it is judged here like any other.

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

/// A request of no messages, in any dialect: the caller's own went by in another exchange.
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
