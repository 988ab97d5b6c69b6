//! What passes without blocks to judge: listings of models, and upstream's own errors.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{Request, Response};
use bytes::Bytes;

use super::{Error, State, headers};
use crate::auth;

/// `GET /v1/models` and `GET /v1/models/{id}`.
pub(crate) async fn models(
    Extract(state): Extract<State>,
    request: Request<Body>,
) -> Result<Response<Body>, Error> {
    let (parts, _) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    let outbound = headers::towards_upstream(&parts.headers);
    let reply = state
        .upstream
        .send(parts.method, &parts.uri, outbound, Bytes::new())
        .await?;
    Ok(pass(reply))
}

/// Upstream's reply as it came: status, headers, body.
pub(super) fn pass(reply: reqwest::Response) -> Response<Body> {
    let status = reply.status();
    let outbound = headers::towards_caller(reply.headers());
    let mut response = Response::new(Body::from_stream(reply.bytes_stream()));
    *response.status_mut() = status;
    *response.headers_mut() = outbound;
    response
}
