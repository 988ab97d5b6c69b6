//! A caller who sees every byte: no SDK between the test and the socket.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use serde_json::{Value, json};

/// A caller of one base URL.
pub struct Client {
    http: reqwest::Client,
    url: String,
}

/// The frames of a stream: event name and JSON.
pub type Frames = Vec<(String, Value)>;

impl Client {
    /// A caller with a key.
    pub fn new(url: &str) -> Self {
        Self {
            http: http(),
            url: url.to_owned(),
        }
    }

    /// Sends a body to a path, with a key.
    ///
    /// # Panics
    ///
    /// Where nobody answers.
    pub async fn post(&self, target: &str, body: impl Into<reqwest::Body>) -> Response {
        self.http
            .post(format!("{}{target}", self.url))
            .header("x-api-key", "test-key")
            .header("anthropic-version", "2023-06-01")
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .expect("Sluice answers")
    }

    /// A small request of this text.
    pub async fn ask(&self, text: &str, stream: bool) -> Response {
        self.post("/v1/messages", request(text, stream).to_string())
            .await
    }

    /// Asks for a stream and reads it to its end.
    ///
    /// # Panics
    ///
    /// Where the stream breaks.
    pub async fn stream(&self, text: &str) -> Bytes {
        let reply = self.ask(text, true).await;
        reply.bytes().await.expect("the stream ends well")
    }
}

/// A client that never goes through a proxy of the environment.
///
/// # Panics
///
/// Never: it uses no TLS.
pub fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        // Every byte as it comes.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a plain client")
}

/// A request of one text.
pub fn request(text: &str, stream: bool) -> Value {
    json!({
        "model": "claude-sonnet-4-5",
        "max_tokens": 1024,
        "stream": stream,
        "messages": [{"role": "user", "content": text}],
    })
}

/// Reads a stream into frames, by rules of its own.
///
/// # Panics
///
/// Where a frame has no event name or its data is not JSON: both SDKs drop such a frame.
pub fn frames(bytes: &[u8]) -> Frames {
    let text = std::str::from_utf8(bytes).expect("a stream is UTF-8");
    text.split("\n\n")
        .filter(|frame| !frame.trim().is_empty())
        .map(|frame| {
            let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
            let event = line("event: ").unwrap_or_else(|| panic!("no event name: {frame}"));
            let data = line("data: ").unwrap_or_else(|| panic!("no data: {frame}"));
            let data = serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}"));
            (event.to_owned(), data)
        })
        .collect()
}
