//! Adds the policies' target to a toolchain of rustup.
//!
//! This is the only thing that Sluice installs without asking: it adds files to the user's own
//! toolchain and needs no privilege. It never installs system packages.

use std::path::Path;
use std::process::{Command, Stdio};

use super::TARGET;

/// The command that adds [`TARGET`] to the toolchain that is active in `folder`.
pub(super) fn target_add(folder: &Path) -> Command {
    let mut rustup = Command::new("rustup");
    // The folder may have an override of the toolchain.
    rustup
        .args(["target", "add", TARGET])
        .current_dir(folder)
        .stdin(Stdio::null());
    rustup
}

/// Whether rustup is installed.
pub(super) fn is_there() -> bool {
    let mut rustup = Command::new("rustup");
    rustup
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    rustup.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_added_to_the_toolchain_that_the_folder_chooses() {
        let command = target_add(Path::new("/policies/mine"));
        let words: Vec<_> = command.get_args().collect();
        assert_eq!(words, ["target", "add", TARGET]);
        assert_eq!(command.get_current_dir(), Some(Path::new("/policies/mine")));
    }
}
