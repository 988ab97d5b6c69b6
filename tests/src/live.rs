//! One who listens to what happens.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use reqwest::Response;
use serde_json::Value;

use crate::TestHost;
use crate::client::http;

/// Hears of events over HTTP.
pub struct Listener {
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    rest: String,
    /// Every byte that came.
    pub raw: String,
    /// The ids that came: the position at the beginning, then those of the events.
    pub ids: Vec<String>,
}

impl Listener {
    /// Asks to listen. The answer may be that this is not possible.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub async fn ask(host: &TestHost, query: &str, seen: Option<&str>) -> Response {
        let url = format!("{}/api/v1/events?{query}", host.admin_url);
        let mut request = http().get(url).bearer_auth(&host.admin_key);
        if let Some(seen) = seen {
            request = request.header("last-event-id", seen);
        }
        request.send().await.expect("an answer")
    }

    /// Begins to listen to events, from now on or behind the last one that was seen.
    ///
    /// # Panics
    ///
    /// If that is not possible.
    pub async fn start(host: &TestHost, query: &str, seen: Option<&str>) -> Self {
        let answer = Self::ask(host, query, seen).await;
        assert_eq!(answer.status(), 200, "{query}");
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let mut listener = Self {
            body: Box::pin(answer.bytes_stream()),
            rest: String::new(),
            raw: String::new(),
            ids: Vec::new(),
        };
        let position = listener.block().await.expect("the position comes first");
        assert!(position.starts_with("retry: "), "{position}");
        listener.note_id(&position);
        listener
    }

    /// The next event, or `None` if there is none any more.
    ///
    /// # Panics
    ///
    /// If what comes is none.
    pub async fn event(&mut self) -> Option<Value> {
        loop {
            let block = self.block().await?;
            self.note_id(&block);
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            let Some(data) = field("data: ") else {
                continue;
            };
            let event: Value = serde_json::from_str(data).expect("JSON");
            assert_eq!(field("event: "), event["type"].as_str());
            return Some(event);
        }
    }

    /// The next events, so many of them.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    pub async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.event().await.expect("an event"));
        }
        events
    }

    fn note_id(&mut self, block: &str) {
        let id = block.lines().find_map(|line| line.strip_prefix("id: "));
        self.ids.extend(id.map(str::to_owned));
    }

    /// What stands before the next empty line.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.rest.split_once("\n\n") {
                let block = block.to_owned();
                self.rest = rest.to_owned();
                return Some(block);
            }
            let next = tokio::time::timeout(Duration::from_secs(30), self.body.next());
            let Some(bytes) = next.await.expect("it comes in time") else {
                assert_eq!(self.rest, "", "it ends behind an event");
                return None;
            };
            let bytes = bytes.expect("the stream does not break");
            let text = std::str::from_utf8(&bytes).expect("events are written whole");
            self.rest.push_str(text);
            self.raw.push_str(text);
        }
    }
}
