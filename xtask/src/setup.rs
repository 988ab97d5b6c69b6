//! Gets the compiler for policies.
//!
//! With rustup where it reaches its server, else from Debian where that is possible without asking,
//! else not at all, but with one line that says what to do. Does nothing where there already is one.

use std::process::Command;

use sluice_componentize::{DEBIAN_PACKAGES, TARGET, Toolchain};

use crate::workspace::Workspace;
use crate::{apt, say};

/// Finds or gets the compiler for policies.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<Toolchain> {
    for way in [already_there, with_rustup, with_debian] {
        if way(workspace)
            && let Ok(toolchain) = Toolchain::find(&workspace.root)
        {
            say::line(format_args!("policies compile with {toolchain}"));
            return Ok(toolchain);
        }
    }
    // It names both ways and what is missing.
    Ok(Toolchain::find(&workspace.root)?)
}

fn already_there(_: &Workspace) -> bool {
    true
}

fn with_rustup(workspace: &Workspace) -> bool {
    // Run in the checkout, where an override of the toolchain may apply.
    apt::tried(
        Command::new("rustup")
            .args(["target", "add", TARGET])
            .current_dir(&workspace.root),
    )
}

fn with_debian(_: &Workspace) -> bool {
    apt::install(&DEBIAN_PACKAGES)
}
