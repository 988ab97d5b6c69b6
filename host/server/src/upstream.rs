//! The model APIs behind Sluice: one pool of connections each.
//!
//! Retries nothing and adds no headers but those of the hop, because the caller is to read what upstream says. The
//! exception are redirects, which are neither followed nor passed on. The exchange that uses a connection drives it,
//! and nobody else does: frames cross no task on their way, and an exchange that is dropped closes its connection.

mod body;
mod connection;
mod connector;
mod decoding;
mod failure;
mod idle;
mod pool;
mod redirect;
mod target;
#[cfg(test)]
mod tests;
mod upload;

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, Method, Request, Response, Uri};
use bytes::Bytes;
use hyper_util::client::proxy::matcher::Matcher;
use sluice_protocol::Api;
use url::Url;

use connection::Sent;
use connector::Connector;
use idle::IdleTimer;
use pool::Pool;
use target::Target;
use upload::{Progress, Upload};

pub use body::ReplyBody;
pub use decoding::DecodedBody;
pub use failure::Error;
pub(crate) use failure::idle_time;
pub use redirect::Redirect;

/// Upstream's reply, its body decoded.
pub type Reply = Response<DecodedBody>;

/// The address of an upstream, and how long Sluice waits for it.
#[derive(Clone, Debug)]
pub struct Config {
    /// The base URL. Its path is put before the caller's path.
    pub url: Url,
    /// Whether the base URL replaces a `/v1` at the beginning of the caller's path.
    pub stands_for_v1: bool,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// The longest time from the request to the head of the reply. The head of a whole reply comes when the model is
    /// done, so this is long.
    pub first_byte_timeout: Duration,
    /// How long upstream may be silent within a reply of any kind.
    pub idle_timeout: Duration,
    /// How many lines of headers a reply may have.
    pub max_header_lines: usize,
}

impl Config {
    /// The default bounds for a base URL.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            stands_for_v1: false,
            connect_timeout: Duration::from_secs(10),
            // The official SDKs wait for ten minutes.
            first_byte_timeout: Duration::from_secs(600),
            // Claude Code gives up after 300 s without bytes.
            idle_timeout: Duration::from_secs(300),
            // As many as hyper reads without a table on the heap.
            max_header_lines: 100,
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
    idle_timeout: Duration,
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
    /// The name of a dialect's upstream, for the record.
    pub(crate) fn name(api: Api) -> &'static str {
        match api {
            Api::Anthropic => "anthropic",
            Api::OpenaiChat | Api::OpenaiResponses | Api::OpenaiEmbeddings => "openai",
        }
    }

    /// The upstream of a dialect.
    pub(crate) fn of(&self, api: Api) -> &Upstream {
        match api {
            Api::Anthropic => &self.anthropic,
            Api::OpenaiChat | Api::OpenaiResponses | Api::OpenaiEmbeddings => &self.openai,
        }
    }
}

impl Upstream {
    /// Sets up the client. Uses the proxies that the environment names.
    ///
    /// # Errors
    ///
    /// Returns an error if TLS can't be set up, for example because the system has no root certificates, or if the
    /// URL names no host.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        Self::through(&Matcher::from_system(), config)
    }

    fn through(proxies: &Matcher, config: Config) -> anyhow::Result<Self> {
        let origin = target::origin(&config.url)?;
        let proxy = proxies.intercept(&origin);
        Ok(Self {
            target: Arc::new(Target::new(&config, &origin, proxy.as_ref())?),
            connector: Connector::new(origin, proxy, &config)?,
            pool: Arc::default(),
            first_byte_timeout: config.first_byte_timeout,
            idle_timeout: config.idle_timeout,
        })
    }

    /// Sends a request whose body is complete, and waits for the head of the reply. Dropping the future or the reply
    /// cancels the request.
    pub async fn send(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Reply, Error> {
        let request = self.request(method, uri, headers, Body::from(body))?;
        self.ask(request, None).await
    }

    /// Sends a request whose body is passed on as it comes. The caller may be silent for as long as `limit`.
    pub async fn pass(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Body,
        limit: Duration,
    ) -> Result<Reply, Error> {
        let (upload, progress) = Upload::new(body, limit);
        let request = self.request(method, uri, headers, Body::new(upload))?;
        self.ask(request, Some(progress)).await
    }

    fn request(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Body,
    ) -> Result<Request<Body>, Error> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        self.target.address(&mut request, uri)?;
        Ok(request)
    }

    async fn ask(
        &self,
        mut request: Request<Body>,
        upload: Option<Arc<Progress>>,
    ) -> Result<Reply, Error> {
        request
            .headers_mut()
            .insert(ACCEPT_ENCODING, decoding::ACCEPTED);
        let mut idle = IdleTimer::before_the_head(self.first_byte_timeout, upload.clone());
        let mut sent = pin!(self.exchange(request, upload));
        let replied = poll_fn(|context| match sent.as_mut().poll(context) {
            Poll::Ready(replied) => Poll::Ready(replied),
            Poll::Pending => idle.poll(context).map(Err),
        });
        let reply = replied.await?;
        redirect::refuse(reply.status(), reply.headers())?;
        Ok(decoding::decoded(reply))
    }

    async fn exchange(
        &self,
        mut request: Request<Body>,
        upload: Option<Arc<Progress>>,
    ) -> Result<Response<ReplyBody>, Error> {
        let begin = |sent: Sent| {
            let idle = IdleTimer::within_the_body(self.idle_timeout, upload.clone());
            ReplyBody::begin(sent, Arc::clone(&self.pool), idle)
        };
        if let Some(connection) = self.pool.take().await {
            match connection.send(request).await {
                Ok(sent) => return Ok(begin(sent).await),
                // Upstream closed the connection before a byte of the request was written.
                Err((_, Some(unsent))) => request = *unsent,
                Err((error, None)) => return Err(error),
            }
        }
        let connection = self.connector.connect().await?;
        match connection.send(request).await {
            Ok(sent) => Ok(begin(sent).await),
            Err((error, _)) => Err(error),
        }
    }
}
