//! A reply that a policy gives in upstream's place.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sluice_protocol::{Block, anthropic};

use super::exchange::Exchange;

/// A whole reply made of `blocks`, streamed where the caller asked for a stream.
pub(super) fn respond(exchange: &Exchange, blocks: &[Block]) -> Response {
    let bytes = anthropic::answer(&exchange.model, &exchange.id, blocks, exchange.streaming);
    let kind = if exchange.streaming {
        "text/event-stream; charset=utf-8"
    } else {
        "application/json"
    };
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(id) = HeaderValue::from_str(&exchange.id) {
        headers.insert("request-id", id);
    }
    response
}
