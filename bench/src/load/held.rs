//! Streams that are opened and then stay open.

use std::net::SocketAddr;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::Address;
use super::connection::Connection;

/// Streams for each HTTP/2 connection: half of what servers commonly allow.
const PER_CONNECTION: usize = 100;
/// How many streams are opened at once. More would be a flood, which is not what is measured here.
const AT_ONCE: usize = 200;

/// Open streams. Dropping them closes all.
pub(crate) struct Held {
    tasks: JoinSet<()>,
}

/// How callers connect.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Callers {
    /// How many have a connection of their own, over HTTP/1.1.
    pub(crate) alone: usize,
    /// How many share connections, a hundred to each, over HTTP/2. A stream needs two sockets, one
    /// towards each side, and some machines do not let one process have so many.
    pub(crate) shared: usize,
}

/// Opens this many streams and waits until each has its first bytes.
pub(crate) async fn hold(address: &Address, callers: Callers) -> anyhow::Result<Held> {
    let mut held = Held {
        tasks: JoinSet::new(),
    };
    let mut left = callers.alone;
    while left > 0 {
        let batch = left.min(AT_ONCE);
        held.open(
            address,
            batch,
            |address| async move { alone(&address).await },
        )
        .await?;
        left -= batch;
    }
    let connections = callers.shared.div_ceil(PER_CONNECTION);
    held.open(address, connections, |address| async move {
        shared(&address).await
    })
    .await?;
    Ok(held)
}

impl Held {
    /// Opens some streams at the same time. Their tasks keep what `open` returned.
    async fn open<F, K>(
        &mut self,
        address: &Address,
        count: usize,
        open: impl Fn(Address) -> F,
    ) -> anyhow::Result<()>
    where
        F: Future<Output = anyhow::Result<K>> + Send + 'static,
        K: Send + 'static,
    {
        let (done, mut opened) = tokio::sync::mpsc::channel(count.max(1));
        for _ in 0..count {
            let (done, opening) = (done.clone(), open(address.clone()));
            self.tasks.spawn(async move {
                let kept = opening.await;
                // The receiver is gone only if another stream has failed.
                let _ = done
                    .send(
                        kept.as_ref()
                            .map(drop)
                            .map_err(|error| format!("{error:#}")),
                    )
                    .await;
                std::future::pending::<()>().await;
                drop(kept);
            });
        }
        for _ in 0..count {
            let opened = opened.recv().await.context("a stream was lost")?;
            opened.map_err(|fault| anyhow!("hold a stream open: {fault}"))?;
        }
        Ok(())
    }
}

async fn alone(address: &Address) -> anyhow::Result<(Connection, Incoming)> {
    let mut connection = Connection::open(address.socket).await?;
    let mut body = connection.ask(address).await?.into_body();
    first_bytes(&mut body).await?;
    Ok((connection, body))
}

type Sender = http2::SendRequest<Full<Bytes>>;

async fn shared(address: &Address) -> anyhow::Result<(Sender, JoinSet<()>, Vec<Incoming>)> {
    let (mut sender, driver) = http2(address.socket).await?;
    let mut bodies = Vec::with_capacity(PER_CONNECTION);
    for _ in 0..PER_CONNECTION {
        sender.ready().await.context("the connection was closed")?;
        let response = sender
            .send_request(address.request()?)
            .await
            .context("no reply")?;
        let mut body = response.into_body();
        first_bytes(&mut body).await?;
        bodies.push(body);
    }
    Ok((sender, driver, bodies))
}

async fn http2(socket: SocketAddr) -> anyhow::Result<(Sender, JoinSet<()>)> {
    let stream = TcpStream::connect(socket).await.context("connect")?;
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .context("begin HTTP/2")?;
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        let _ = connection.await;
    });
    Ok((sender, driver))
}

async fn first_bytes(body: &mut Incoming) -> anyhow::Result<()> {
    body.frame()
        .await
        .context("an empty reply")?
        .context("the reply broke off")?;
    Ok(())
}
