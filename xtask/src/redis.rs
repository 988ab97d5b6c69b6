//! Installs Redis, through which the tests let processes tell each other what happens.
//!
//! The tests start servers of their own. So it does not matter whether one runs, and which version it is.

use anyhow::ensure;

use sluice_test_redis::{HINT, is_installed};

use crate::{apt, say};

/// Installs Redis if it is not there.
pub(crate) fn run() -> anyhow::Result<()> {
    let installed = is_installed() || (apt::install(&["redis-server"]) && is_installed());
    ensure!(installed, "{HINT}");
    say::line("Redis is installed");
    Ok(())
}
