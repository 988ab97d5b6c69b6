//! Lets requests in: none that a web page made a browser send, and none without the admin key.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Extension, Request, State as Extract};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Error;
use crate::auth::{AdminKeys, AdmittedOperator, Callers};
use crate::listen::Peer;

/// Refuses what a web page made a browser send, and says of each answer that it is nobody else's to keep.
pub(super) async fn keep_pages_out(
    Extract(callers): Extract<Arc<Callers>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let mut response = match callers.admit(&head) {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(foreign) => Error::from(foreign).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

/// Refuses a request without the admin key.
pub(super) async fn require_key(
    Extract(keys): Extract<Arc<AdminKeys>>,
    Extension(Peer(address)): Extension<Peer>,
    mut request: Request<Body>,
    next: Next,
) -> Result<Response, Error> {
    let key = keys.check(request.headers(), address, Instant::now())?;
    request.extensions_mut().insert(Pass { keys, key });
    Ok(next.run(request).await)
}

/// The key by which a request was let in.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    keys: Arc<AdminKeys>,
    key: AdmittedOperator,
}

impl Pass {
    /// Whether the key would let it in now.
    pub(super) fn counts(&self) -> bool {
        self.keys.counts(&self.key, Instant::now())
    }
}
