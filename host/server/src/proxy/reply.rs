//! Delivers upstream's reply to the policies and the caller.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::delivery::Delivery;
use super::exchange::Exchange;
use super::passing::{self, Witness};
use super::{Error, State, headers};
use crate::upstream::Reply;

/// Delivers upstream's reply as the policies rule. An error of upstream goes through unchanged: it has no blocks, and
/// agents match its wording.
pub(super) async fn deliver(
    state: &State,
    mut exchange: Exchange,
    received: Reply,
) -> Result<Response, Error> {
    let status = received.status();
    exchange.recording.set_status(status.as_u16());
    let (wants, limits) = (exchange.chain.wants(), state.config.limits);
    let streamed = is_event_stream(received.headers());
    let reply = match status.is_success() {
        true if streamed => exchange.api.stream(wants, limits),
        true => exchange.api.whole(wants, limits),
        false => None,
    };
    let Some(reply) = reply else {
        return Ok(passing::pass(
            received,
            Witness::Recording(exchange.recording),
        ));
    };
    let outbound = headers::towards_caller(received.headers());
    let delivery = Delivery::new(state, exchange, reply, received);
    if streamed {
        return stream(status, outbound, delivery).await;
    }
    let whole = delivery.collect(state.config.max_reply_bytes).await?;
    Ok((status, outbound, whole).into_response())
}

/// Waits for the first bytes of a stream and then starts it. A failure before them is still an HTTP error.
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
