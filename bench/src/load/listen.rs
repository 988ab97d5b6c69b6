//! A server on loopback, for the processes that this program starts of itself.

use std::convert::Infallible;
use std::future::Future;

use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;

/// How many connections may wait to be accepted: thousands come at once.
const BACKLOG: u32 = 4096;

/// Serves on a free port, printed as one line, until the process is ended.
pub(crate) async fn serve<F, E>(
    answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static,
) -> anyhow::Result<()>
where
    F: Future<Output = Result<Response<BoxBody<Bytes, E>>, Infallible>> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let listener = bind()?;
    crate::say::line(listener.local_addr().context("ask for the address")?);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // A frame that waits for the next one would be counted as the gateway's delay.
                let _ = stream.set_nodelay(true);
                let service = service_fn(answer.clone());
                connections.spawn(async move {
                    // Callers may disconnect; that is part of the load.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

fn bind() -> anyhow::Result<TcpListener> {
    let socket = TcpSocket::new_v4().context("open a socket")?;
    socket
        .bind(([127, 0, 0, 1], 0).into())
        .context("find a free port")?;
    socket.listen(BACKLOG).context("listen")
}
