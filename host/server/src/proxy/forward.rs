//! Forwards what has no blocks to judge: listings of models, and the paths that the operator lets through.

use axum::body::Body;
use axum::http::{Request, Response, Uri};
use bytes::Bytes;
use sluice_protocol::Api;

use super::passing::{self, EndingSink};
use super::{Error, State, headers};
use crate::telemetry;
use crate::upstream::{self, Reply};

/// Forwards a request without its body, which means nothing on this path.
pub(super) async fn bodiless(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<Response<Body>, Error> {
    let (parts, _) = request.into_parts();
    let admitted = state.gate.admit(&parts.headers)?;
    admitted.check_api(api)?;
    let mut outbound = headers::towards_upstream(&parts.headers);
    admitted.authorize(&mut outbound, api);
    let upstream = state.upstreams.of(api);
    let sent = upstream.send(parts.method, &parts.uri, outbound, Bytes::new());
    answered(state, sent.await, &parts.uri)
}

/// Forwards a request and streams its body, of any size.
pub(super) async fn stream(
    state: &State,
    api: Api,
    request: Request<Body>,
) -> Result<Response<Body>, Error> {
    let (parts, body) = request.into_parts();
    let admitted = state.gate.admit(&parts.headers)?;
    admitted.check_api(api)?;
    admitted.check_unread(api)?;
    let mut outbound = headers::towards_upstream(&parts.headers);
    admitted.authorize(&mut outbound, api);
    let upstream = state.upstreams.of(api);
    let limit = state.config.body_timeout;
    let sent = upstream.pass(parts.method, &parts.uri, outbound, body, limit);
    answered(state, sent.await, &parts.uri)
}

/// Passes upstream's reply on. If there is none, logs why, because these exchanges have no recording.
fn answered(
    state: &State,
    sent: Result<Reply, upstream::Error>,
    uri: &Uri,
) -> Result<Response<Body>, Error> {
    match sent {
        Ok(reply) => {
            let path = uri.path().to_owned();
            Ok(passing::pass(state, reply, EndingSink::Log { path }))
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
