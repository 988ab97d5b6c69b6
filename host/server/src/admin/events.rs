//! What happens, as it happens: `GET /api/v1/events`.

mod filter;
mod stream;

use axum::body::Body;
use axum::extract::{Extension, State as Extract};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use sluice_api::{Code, LiveEvent, LiveQuery};

use super::admit::Pass;
use super::history::session_of;
use super::query::{self, Query};
use super::{Error, State};
use crate::bus::{Bus, Full, LastSeen};
use crate::relay;

use filter::Filter;

/// Which event a listener saw last.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks nginx to pass each event on at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Tells what happens, as it happens.
///
/// The answer is a stream of server-sent events that does not end by itself. If the admin key that opened it does not count
/// any more, a last `gap` says so. The name of each event is its `type`, and its data is a `LiveEvent`. A listener that was cut
/// off sends the `id` of the last event as `Last-Event-ID` and is told what it missed; if that is not known any more, a `gap`
/// comes first. What was said in an exchange is read by its id.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "live",
    params(
        LiveQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that was seen."),
    ),
    responses((
        status = 200,
        description = "The events, from now on or from `Last-Event-ID` on.",
        body = LiveEvent,
        content_type = "text/event-stream",
    ))
)]
pub(super) async fn events(
    Extract(state): Extract<State>,
    Extension(pass): Extension<Pass>,
    Query(asked): Query<LiveQuery>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let session = match &asked.session {
        Some(id) => Some(session_of(&state, query::id("session", id)?).await?),
        None => None,
    };
    let filter = Filter::new(asked, session);
    let seen = headers.get(LAST_EVENT_ID).map(last_seen);
    let listener = state
        .bus
        .listen(seen, move |event| filter.lets_through(event))?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ),
        (BUFFERING, HeaderValue::from_static("no")),
    ];
    let body = Body::from_stream(stream::of(listener, pass));
    Ok((headers, body).into_response())
}

/// What a listener saw last. What is no id names an event that nobody knows: a listener that could not go on for that
/// would never come back.
fn last_seen(id: &HeaderValue) -> LastSeen {
    let read = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    read.unwrap_or(LastSeen::UNKNOWN)
}

/// How the telling goes.
pub(super) fn status(bus: &Bus, relay: Option<&relay::State>) -> sluice_api::Events {
    let counts = bus.counts();
    sluice_api::Events {
        open_exchanges: counts.open as u64,
        listeners: counts.listeners as u64,
        max_listeners: counts.max_listeners as u64,
        refused_listeners: counts.refused,
        dropped_listeners: counts.dropped,
        told: counts.told,
        left_out: counts.left_out,
        relay: relay.map(relay::State::now),
    }
}

impl From<Full> for Error {
    fn from(full: Full) -> Self {
        Self::new(Code::Busy, full.to_string()).after(std::time::Duration::from_secs(5))
    }
}
