//! The body of a reply. Polling it drives the connection it arrives on.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Response;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::Error;
use super::connection::{Connection, Sent};
use super::idle::IdleTimer;
use super::pool::Pool;

/// A body as it arrives. Dropping it before its end closes the connection, which cancels the request.
pub struct ReplyBody {
    incoming: Incoming,
    /// `None` once the body is over.
    connection: Option<Connection>,
    pool: Arc<Pool>,
    idle: IdleTimer,
}

type Arrived<E = Error> = Option<Result<Frame<Bytes>, E>>;

impl ReplyBody {
    /// Returns the reply with its body.
    pub(super) async fn begin(sent: Sent, pool: Arc<Pool>, idle: IdleTimer) -> Response<Self> {
        let (reply, connection) = sent;
        let (head, incoming) = reply.into_parts();
        let mut body = Self {
            incoming,
            connection: Some(connection),
            pool,
            idle,
        };
        // Nobody need poll a body that is empty.
        if body.incoming.is_end_stream() {
            poll_fn(|context| {
                body.give_back(context);
                Poll::Ready(())
            })
            .await;
        }
        Response::from_parts(head, body)
    }

    /// Puts the connection into the pool. Closes it if it can't be used again, because upstream said so or because
    /// upstream answered before the whole request was sent.
    fn give_back(&mut self, context: &mut Context<'_>) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        // The last bytes are read, but the connection has not looked behind them yet.
        connection.drive(context);
        if connection.is_idle() {
            self.pool.put(connection);
        }
    }

    fn arrived(
        &mut self,
        arrived: Arrived<hyper::Error>,
        context: &mut Context<'_>,
    ) -> Poll<Arrived> {
        self.idle.received();
        match &arrived {
            Some(Ok(_)) => {}
            Some(Err(_)) => self.connection = None,
            None => self.give_back(context),
        }
        Poll::Ready(arrived.map(|frame| frame.map_err(|error| Error::broken(&error))))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Arrived> {
        let this = &mut *self;
        if let Poll::Ready(arrived) = Pin::new(&mut this.incoming).poll_frame(context) {
            return this.arrived(arrived, context);
        }
        // What has arrived is read here, so a frame in the buffer costs no switch to another task.
        if let Some(connection) = &mut this.connection {
            connection.drive(context);
        }
        if let Poll::Ready(arrived) = Pin::new(&mut this.incoming).poll_frame(context) {
            return this.arrived(arrived, context);
        }
        this.idle.poll(context).map(|error| {
            this.connection = None;
            Some(Err(error))
        })
    }

    fn is_end_stream(&self) -> bool {
        // Until the connection is back in the pool somebody has to poll.
        self.connection.is_none() && self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
