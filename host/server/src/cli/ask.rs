//! Sends a running Sluice a question, and waits for the answer.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::StatusCode;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::address::Address;
use crate::auth::AdminKey;

/// The longest time for the whole answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// The largest answer that is read. No Sluice sends a larger one.
const MAX_BODY: usize = 8 << 20;

/// What was answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Asks for a path, and carries the key if there is one. Connects without a proxy of the environment, because the
/// question is about this address.
pub(super) fn ask(address: &Address, path: &str, key: Option<&AdminKey>) -> anyhow::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start the async runtime")?;
    let answered =
        runtime.block_on(async { tokio::time::timeout(DEADLINE, get(address, path, key)).await });
    answered.unwrap_or_else(|_| anyhow::bail!("no answer within {} s", DEADLINE.as_secs()))
}

async fn get(address: &Address, path: &str, key: Option<&AdminKey>) -> anyhow::Result<Answer> {
    let host = address.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, address.port())).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut request =
        hyper::Request::get(path).header("host", format!("{}:{}", address.host(), address.port()));
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let request = request.body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_BODY).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        Ok(Answer { status, body })
    };
    let driven = async {
        connection.await?;
        // The answer may be there, and yet to be read.
        std::future::pending().await
    };
    tokio::select! {
        answer = exchange => answer,
        failed = driven => failed,
    }
}
