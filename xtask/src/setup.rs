//! Gets the compiler for policies.
//!
//! With rustup where it reaches its server, else from Debian where that is possible without asking,
//! else not at all, but with one line that says what to do. Does nothing where there already is one.

use std::process::{Command, Stdio};

use sluice_componentize::{DEBIAN_PACKAGES, TARGET, Toolchain};

use crate::say;
use crate::workspace::Workspace;

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
    tried(
        Command::new("rustup")
            .args(["target", "add", TARGET])
            .current_dir(&workspace.root),
    )
}

fn with_debian(_: &Workspace) -> bool {
    let Some(privilege) = privilege() else {
        return false;
    };
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("env");
        if privilege == Privilege::Sudo {
            command = Command::new("sudo");
            command.args(["--non-interactive", "env"]);
        }
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"])
            .args(arguments);
        tried(&mut command)
    };
    let install = [
        &["install", "--yes", "--no-install-recommends"][..],
        &DEBIAN_PACKAGES,
    ]
    .concat();
    works(Command::new("apt-get").arg("--version")) && apt(&["update"]) && apt(&install)
}

#[derive(PartialEq)]
enum Privilege {
    Root,
    Sudo,
}

fn privilege() -> Option<Privilege> {
    let id = Command::new("id").arg("--user").output().ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(Privilege::Root);
    }
    works(Command::new("sudo").args(["--non-interactive", "true"])).then_some(Privilege::Sudo)
}

/// Runs a command that the person sees.
fn tried(command: &mut Command) -> bool {
    say::line(format_args!("$ {}", say::shown(command)));
    command
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command that only answers yes or no.
fn works(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
