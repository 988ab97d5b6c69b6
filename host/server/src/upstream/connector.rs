//! Opens connections to one upstream: TCP, a tunnel through the system's proxy, TLS.

use std::time::Duration;

use anyhow::Context as _;
use axum::BoxError;
use axum::http::Uri;
use axum::http::uri::Scheme;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Intercept;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tower::ServiceExt as _;

use super::connection::{Connection, Transport};
use super::{Config, Error};

/// TCP keepalive: the other side is probed after this long without a byte, and again at the same interval. After
/// three probes without an answer the connection is broken.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 3;
/// The longest time that sent bytes may stay unacknowledged. After it the connection is broken.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

type Direct = HttpsConnector<HttpConnector>;
type Tunnelled = HttpsConnector<Tunnel<Direct>>;

/// Opens connections. Cloning is cheap.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    way: Way,
    /// The first hop: upstream itself, or a proxy that takes absolute URLs.
    destination: Uri,
    timeout: Duration,
    max_header_lines: usize,
}

#[derive(Clone, Debug)]
enum Way {
    Direct(Direct),
    Tunnelled(Box<Tunnelled>),
}

impl Connector {
    /// A connector to an origin, through this proxy if there is one. `connect_timeout` bounds all of it, from the
    /// lookup of the host's name to the end of the TLS handshake.
    pub(super) fn new(
        origin: Uri,
        proxy: Option<Intercept>,
        config: &Config,
    ) -> anyhow::Result<Self> {
        let timeout = config.connect_timeout;
        let direct = Direct::from((tcp(timeout), tls()?));
        let (way, destination) = match proxy {
            None => (Way::Direct(direct), origin),
            Some(proxy) if origin.scheme() == Some(&Scheme::HTTPS) => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), direct);
                if let Some(credentials) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(credentials.clone());
                }
                let tunnelled = Tunnelled::from((tunnel, tls()?));
                (Way::Tunnelled(Box::new(tunnelled)), origin)
            }
            Some(proxy) => (Way::Direct(direct), proxy.uri().clone()),
        };
        Ok(Self {
            way,
            destination,
            timeout,
            max_header_lines: config.max_header_lines,
        })
    }

    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<Connection, Error> {
        let lines = self.max_header_lines;
        let opened = async { Ok(Connection::over(self.open().await?, lines).await?) };
        match tokio::time::timeout(self.timeout, opened).await {
            Ok(opened) => {
                opened.map_err(|error: BoxError| Error::unopened(error.as_ref(), self.timeout))
            }
            Err(_) => Err(Error::TimedOut(self.timeout)),
        }
    }

    async fn open(&self) -> Result<Box<dyn Transport>, BoxError> {
        let destination = self.destination.clone();
        match self.way.clone() {
            Way::Direct(direct) => Ok(Box::new(direct.oneshot(destination).await?)),
            Way::Tunnelled(tunnelled) => Ok(Box::new((*tunnelled).oneshot(destination).await?)),
        }
    }
}

fn tcp(timeout: Duration) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    // TLS is put around it.
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    // Of several addresses each gets its share of the time.
    tcp.set_connect_timeout(Some(timeout));
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_keepalive_interval(Some(KEEPALIVE));
    tcp.set_keepalive_retries(Some(KEEPALIVE_RETRIES));
    #[cfg(target_os = "linux")]
    tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    tcp
}

/// The TLS configuration: the system's root certificates, and HTTP/1.1 alone.
fn tls() -> anyhow::Result<ClientConfig> {
    // Whoever installs first wins, and every provider serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = ClientConfig::builder()
        .with_platform_verifier()
        .context("set up TLS towards upstream")?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
