//! Asks a running Sluice whether it is alive.

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::target::Target;
use crate::cli::ask::ask;

/// The answer of `/health`.
#[derive(Deserialize)]
struct Health {
    status: String,
}

/// Returns an error that says why, if nobody answers as Sluice does.
pub(super) fn check(target: &Target) -> anyhow::Result<()> {
    let answer = ask(target.address(), "/health", None)?;
    let status = answer.status;
    ensure!(
        status.is_success(),
        "`/health` answered {status}, so it is not Sluice that listens there"
    );
    let health: Health = serde_json::from_slice(&answer.body)
        .context("the answer of `/health` is not that of this version of Sluice")?;
    ensure!(health.status == "ok", "`/health` says `{}`", health.status);
    Ok(())
}
