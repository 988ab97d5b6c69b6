//! A caller who sees every byte: no SDK between the test and the socket.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::dialect::Dialect;

/// A caller of one base URL, in one dialect.
pub struct Client {
    http: reqwest::Client,
    url: String,
    dialect: Dialect,
    headers: HeaderMap,
}

impl Client {
    /// A caller with a key, of Anthropic's API.
    pub fn new(url: &str) -> Self {
        Self::of(Dialect::Anthropic, url)
    }

    /// A caller with a key, of this dialect.
    pub fn of(dialect: Dialect, url: &str) -> Self {
        let headers = dialect.headers().iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        Self {
            http: http(),
            url: url.to_owned(),
            dialect,
            headers: headers.collect(),
        }
    }

    /// A caller with this key, of this dialect.
    ///
    /// # Panics
    ///
    /// If the key can't be sent.
    pub fn with_key(dialect: Dialect, url: &str, key: &str) -> Self {
        let mut client = Self::of(dialect, url);
        let (name, value) = match dialect {
            Dialect::Anthropic => ("x-api-key", key.to_owned()),
            Dialect::Chat | Dialect::Responses => ("authorization", format!("Bearer {key}")),
        };
        let value = HeaderValue::from_str(&value).expect("a key that can be sent");
        client.headers.insert(HeaderName::from_static(name), value);
        client
    }

    /// Asks for what is at a path, with a key.
    ///
    /// # Panics
    ///
    /// If nobody answers.
    pub async fn request(&self, method: Method, target: &str) -> Response {
        self.http
            .request(method, format!("{}{target}", self.url))
            .headers(self.headers.clone())
            .send()
            .await
            .expect("Sluice answers")
    }

    /// Sends a body to a path, with a key.
    ///
    /// # Panics
    ///
    /// If nobody answers.
    pub async fn post(&self, target: &str, body: impl Into<reqwest::Body>) -> Response {
        self.http
            .post(format!("{}{target}", self.url))
            .headers(self.headers.clone())
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .expect("Sluice answers")
    }

    /// A small request of this text.
    pub async fn ask(&self, text: &str, stream: bool) -> Response {
        self.send(&self.dialect.request(text, stream)).await
    }

    /// A request of the client's dialect.
    pub async fn send(&self, request: &Value) -> Response {
        self.post(self.dialect.path(), request.to_string()).await
    }

    /// Asks for a stream and reads it to its end.
    ///
    /// # Panics
    ///
    /// If the stream breaks.
    pub async fn stream(&self, text: &str) -> Bytes {
        let reply = self.ask(text, true).await;
        reply.bytes().await.expect("the stream ends well")
    }
}

/// Returns the status of a request for exactly this target. No client library normalises it.
///
/// # Panics
///
/// If nobody answers.
pub async fn status(url: &str, method: &str, target: &str, headers: &[(&str, &str)]) -> u16 {
    let address = url.trim_start_matches("http://");
    let mut head =
        format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut connection = TcpStream::connect(address).await.expect("Sluice listens");
    let head = format!("{head}\r\n");
    connection
        .write_all(head.as_bytes())
        .await
        .expect("Sluice reads");
    let mut answer = Vec::new();
    // Sluice may close the connection before everything is read.
    let _ = connection.read_to_end(&mut answer).await;
    let status = answer
        .get(9..12)
        .and_then(|status| std::str::from_utf8(status).ok());
    status
        .and_then(|status| status.parse().ok())
        .expect("a status line")
}

/// A client that ignores the environment's proxies.
///
/// # Panics
///
/// Never: it uses no TLS.
pub fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        // Every byte must arrive as it was sent.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a plain client")
}
