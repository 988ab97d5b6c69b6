//! Installs PostgreSQL, against which the store is tested.
//!
//! The tests start a server of their own. So it does not matter whether one runs, and which version it is.

use anyhow::ensure;

use sluice_test_postgres::{HINT, is_installed};

use crate::{apt, say};

/// Installs PostgreSQL if it is not there.
pub(crate) fn run() -> anyhow::Result<()> {
    let installed = is_installed() || (apt::install(&["postgresql"]) && is_installed());
    ensure!(installed, "{HINT}");
    say::line("PostgreSQL is installed");
    Ok(())
}
