//! A connection to a running Sluice, and what is asked over it.
//!
//! It goes to the address itself and through no proxy of the environment, because the question is about this address.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::Address;
use crate::auth::AdminKey;
use crate::tasks::Tasks;

/// The longest time until there is a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest time without a byte of an answer. A read of the database takes half of it at most.
const IDLE: Duration = Duration::from_secs(60);
/// The largest answer that is read whole. No Sluice sends a larger one.
const MAX_BODY: usize = 8 << 20;

/// A connection. Dropping it ends it, unless an answer is still read.
pub(super) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    host: String,
    peer: SocketAddr,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) method: Method,
    pub(super) path: String,
    /// A body, which is JSON.
    pub(super) json: Option<Vec<u8>>,
    /// The longest time until the answer begins. An erasure has none.
    pub(super) patience: Option<Duration>,
}

/// What is answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    body: Incoming,
}

impl Question {
    /// Asks for a path.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            json: None,
            patience: Some(IDLE),
        }
    }

    /// Orders something, which takes as long as it takes.
    pub(super) fn order(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            patience: None,
            ..Self::get(path)
        }
    }

    pub(super) fn within(self, patience: Duration) -> Self {
        Self {
            patience: Some(patience),
            ..self
        }
    }

    pub(super) fn with(self, json: &impl serde::Serialize) -> Self {
        Self {
            json: serde_json::to_vec(json).ok(),
            ..self
        }
    }
}

impl Connection {
    pub(super) async fn open(address: &Address) -> anyhow::Result<Self> {
        let host = address.host().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, address.port()));
        let stream = in_time(Some(CONNECT), async { Ok(stream.await?) }).await?;
        let peer = stream.peer_addr()?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Its error is that of the question, too.
        drop(Tasks::new().spawn(connection));
        Ok(Self {
            sender,
            host: format!("{}:{}", address.host(), address.port()),
            peer,
        })
    }

    /// Where it leads to.
    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Asks, and carries the key if there is one.
    pub(super) async fn ask(
        &mut self,
        question: Question,
        key: Option<&AdminKey>,
    ) -> anyhow::Result<Answer> {
        let mut request = Request::builder()
            .method(question.method)
            .uri(question.path)
            .header("host", &self.host);
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        if question.json.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = Full::from(question.json.unwrap_or_default());
        let request = request.body(body)?;
        let sent = async {
            // An answer before may just have been read.
            self.sender.ready().await?;
            Ok(self.sender.send_request(request).await?)
        };
        let response = in_time(question.patience, sent).await?;
        Ok(Answer {
            status: response.status(),
            body: response.into_body(),
        })
    }
}

impl Answer {
    /// The next bytes. `None` at the end.
    pub(super) async fn next(&mut self) -> anyhow::Result<Option<Bytes>> {
        let next = async { self.body.frame().await.transpose().map_err(Into::into) };
        let mut next = in_time(Some(IDLE), next)
            .await
            .context("the answer broke off")?;
        // What is no data are trailers, which Sluice sends none of.
        Ok(next
            .take()
            .map(|frame| frame.into_data().unwrap_or_default()))
    }

    /// All of it.
    pub(super) async fn whole(mut self) -> anyhow::Result<Bytes> {
        let mut whole = Vec::new();
        while let Some(bytes) = self.next().await? {
            anyhow::ensure!(
                whole.len() + bytes.len() <= MAX_BODY,
                "the answer is too long"
            );
            whole.extend_from_slice(&bytes);
        }
        Ok(whole.into())
    }
}

async fn in_time<T>(
    limit: Option<Duration>,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let Some(limit) = limit else {
        return work.await;
    };
    let late = || anyhow::anyhow!("no answer within {} s", limit.as_secs());
    timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
}
