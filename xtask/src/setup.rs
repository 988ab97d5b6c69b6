//! Gets the compiler for policies.
//!
//! With rustup where it reaches its server, else from Debian where that is possible without asking,
//! else not at all, but with one line that says what to do. Does nothing where there already is one.

use sluice_componentize::{DEBIAN_PACKAGES, NoToolchain, Toolchain};

use crate::workspace::Workspace;
use crate::{apt, say};

/// Finds or gets the compiler for policies.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<Toolchain> {
    let toolchain =
        with_rustup(workspace).or_else(|error| match apt::install(&DEBIAN_PACKAGES) {
            true => Toolchain::find(&workspace.root),
            // It names both ways and what is missing.
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
