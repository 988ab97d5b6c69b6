//! The model APIs behind Sluice: one pool of connections each.
//!
//! It retries nothing and adds no headers of its own but those of the hop: what upstream says is for the
//! caller to read. The exception is a redirect, which is neither followed nor handed on. A connection is driven by the exchange that uses it and by
//! nobody else: frames cross no task on their way, and an exchange that goes takes its connection along.

mod body;
mod connection;
mod connector;
mod failure;
mod pool;
mod redirect;
mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use sluice_protocol::Api;
use tower::{ServiceExt as _, service_fn};
use tower_http::decompression::{Decompression, DecompressionBody};
use url::Url;

use connector::Connector;
use pool::Pool;
use target::Target;

pub use body::ReplyBody;
pub use failure::Error;
pub use redirect::Redirect;

/// What upstream answers, decoded.
pub type Reply = Response<DecompressionBody<ReplyBody>>;

/// Where upstream is and how long it is waited for.
#[derive(Clone, Debug)]
pub struct Config {
    /// The base URL; a path in it is put before the caller's.
    pub url: Url,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long upstream may take from the request to the head of its reply. A whole reply's head
    /// comes when the model is done, so this is long.
    pub first_byte_timeout: Duration,
}

impl Config {
    /// The default bounds for a base URL.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            connect_timeout: Duration::from_secs(10),
            // The official SDKs wait for ten minutes.
            first_byte_timeout: Duration::from_secs(600),
        }
    }
}

/// A client of one upstream. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Upstream {
    target: Arc<Target>,
    connector: Connector,
    pool: Arc<Pool>,
    first_byte_timeout: Duration,
}

/// The upstream of each provider.
#[derive(Clone, Debug)]
pub struct Upstreams {
    /// Anthropic, or what speaks like it.
    pub anthropic: Upstream,
    /// `OpenAI`, or what speaks like it.
    pub openai: Upstream,
}

impl Upstreams {
    /// The upstream of a dialect.
    pub(crate) fn of(&self, api: Api) -> &Upstream {
        match api {
            Api::Anthropic => &self.anthropic,
            Api::OpenaiChat | Api::OpenaiResponses | Api::OpenaiEmbeddings => &self.openai,
        }
    }
}

impl Upstream {
    /// Sets up the client, with the proxies that the environment names.
    ///
    /// # Errors
    ///
    /// Where TLS can't be set up, for one because the system has no root certificates, or where the URL
    /// names no host.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        Self::through(&Matcher::from_system(), config)
    }

    fn through(proxies: &Matcher, config: Config) -> anyhow::Result<Self> {
        let origin = target::origin(&config.url)?;
        let proxy = proxies.intercept(&origin);
        Ok(Self {
            target: Arc::new(Target::new(&config.url, &origin, proxy.as_ref())?),
            connector: Connector::new(origin, proxy, config.connect_timeout)?,
            pool: Arc::default(),
            first_byte_timeout: config.first_byte_timeout,
        })
    }

    /// Sends a request and waits for the head of the reply. Dropping the future, or the reply, cancels
    /// it.
    pub async fn send(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: impl Into<Body>,
    ) -> Result<Reply, Error> {
        let mut request = Request::new(body.into());
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        self.target.address(&mut request, uri)?;
        let exchange = service_fn(|request| self.exchange(request));
        let sent = Decompression::new(exchange).oneshot(request);
        let reply = match tokio::time::timeout(self.first_byte_timeout, sent).await {
            Ok(replied) => replied?,
            Err(_) => return Err(Error::TimedOut(self.first_byte_timeout)),
        };
        redirect::refuse(reply.status(), reply.headers())?;
        Ok(reply)
    }

    async fn exchange(&self, mut request: Request<Body>) -> Result<Response<ReplyBody>, Error> {
        if let Some(connection) = self.pool.take().await {
            match connection.send(request, &self.pool).await {
                Ok(reply) => return Ok(reply),
                // Upstream closed the connection before a byte of the request was written.
                Err((_, Some(unsent))) => request = *unsent,
                Err((error, None)) => return Err(error),
            }
        }
        let connection = self.connector.connect().await?;
        let sent = connection.send(request, &self.pool).await;
        sent.map_err(|(error, _)| error)
    }
}
