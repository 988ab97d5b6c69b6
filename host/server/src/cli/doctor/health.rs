//! Asks a running Sluice whether it is alive.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::target::Target;
use crate::cli::connection::{Connection, Question};

/// The answer of `/health`.
#[derive(Deserialize)]
struct Health {
    status: String,
}

/// Returns an error that says why, if nobody answers as Sluice does.
pub(super) async fn check(target: &Target, patience: Duration) -> anyhow::Result<()> {
    let mut connection = Connection::open(target.address()).await?;
    let question = Question::get("/health").within(patience);
    let answer = connection.ask(question, None).await?;
    let status = answer.status;
    ensure!(
        status.is_success(),
        "`/health` answered {status}, so it is not Sluice that listens there"
    );
    let health: Health = serde_json::from_slice(&answer.whole().await?)
        .context("the answer of `/health` is not that of this version of Sluice")?;
    ensure!(health.status == "ok", "`/health` says `{}`", health.status);
    Ok(())
}
