//! What a caller reads whose request nobody looks at, in its dialect.

use axum::http::{HeaderValue, header, request};
use axum::response::Response;

use super::{Error, dialect};
use crate::listen::Refusal;

/// Tells a caller that its request is turned away.
pub(crate) fn turn_away(request: &request::Parts, refusal: Refusal) -> Response {
    let api = dialect::of(request.uri.path(), &request.headers);
    let mut response = Error::TurnedAway(refusal).into_response(api);
    if refusal.may_pass() {
        let soon = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, soon);
    }
    response
}
