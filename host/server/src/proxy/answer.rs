//! A reply that a policy gives in upstream's place.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use sluice_protocol::Block;

use super::exchange::Exchange;

/// Builds a reply from `blocks`, streamed if the caller asked for a stream. Returns `None` if replies of the caller's
/// API have no blocks.
pub(super) fn render(exchange: &Exchange, blocks: &[Block]) -> Option<Response> {
    let (api, id) = (exchange.api, &exchange.id);
    let bytes = api.answer(&exchange.model, id, blocks, exchange.streaming)?;
    exchange.recording.delivered(&bytes);
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
