//! What was sent and received in an exchange, on both sides of Sluice.

use std::time::{Duration, Instant};

use axum::http::header::CONTENT_ENCODING;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;

use super::kept;
use super::tape::{Copy, Tape};

/// The traffic of an exchange, as far as it has come.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The most bytes that are kept of a reply.
    limit: usize,
    since: Instant,
    /// What the caller asked.
    pub asked: Asked,
    /// What upstream was asked, and what it answered.
    pub attempts: Vec<Attempt>,
    /// The head of the reply to the caller.
    pub answered: Option<Head>,
    /// The body of the reply to the caller.
    pub delivered: Copy,
    /// The time until its first byte.
    pub first_byte: Option<Duration>,
    /// How long bytes were held for policies, in all.
    pub held: Duration,
}

/// A request as the caller sent it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its method.
    pub method: Method,
    /// Its path and query, without secrets.
    pub path: String,
    /// Its headers, without secrets.
    pub headers: Vec<(String, String)>,
    /// Its body, decoded.
    pub body: Bytes,
    /// The content coding in which it came.
    pub encoding: Option<String>,
}

/// A request to upstream and what came back.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The name of the upstream.
    pub upstream: &'static str,
    /// When it began, from the beginning of the exchange.
    pub started: Duration,
    /// The headers of the request, without secrets.
    pub headers: Vec<(String, String)>,
    /// Its body. `None` if it is that of the caller, in the caller's encoding.
    pub body: Option<Bytes>,
    /// The head of the reply.
    pub reply: Option<Head>,
    /// The time until the head of the reply, from the beginning of the attempt.
    pub first_byte: Option<Duration>,
    /// The body of the reply, decoded.
    pub received: Tape,
    /// The time until its end, from the beginning of the attempt.
    pub total: Duration,
}

/// The head of a reply.
#[derive(Clone, Debug)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// The headers, without secrets.
    pub headers: Vec<(String, String)>,
}

impl Traffic {
    pub(super) fn new(asked: Asked, since: Instant, limit: usize) -> Self {
        Self {
            limit,
            since,
            asked,
            attempts: Vec::new(),
            answered: None,
            delivered: Copy::default(),
            first_byte: None,
            held: Duration::ZERO,
        }
    }

    /// Returns about how many bytes it holds.
    pub(super) fn size(&self) -> usize {
        let attempts = self.attempts.iter().map(|attempt| {
            let body = attempt.body.as_ref().map_or(0, Bytes::len);
            size_of::<Attempt>() + body + attempt.received.size()
        });
        self.asked.body.len() + attempts.sum::<usize>() + self.delivered.size()
    }

    pub(super) fn sent(
        &mut self,
        upstream: &'static str,
        headers: &HeaderMap,
        body: Option<Bytes>,
    ) {
        self.attempts.push(Attempt {
            upstream,
            started: self.since.elapsed(),
            headers: kept::headers(headers),
            body,
            reply: None,
            first_byte: None,
            received: Tape::default(),
            total: Duration::ZERO,
        });
    }

    pub(super) fn replied(&mut self, status: StatusCode, headers: &HeaderMap) {
        let now = self.since.elapsed();
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.first_byte = Some(now.saturating_sub(attempt.started));
            attempt.reply = Some(Head::new(status, headers));
        }
    }

    pub(super) fn arrived(&mut self, bytes: &[u8]) {
        let now = self.since.elapsed();
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.received.push(bytes, now, self.limit);
            attempt.total = now.saturating_sub(attempt.started);
        }
    }

    /// The exchange is over. An attempt of which nothing came took until now.
    pub(super) fn ended(&mut self, now: Duration) {
        if let Some(attempt) = self
            .attempts
            .last_mut()
            .filter(|attempt| attempt.total.is_zero())
        {
            attempt.total = now.saturating_sub(attempt.started);
        }
    }

    pub(super) fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        self.answered = Some(Head::new(status, headers));
    }

    pub(super) fn delivered(&mut self, bytes: &[u8]) {
        let now = self.since.elapsed();
        self.first_byte.get_or_insert(now);
        let nothing = Tape::default();
        let came = self
            .attempts
            .last()
            .map_or(&nothing, |attempt| &attempt.received);
        self.delivered.push(bytes, came, now, self.limit);
    }

    pub(super) fn held(&mut self, time: Duration) {
        self.held += time;
    }
}

impl Asked {
    /// A request with its decoded body. `encoded` is the body as it came, if it was encoded.
    pub fn new(head: &Parts, body: Bytes, encoded: Option<&Bytes>) -> Self {
        let coding = head
            .headers
            .get(CONTENT_ENCODING)
            .and_then(|coding| coding.to_str().ok());
        Self {
            method: head.method.clone(),
            path: kept::path(&head.uri),
            headers: kept::headers(&head.headers),
            body,
            encoding: encoded.and(coding).map(str::to_owned),
        }
    }
}

impl Head {
    fn new(status: StatusCode, headers: &HeaderMap) -> Self {
        Self {
            status: status.as_u16(),
            headers: kept::headers(headers),
        }
    }
}
