//! One caller: a kept-alive connection, and one exchange after the other over it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::Measured;

/// How long an exchange may take. No scripted one comes near it unless something hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where to send a request, over and over.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) socket: SocketAddr,
    pub(crate) path: &'static str,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    /// Bytes that the reply's body must contain to count.
    pub(crate) expected: &'static [u8],
}

/// A kept-alive connection.
pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// The task that drives it. Dropping it closes the connection.
    _driver: JoinSet<()>,
}

impl Address {
    pub(crate) fn request(&self) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}{}", self.socket, self.path))
            .header(header::HOST, self.socket.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            // The scripted upstream checks no key, but some gateways require one.
            .header(header::AUTHORIZATION, "Bearer bench")
            .header("anthropic-version", "2023-06-01");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
            .body(Full::new(self.body.clone()))
            .context("make a request")
    }
}

impl Connection {
    pub(crate) async fn open(socket: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(socket).await.context("connect")?;
        stream.set_nodelay(true).context("set up the connection")?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .context("begin HTTP/1.1")?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // If it breaks, the exchange reports the error.
            let _ = connection.await;
        });
        Ok(Self {
            sender,
            _driver: driver,
        })
    }

    /// Sends the request and waits for the head of its reply.
    pub(crate) async fn ask(&mut self, address: &Address) -> anyhow::Result<Response<Incoming>> {
        self.sender
            .ready()
            .await
            .context("the connection was closed")?;
        let request = address.request()?;
        let response = self
            .sender
            .send_request(request)
            .await
            .context("no reply")?;
        let status = response.status();
        ensure!(status.is_success(), "{status}");
        Ok(response)
    }
}

/// Runs one exchange, and opens the connection if there is none. The time counts from `due`.
pub(super) async fn exchange(
    kept: &mut Option<Connection>,
    address: &Address,
    due: Instant,
    measured: &mut Measured,
) {
    let asked = tokio::time::timeout(TIMEOUT, try_exchange(kept, address, due, measured));
    let fault = match asked.await {
        Ok(Ok(())) => return measured.exchanges += 1,
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => "it took too long".to_owned(),
    };
    *kept = None;
    measured.failed += 1;
    measured.fault.get_or_insert(fault);
    // A gateway that is down must not be flooded by a loop without a pause.
    tokio::time::sleep(Duration::from_millis(5)).await;
}

async fn try_exchange(
    kept: &mut Option<Connection>,
    address: &Address,
    due: Instant,
    measured: &mut Measured,
) -> anyhow::Result<()> {
    if kept.is_none() {
        *kept = Some(Connection::open(address.socket).await?);
    }
    let connection = kept.as_mut().context("no connection")?;
    let mut body = connection.ask(address).await?.into_body();
    let (mut last, mut met) = (None, false);
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame.context("the reply broke off")?.into_data() else {
            continue;
        };
        let now = Instant::now();
        match last.replace(now) {
            None => measured.first_byte.add(now - due),
            Some(before) => measured.gap.add(now - before),
        }
        met |= memchr::memmem::find(&bytes, address.expected).is_some();
    }
    ensure!(met, "the reply lacks its end");
    measured.latency.add(due.elapsed());
    Ok(())
}
