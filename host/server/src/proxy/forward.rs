//! What passes without blocks to judge: listings of models, upstream's own errors, and the paths that
//! the operator lets through.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use sluice_protocol::Api;

use super::{Error, State, dialect, headers};
use crate::auth;
use crate::upstream::Reply;

/// `GET /v1/models` and `GET /v1/models/{id}`, of the upstream whose dialect the caller speaks.
pub(crate) async fn models(
    Extract(state): Extract<State>,
    request: Request<Body>,
) -> Response<Body> {
    let api = dialect::of(request.uri().path(), request.headers());
    let listed = bodiless(&state, api, request).await;
    listed.unwrap_or_else(|error| error.into_response(api))
}

/// Every path that is not listed.
pub(crate) async fn unlisted(state: Extract<State>, request: Request<Body>) -> Response<Body> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    passthrough(state, request, Error::NotFound { method, path }).await
}

/// A listed path with a method it does not have.
pub(crate) async fn method_not_allowed(
    state: Extract<State>,
    request: Request<Body>,
) -> Response<Body> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    passthrough(state, request, Error::MethodNotAllowed { method, path }).await
}

/// Refuses what no policy would see, unless the operator named its path under `passthrough`.
async fn passthrough(
    Extract(state): Extract<State>,
    request: Request<Body>,
    refused: Error,
) -> Response<Body> {
    let path = request.uri().path();
    let api = dialect::of(path, request.headers());
    if !state.passthrough.allows(path) {
        return refused.into_response(api);
    }
    let passed = send(&state, api, request).await;
    passed.unwrap_or_else(|error| error.into_response(api))
}

/// Sends a request on that has no body of meaning, and its reply back.
pub(super) async fn bodiless(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<Response<Body>, Error> {
    let (parts, _) = request.into_parts();
    send(state, api, Request::from_parts(parts, Bytes::new())).await
}

/// Sends a request on, its body as it comes and of any size, and its reply back.
async fn send(
    state: &State,
    api: Api,
    request: Request<impl Into<Body>>,
) -> Result<Response<Body>, Error> {
    let (parts, body) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    let outbound = headers::towards_upstream(&parts.headers);
    let upstream = state.upstreams.of(api);
    let reply = upstream
        .send(parts.method, &parts.uri, outbound, body)
        .await?;
    Ok(pass(reply))
}

/// Upstream's reply as it came: status, headers, body.
pub(super) fn pass(reply: Reply) -> Response<Body> {
    let status = reply.status();
    let outbound = headers::towards_caller(reply.headers());
    let mut response = Response::new(Body::from_stream(reply.into_body().into_data_stream()));
    *response.status_mut() = status;
    *response.headers_mut() = outbound;
    response
}
