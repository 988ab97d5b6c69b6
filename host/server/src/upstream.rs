//! The model APIs behind Sluice: one pooled client each.
//!
//! It follows no redirects, retries nothing and adds no headers of its own but those of the hop: what
//! upstream says is for the caller to read.

use std::error::Error as _;
use std::time::Duration;

use anyhow::Context as _;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use reqwest::redirect::Policy;
use sluice_protocol::Api;
use thiserror::Error as ThisError;

/// Where upstream is and how long it is waited for.
#[derive(Clone, Debug)]
pub struct Config {
    /// The base URL; a path in it is put before the caller's.
    pub url: reqwest::Url,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long upstream may take from the request to the head of its reply. A whole reply's head
    /// comes when the model is done, so this is long.
    pub first_byte_timeout: Duration,
}

impl Config {
    /// The default bounds for a base URL.
    pub fn new(url: reqwest::Url) -> Self {
        Self {
            url,
            connect_timeout: Duration::from_secs(10),
            // The official SDKs wait for ten minutes.
            first_byte_timeout: Duration::from_secs(600),
        }
    }
}

/// A pooled client of one upstream. Cloning shares the pool.
#[derive(Clone, Debug)]
pub struct Upstream {
    client: reqwest::Client,
    base: String,
    config: Config,
}

/// The upstream of each provider.
#[derive(Clone, Debug)]
pub struct Upstreams {
    /// Anthropic, or what speaks like it.
    pub anthropic: Upstream,
    /// `OpenAI`, or what speaks like it.
    pub openai: Upstream,
}

/// Why upstream could not be asked.
#[derive(Debug, ThisError)]
pub enum Error {
    /// No connection, or one that broke before the head of the reply.
    #[error("upstream can't be reached: {0}")]
    Unreachable(String),
    /// No connection, or no reply, in time.
    #[error("upstream did not answer within {0:?}")]
    TimedOut(Duration),
}

impl Error {
    /// The status a caller gets.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) => StatusCode::BAD_GATEWAY,
            Self::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }
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
    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Where TLS can't be set up, for one because the system has no root certificates.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        // Whoever installs first wins, and every provider serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(config.connect_timeout)
            .tcp_nodelay(true)
            .build()
            .context("set up the client towards upstream")?;
        let base = config.url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            client,
            base,
            config,
        })
    }

    /// Sends a request and waits for the head of the reply. Dropping the future, or the reply, cancels
    /// it.
    pub async fn send(
        &self,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: impl Into<reqwest::Body>,
    ) -> Result<reqwest::Response, Error> {
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let sent = self
            .client
            .request(method, format!("{}{target}", self.base))
            .headers(headers)
            .body(body)
            .send();
        match tokio::time::timeout(self.config.first_byte_timeout, sent).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) if error.is_timeout() => {
                Err(Error::TimedOut(self.config.connect_timeout))
            }
            Ok(Err(error)) => Err(Error::Unreachable(root_cause(&error))),
            Err(_) => Err(Error::TimedOut(self.config.first_byte_timeout)),
        }
    }
}

/// The innermost cause: the outer ones repeat the URL, which is the operator's matter.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.source().is_none() {
        return "the request could not be sent".to_owned();
    }
    cause.to_string()
}
