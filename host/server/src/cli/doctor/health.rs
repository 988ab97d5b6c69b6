//! Asks a running Sluice for its `/health`.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;

use super::target::Target;
use crate::agents::Sighting;

/// The longest time for the whole answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// The largest answer that is read. No Sluice sends a larger one.
const MAX_BODY: usize = 1 << 20;

/// The part of `/health` that the doctor needs.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Health {
    pub(super) version: String,
    pub(super) policies: Policies,
    pub(super) agents: Vec<Sighting>,
}

/// Its policies.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Policies {
    pub(super) policies: Vec<Policy>,
    pub(super) passthrough: Vec<String>,
    pub(super) last_error: Option<Failure>,
}

/// A policy of the policy file.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) mode: String,
}

/// Why the newest policy file is not in force.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Failure {
    pub(super) text: String,
}

/// Sends the question and waits for the answer.
pub(super) fn ask(target: &Target) -> anyhow::Result<Health> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start the async runtime")?;
    let answered = runtime.block_on(async { tokio::time::timeout(DEADLINE, get(target)).await });
    answered.unwrap_or_else(|_| anyhow::bail!("no answer within {} s", DEADLINE.as_secs()))
}

/// Connects without a proxy of the environment, because the question is about this address.
async fn get(target: &Target) -> anyhow::Result<Health> {
    let host = target.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, target.port())).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = hyper::Request::get("/health")
        .header("host", format!("{}:{}", target.host(), target.port()))
        .body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        ensure!(
            status.is_success(),
            "`/health` answered {status}, so it is not Sluice that listens there"
        );
        let body = Limited::new(response.into_body(), MAX_BODY).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        serde_json::from_slice(&body)
            .context("the answer of `/health` is not that of this version of Sluice")
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
