//! Installs Debian packages if that needs no password.

use std::process::{Command, Stdio};

use crate::say;

/// Installs packages. Returns whether they are installed now.
pub(crate) fn install(packages: &[&str]) -> bool {
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
        packages,
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

/// Runs a command whose output the person sees. Returns whether it succeeded.
fn tried(command: &mut Command) -> bool {
    say::line(format_args!("$ {}", say::shown(command)));
    command
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command silently. Returns whether it succeeded.
pub(crate) fn works(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
