//! Answers a request that is turned away before it is read, in the caller's dialect.

use axum::http::{HeaderValue, header, request};
use axum::response::Response;

use super::{Error, dialect};
use crate::listen::Refusal;

/// Returns the error for a request that is turned away.
pub(crate) fn turn_away(request: &request::Parts, refusal: Refusal) -> Response {
    let api = dialect::of(request.uri.path(), &request.headers);
    let mut response = Error::TurnedAway(refusal).into_response(api);
    if refusal.may_pass() {
        let soon = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, soon);
    }
    response
}
