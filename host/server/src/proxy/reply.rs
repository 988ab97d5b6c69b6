//! Delivers upstream's reply to the policies and the caller.
//!
//! A stream leaves as it comes. One body is judged as a whole, so it is collected first; if no policy wants anything of
//! it, it leaves as it comes too.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http_body_util::BodyExt as _;
use sluice_protocol::{Limits, ReplyError, Wants};

use super::delivery::Delivery;
use super::exchange::Exchange;
use super::form::{self, Form};
use super::one_behind::one_behind;
use super::passing::{self, EndingSink};
use super::{Error, State, failed, headers};
use crate::recorder::Ending;
use crate::upstream::Reply;

/// Delivers upstream's reply as the policies rule. An error of upstream goes through unchanged: it has no blocks, and
/// agents match its wording.
pub(super) async fn deliver(
    state: &State,
    exchange: Exchange,
    received: Reply,
) -> Result<Response, Error> {
    let status = received.status();
    exchange.recording.replied(status, received.headers());
    let judged = exchange.chain.wants() != Wants::NOTHING;
    match status.is_success() {
        true => succeed(state, exchange, received).await,
        false if judged => failed::pass(exchange, received).await,
        false => Ok(pass(state, exchange, received)),
    }
}

fn pass(state: &State, exchange: Exchange, received: Reply) -> Response {
    passing::pass(state, received, EndingSink::Recording(exchange.recording))
}

fn fail(exchange: Exchange, fault: String) -> Error {
    let error = ReplyError::Malformed(fault);
    exchange.recording.close(Ending::Failed(error.to_string()));
    Error::Reply(error)
}

async fn succeed(state: &State, exchange: Exchange, received: Reply) -> Result<Response, Error> {
    let wants = exchange.chain.wants();
    let limits = Limits {
        choices: exchange.choices(),
        ..state.config.limits
    };
    let (Some(streamed), Some(whole)) = (
        exchange.api.stream(wants, limits),
        exchange.api.whole(wants, limits),
    ) else {
        exchange.recording.set_no_blocks();
        return Ok(pass(state, exchange, received));
    };
    if let Some(coding) = headers::coding(received.headers()) {
        let fault = format!("its content-encoding is `{coding}`, which was not asked for");
        return match wants == Wants::NOTHING {
            true => Ok(pass(state, exchange, received)),
            false => Err(fail(exchange, fault)),
        };
    }
    let (parts, body) = received.into_parts();
    let body = body.into_data_stream();
    let (form, upstream) = match is_event_stream(&parts.headers) {
        true => form::of(body, Form::Stream).await,
        // A caller that did not ask for a stream takes what comes for one body.
        false if exchange.streaming => form::of(body, Form::Whole).await,
        false => (Form::Whole, StreamExt::boxed(body)),
    };
    let mut outbound = headers::towards_caller(&parts.headers);
    if wants != Wants::NOTHING {
        headers::set_utf8(&mut outbound);
    }
    let reply = match form {
        Form::Stream => streamed,
        Form::Whole => whole,
    };
    let recording = exchange.recording.clone();
    let delivery = Delivery::new(state, exchange, reply, upstream);
    if form == Form::Stream || wants == Wants::NOTHING {
        // A stream may end with its first piece, and then it is stored before that leaves.
        recording.answered(parts.status, &outbound);
        drop(recording);
        return as_it_comes(parts.status, outbound, delivery, form).await;
    }
    let whole = delivery.collect(limits.whole).await?;
    recording.delivered(&whole);
    Ok((parts.status, outbound, whole).into_response())
}

/// Waits for the first bytes of a reply and then starts it. A failure before them is still an HTTP error.
async fn as_it_comes(
    status: StatusCode,
    outbound: HeaderMap,
    mut delivery: Delivery,
    form: Form,
) -> Result<Response, Error> {
    let first = delivery.first().await?;
    let is_one_behind = form == Form::Whole && delivery.is_strict();
    let pieces = delivery.into_stream(first);
    let body = match is_one_behind {
        true => Body::from_stream(one_behind(Box::pin(pieces))),
        false => Body::from_stream(pieces),
    };
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
