//! Drives one connection from its first byte to its last.

use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::{Request, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until};

use super::requests::answer;
use super::slot::{Place, Slot};
use super::transport::Watched;
use super::{Door, Peer, Reached, Refusal, Shared};

/// How long a connection that makes room has for its last bytes, if it is not known whether they are sent.
const LAST_BYTES: Duration = Duration::from_secs(5);

/// Serves a connection until it ends by itself, until no request comes in time, or until it is told to end. If there
/// is no room, only vital requests are served.
pub(super) async fn drive<T>(
    transport: T,
    reached: Option<Reached>,
    slot: Slot,
    shared: Arc<Shared>,
    no_room: Option<Refusal>,
) where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let place = slot.place();
    let service = {
        let (shared, place) = (Arc::clone(&shared), Arc::clone(place));
        service_fn(move |mut request: Request<Incoming>| {
            if shared.config.door == Door::Operators {
                request.extensions_mut().insert(Peer(place.address));
                reached.map(|reached| request.extensions_mut().insert(reached));
            }
            let busy = place.begin(request.version() == Version::HTTP_2);
            answer(Arc::clone(&shared), no_room, busy, request)
        })
    };
    let transport = TokioIo::new(Watched::new(transport, Arc::clone(place)));
    let mut connection = pin!(shared.http.serve_connection(transport, service));
    let mut timeout = ConnectionTimeout::new(place);
    let mut is_closing = false;
    let until_it_ends = poll_fn(|context| {
        if !is_closing && place.is_closing(context.waker()) {
            is_closing = true;
            timeout.shorten();
            connection.as_mut().graceful_shutdown();
        }
        if connection.as_mut().poll(context).is_ready() || (is_closing && place.may_go()) {
            return Poll::Ready(());
        }
        std::task::ready!(timeout.poll(context));
        // The protocol may have a last frame to send.
        connection.as_mut().graceful_shutdown();
        let _ = connection.as_mut().poll(context);
        Poll::Ready(())
    });
    until_it_ends.await;
}

/// Watches a connection on which no request comes.
struct ConnectionTimeout<'a> {
    place: &'a Place,
    /// Set to the earliest moment of the deadline, and checked again when it fires, because each request moves the
    /// deadline.
    timer: Pin<Box<Sleep>>,
    /// The moment at which the connection ends in any case.
    end: Option<Instant>,
}

impl<'a> ConnectionTimeout<'a> {
    fn new(place: &'a Place) -> Self {
        let deadline = place.deadline(None).unwrap_or_else(Instant::now);
        Self {
            place,
            timer: Box::pin(sleep_until(deadline)),
            end: None,
        }
    }

    /// Notes that another connection needs the place.
    fn shorten(&mut self) {
        if self.place.is_evicted() {
            self.end = Some(Instant::now() + LAST_BYTES);
        }
    }

    /// Ready if no request came in time.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while let Some(deadline) = self.place.deadline(self.end) {
            if self.timer.deadline() > deadline {
                self.timer.as_mut().reset(deadline);
            }
            std::task::ready!(self.timer.as_mut().poll(context));
            if deadline <= Instant::now() {
                self.place.timed_out();
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
