//! A reply that a policy gives in upstream's place.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sluice_protocol::Block;

use super::exchange::Exchange;

/// A whole reply made of `blocks`, streamed where the caller asked for a stream; nothing where the
/// caller's API has no blocks in its replies.
pub(super) fn render(exchange: &Exchange, blocks: &[Block]) -> Option<Response> {
    let (api, id) = (exchange.api, &exchange.id);
    let bytes = api.answer(&exchange.model, id, blocks, exchange.streaming)?;
    let kind = if exchange.streaming {
        "text/event-stream; charset=utf-8"
    } else {
        "application/json"
    };
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(api.request_id_header(), id);
    }
    Some(response)
}
