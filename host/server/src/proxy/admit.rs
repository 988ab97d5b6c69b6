//! Refuses what a web page made a browser send, before anything else is done.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;

use super::{Error, dialect};
use crate::auth::{Callers, Foreign};

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

/// Logs a refusal, unless one was logged just before: then it is counted with the next.
fn report(foreign: &Foreign) {
    static LOGGED: Mutex<Logged> = Mutex::new(Logged {
        last: None,
        unlogged: 0,
    });
    let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(refused) = logged.count(Instant::now()) {
        tracing::warn!(refused, "refused a request: {foreign}");
    }
}

struct Logged {
    last: Option<Instant>,
    unlogged: u64,
}

impl Logged {
    /// Counts a refusal; how many there were since the last line, if it is time for one.
    fn count(&mut self, now: Instant) -> Option<u64> {
        self.unlogged += 1;
        let early = |last: Instant| now.duration_since(last) < LOG_EVERY;
        if self.last.is_some_and(early) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_and_logged_once_in_a_while() {
        let mut logged = Logged {
            last: None,
            unlogged: 0,
        };
        let start = Instant::now();
        let counts = [0, 1, 9, 10, 11, 25].map(|at| logged.count(start + Duration::from_secs(at)));
        assert_eq!(counts, [Some(1), None, None, Some(3), None, Some(2)]);
    }
}
