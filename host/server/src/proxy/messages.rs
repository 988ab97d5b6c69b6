//! `POST /v1/messages` and what belongs to it: the requests that policies judge.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sluice_engine::RequestRuling;
use sluice_protocol::{Reply, anthropic};

use super::delivery::Delivery;
use super::exchange::Exchange;
use super::{Error, State, answer, body, forward, headers};
use crate::auth;
use crate::recorder::Ending;

/// Judges a request, asks upstream, judges the reply.
pub(crate) async fn messages(
    Extract(state): Extract<State>,
    request: Request<Body>,
) -> Result<Response, Error> {
    let (uri, inbound, mut exchange) = open(&state, request).await?;
    let ruling = exchange.chain.on_request().await;
    exchange.recording.note(exchange.chain.take_events());
    match ruling {
        RequestRuling::Forward => ask(&state, &uri, &inbound, exchange).await,
        RequestRuling::Refuse(refusal) => Err(refuse(exchange, &refusal)),
        RequestRuling::Answer(blocks) => {
            let response = answer::respond(&exchange, &blocks);
            exchange.recording.close(Ending::Answered);
            Ok(response)
        }
    }
}

/// Judges a request whose tokens are counted: what policies would keep from upstream stays back here
/// too. The reply has no blocks.
pub(crate) async fn count_tokens(
    Extract(state): Extract<State>,
    request: Request<Body>,
) -> Result<Response, Error> {
    let (uri, inbound, mut exchange) = open(&state, request).await?;
    let ruling = exchange.chain.on_request().await;
    exchange.recording.note(exchange.chain.take_events());
    match ruling {
        RequestRuling::Forward => {
            let sent = send(&state, &uri, &inbound, &exchange).await;
            let reply = exchange.recording.settle(sent)?;
            exchange.recording.close(Ending::Delivered);
            Ok(forward::pass(reply))
        }
        RequestRuling::Refuse(refusal) => Err(refuse(exchange, &refusal)),
        RequestRuling::Answer(_) => {
            let message = "a policy answers this request itself: there are no tokens to count";
            let id = exchange.id.clone();
            exchange.recording.close(Ending::Refused);
            Err(Error::Refused {
                message: message.to_owned(),
                exchange: id,
            })
        }
    }
}

async fn open(state: &State, request: Request<Body>) -> Result<(Uri, HeaderMap, Exchange), Error> {
    let (parts, request_body) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    let bytes = body::read(&parts.headers, request_body, &state.config).await?;
    let exchange = Exchange::open(state, &parts.uri, &parts.headers, bytes)?;
    Ok((parts.uri, parts.headers, exchange))
}

fn refuse(mut exchange: Exchange, refusal: &sluice_engine::Refusal) -> Error {
    exchange.recording.close(Ending::Refused);
    Error::refused(refusal, &exchange.id)
}

async fn send(
    state: &State,
    uri: &Uri,
    inbound: &HeaderMap,
    exchange: &Exchange,
) -> Result<reqwest::Response, crate::upstream::Error> {
    let outbound = headers::towards_upstream(inbound);
    state
        .upstream
        .send(Method::POST, uri, outbound, exchange.body())
        .await
}

async fn ask(
    state: &State,
    uri: &Uri,
    inbound: &HeaderMap,
    mut exchange: Exchange,
) -> Result<Response, Error> {
    let sent = send(state, uri, inbound, &exchange).await;
    let reply = exchange.recording.settle(sent)?;
    let status = reply.status();
    exchange.recording.set_status(status.as_u16());
    if !status.is_success() {
        // An error body has no blocks; agents match its wording, so it goes as it came.
        exchange.recording.close(Ending::Delivered);
        return Ok(forward::pass(reply));
    }
    deliver(state, exchange, reply).await
}

async fn deliver(
    state: &State,
    exchange: Exchange,
    reply: reqwest::Response,
) -> Result<Response, Error> {
    let status = reply.status();
    let outbound = headers::towards_caller(reply.headers());
    let (wants, limits) = (exchange.chain.wants(), state.config.limits);
    if is_event_stream(reply.headers()) {
        let parser = Box::new(anthropic::Stream::new(wants, limits));
        let delivery = Delivery::new(state, exchange, parser, reply);
        stream(status, outbound, delivery).await
    } else {
        let parser: Box<dyn Reply> = Box::new(anthropic::Whole::new(wants, limits));
        let delivery = Delivery::new(state, exchange, parser, reply);
        let whole = delivery.collect(state.config.max_reply_bytes).await?;
        Ok((status, outbound, whole).into_response())
    }
}

/// Starts a stream once its first bytes are there: what fails before them is still an HTTP error.
async fn stream(
    status: StatusCode,
    outbound: HeaderMap,
    mut delivery: Delivery,
) -> Result<Response, Error> {
    let first = delivery.first().await?;
    let body = Body::from_stream(delivery.into_stream(first));
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = outbound;
    Ok(response)
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("text/event-stream"))
}
