//! Installs the compiler for policies, if there is none.
//!
//! It uses rustup if it can reach its server, or else Debian's packages if that needs no password.
//! If neither works, it prints one line that says what to do.

use sluice_componentize::{DEBIAN_PACKAGES, NoToolchain, Toolchain};

use crate::workspace::Workspace;
use crate::{apt, say};

/// Finds the compiler for policies, or installs it.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<Toolchain> {
    let toolchain =
        with_rustup(workspace).or_else(|error| match apt::install(&DEBIAN_PACKAGES) {
            true => Toolchain::find(&workspace.root),
            // The error names both ways and what is missing.
            false => Err(error),
        })?;
    say::line(format_args!("policies compile with {toolchain}"));
    Ok(toolchain)
}

fn with_rustup(workspace: &Workspace) -> Result<Toolchain, NoToolchain> {
    Toolchain::find_or_add(&workspace.root, |command| {
        say::line(format_args!("$ {}", say::shown(command)));
    })
}
