//! One HTTP/1.1 connection, driven by whoever holds it.
//!
//! It has no task of its own. It reads and writes while the exchange that holds it is polled, and rests otherwise.
//! Dropping it closes it.

use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::task::Context;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};

use super::Error;

/// The transport of the bytes: TCP, or TLS over it.
pub(super) trait Transport: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Transport for T {}

/// A connection, at rest or in an exchange.
pub(super) struct Connection {
    sender: http1::SendRequest<Body>,
    /// `None` once the connection is over.
    driver: Option<Box<http1::Connection<Box<dyn Transport>, Body>>>,
}

/// The answer to a request: the reply, and the connection that its body arrives on.
pub(super) type Sent = (Response<Incoming>, Connection);

/// The reason why there is no reply. Holds the request as well if no byte of it was written.
type Unanswered = (Error, Option<Box<Request<Body>>>);

impl Connection {
    /// Starts HTTP on a connection. Its replies may have at most so many lines of headers.
    pub(super) async fn over(
        transport: Box<dyn Transport>,
        max_header_lines: usize,
    ) -> hyper::Result<Self> {
        let mut http = http1::Builder::new();
        http.max_headers(max_header_lines);
        let (sender, driver) = http.handshake(transport).await?;
        let driver = Some(Box::new(driver));
        Ok(Self { sender, driver })
    }

    /// Reads and writes what can be read and written now.
    pub(super) fn drive(&mut self, context: &mut Context<'_>) {
        let Some(driver) = &mut self.driver else {
            return;
        };
        // An error belongs to the request or the reply, and is told there.
        if Pin::new(driver).poll(context).is_ready() {
            self.driver = None;
        }
    }

    /// Whether the connection can take another request: it is open, and nothing of the last exchange is left to read
    /// or write.
    pub(super) fn is_idle(&self) -> bool {
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Sends a request and waits for the head of the reply.
    pub(super) async fn send(mut self, request: Request<Body>) -> Result<Sent, Unanswered> {
        let reply = self.head(request).await?;
        if reply.status() == StatusCode::SWITCHING_PROTOCOLS {
            let unasked = "it switched to another protocol unasked";
            return Err((Error::Unreachable(unasked.to_owned()), None));
        }
        Ok((reply, self))
    }

    async fn head(&mut self, request: Request<Body>) -> Result<Response<Incoming>, Unanswered> {
        let mut reply = pin!(self.sender.try_send_request(request));
        let replied = poll_fn(|context| {
            self.drive(context);
            reply.as_mut().poll(context)
        });
        replied.await.map_err(|mut failed| {
            let unsent = failed.take_message().map(Box::new);
            (Error::headless(&failed.into_error()), unsent)
        })
    }
}
