//! Refuses requests that a web page made a browser send, before anything else is done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;

use super::{Error, dialect};
use crate::auth::{Callers, Foreign};
use crate::telemetry::Tally;

/// How often refusals are logged at most. A page can send thousands a second.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Lets a request in, or answers it with an error.
pub(crate) async fn admit(
    Extract(callers): Extract<Arc<Callers>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    if let Err(foreign) = callers.check(&head) {
        report(&foreign);
        let api = dialect::of(head.uri.path(), &head.headers);
        return Error::Foreign(foreign).into_response(api);
    }
    next.run(Request::from_parts(head, body)).await
}

/// Logs a refusal. If one was logged within the last [`LOG_EVERY`], it is only counted, and the next line says how
/// many there were.
fn report(foreign: &Foreign) {
    static REFUSED: Tally = Tally::new();
    REFUSED.note();
    if let Some(refused) = REFUSED.news_at(Instant::now(), LOG_EVERY) {
        tracing::warn!(refused, "refused a request: {foreign}");
    }
}
