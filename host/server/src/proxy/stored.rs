//! Serves replies that upstream stored, whether they are read again or cancelled (`GET /v1/responses/{id}`).
//!
//! Upstream stores what the model said, not what policies made of it. A reply that was made in the background is seen
//! here for the first time. So a stored reply is judged like any other.

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use sluice_protocol::Api;

use super::body::Received;
use super::exchange::Exchange;
use super::judged::{recorded, unless_cut};
use super::offload::Turn;
use super::{Error, State, headers, reply};
use crate::upstream::Upstreams;

/// A request without messages that every dialect can read. The conversation itself was part of another exchange.
const NO_CONVERSATION: &[u8] = br#"{"messages":[],"input":[]}"#;

/// Asks for a stored reply, whole or streamed, and judges it.
pub(super) async fn read(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<Response, Error> {
    let (parts, _) = request.into_parts();
    let admitted = state.gate.admit(&parts.headers)?;
    admitted.check_api(api)?;
    state.recorder.room().await?;
    let conversation = Received::in_place_of_none(Bytes::from_static(NO_CONVERSATION));
    let turn = Turn::of_small();
    let exchange = Exchange::open(state, api, (&parts, admitted), conversation, &turn).await?;
    let recording = exchange.recording.clone();
    let served = ask(state, api, parts, exchange).await;
    Ok(recorded(served, api, &recording).await)
}

async fn ask(state: &State, api: Api, head: Parts, exchange: Exchange) -> Result<Response, Error> {
    let mut outbound = headers::towards_upstream(&head.headers);
    exchange.admitted.authorize(&mut outbound, api);
    let name = Upstreams::name(api);
    exchange.recording.sent(name, &outbound, Some(Bytes::new()));
    exchange.recording.begin().await?;
    let upstream = state.upstreams.of(api);
    let sent = upstream.send(head.method, &head.uri, outbound, Bytes::new());
    let sent = unless_cut(state, sent).await;
    let received = exchange.recording.settle(sent)?;
    reply::deliver(state, exchange, received).await
}
