//! Serves each request as the table of routes says.
//!
//! Decides nothing about paths itself: `routes` knows them, and `passthrough` those that the operator adds.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::header::UPGRADE;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use sluice_protocol::Api;

use super::{Error, State, dialect, forward, judged, stored};
use crate::routes::{self, Found, Judged, Route};

/// The methods that are worth a try on a path that the operator lets through.
const PASSED: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Serves a request of any path.
pub(crate) async fn serve(Extract(state): Extract<State>, request: Request<Body>) -> Response {
    let api = dialect::of(request.uri().path(), request.headers());
    let served = dispatch(&state, api, request).await;
    served.unwrap_or_else(|error| error.into_response(api))
}

async fn dispatch(state: &State, api: Api, request: Request<Body>) -> Result<Response, Error> {
    let (method, path) = (request.method(), request.uri().path());
    if offers_websocket(method, request.headers()) {
        return Err(Error::WebSocket);
    }
    let refused = match routes::find(method, path) {
        Found::Route(route, listed) => {
            let other = match listed {
                Cow::Borrowed(_) => None,
                Cow::Owned(listed) => Some(listed),
            };
            return as_listed(state, api, route, readdressed(request, other)).await;
        }
        Found::Odd(segment) => return Err(Error::odd_path(path, segment)),
        Found::OtherMethods(allowed) => Error::method_not_allowed(method, path, &allowed),
        Found::Nothing => Error::not_found(method, path),
    };
    if !state.passthrough.allows(path) {
        return Err(refused);
    }
    if repeats(method) {
        return Err(Error::method_not_allowed(method, path, &PASSED));
    }
    forward::stream(state, api, request).await
}

async fn as_listed(
    state: &State,
    api: Api,
    route: &Route,
    request: Request<Body>,
) -> Result<Response, Error> {
    let api = route.api.unwrap_or(api);
    match route.judged {
        Judged::Exchange | Judged::Compaction | Judged::Request => {
            judged::serve(state, api, route.judged, request).await
        }
        Judged::Reply => stored::read(state, api, request).await,
        Judged::Nothing => forward::bodiless(state, api, request).await,
        Judged::Own => Ok(StatusCode::OK.into_response()),
    }
}

/// Replaces the path of the request by that of the table if the two differ. So upstream and policies see the table's
/// path, whatever base URL the caller has.
fn readdressed(mut request: Request<Body>, listed: Option<String>) -> Request<Body> {
    let Some(mut target) = listed else {
        return request;
    };
    if let Some(query) = request.uri().query() {
        target = format!("{target}?{query}");
    }
    if let Ok(target) = PathAndQuery::try_from(target) {
        *request.uri_mut() = Uri::from(target);
    }
    request
}

/// Whether a method asks upstream to repeat what it was sent. That would show a caller the key that upstream is asked
/// with.
fn repeats(method: &Method) -> bool {
    let is = |name| method.as_str().eq_ignore_ascii_case(name);
    is("TRACE") || is("TRACK")
}

/// Whether a caller asks for a WebSocket. Codex falls back to HTTP at once if it is refused with the right status,
/// and after many tries otherwise.
fn offers_websocket(method: &Method, headers: &HeaderMap) -> bool {
    let offers = headers.get_all(UPGRADE).iter();
    let mut names = offers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.split('/').next().unwrap_or_default().trim());
    // Over HTTP/2 (RFC 8441) the method is CONNECT, and nothing else is asked for so.
    method == Method::CONNECT
        || (method == Method::GET && names.any(|name| name.eq_ignore_ascii_case("websocket")))
}
