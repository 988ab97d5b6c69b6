//! What passes without blocks to judge: listings of models, and the paths that the operator lets through.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{Request, Response, Uri};
use bytes::Bytes;
use sluice_protocol::Api;

use super::passing::{self, Witness};
use super::{Error, State, dialect, headers};
use crate::upstream::{self, Reply};
use crate::{auth, telemetry};

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
    let passed = stream(&state, api, request).await;
    passed.unwrap_or_else(|error| error.into_response(api))
}

/// Sends a request on that has no body of meaning, and its reply back.
pub(super) async fn bodiless(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<Response<Body>, Error> {
    let (parts, _) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    let outbound = headers::towards_upstream(&parts.headers);
    let upstream = state.upstreams.of(api);
    let sent = upstream.send(parts.method, &parts.uri, outbound, Bytes::new());
    answered(sent.await, &parts.uri)
}

/// Sends a request on, its body as it comes and of any size, and its reply back.
async fn stream(state: &State, api: Api, request: Request<Body>) -> Result<Response<Body>, Error> {
    let (parts, body) = request.into_parts();
    auth::require_credential(&parts.headers)?;
    let outbound = headers::towards_upstream(&parts.headers);
    let upstream = state.upstreams.of(api);
    let limit = state.config.body_timeout;
    let sent = upstream.pass(parts.method, &parts.uri, outbound, body, limit);
    answered(sent.await, &parts.uri)
}

/// A reply on its way, or why there is none; the log is told, for no recording is.
fn answered(sent: Result<Reply, upstream::Error>, uri: &Uri) -> Result<Response<Body>, Error> {
    match sent {
        Ok(reply) => {
            let path = uri.path().to_owned();
            Ok(passing::pass(reply, Witness::Log { path }))
        }
        Err(error) => {
            tracing::warn!(
                path = &*telemetry::clip(uri.path()),
                cause = &*telemetry::clip(&error.to_string()),
                "a request that no policy judges failed"
            );
            Err(error.into())
        }
    }
}
