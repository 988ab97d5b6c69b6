//! Refuses requests that a web page made a browser send, before anything else is done.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;

use super::{Error, dialect};
use crate::auth::Callers;

/// Lets a request in, or answers it with an error.
pub(crate) async fn admit(
    Extract(callers): Extract<Arc<Callers>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    if let Err(foreign) = callers.admit(&head) {
        let api = dialect::of(head.uri.path(), &head.headers);
        return Error::Foreign(foreign).into_response(api);
    }
    next.run(Request::from_parts(head, body)).await
}
