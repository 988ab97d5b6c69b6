//! Adds the policies' target to a toolchain of rustup.
//!
//! This is the one thing that is installed without asking: it adds files to a toolchain of the user's
//! own, and needs no privilege. System packages are never installed from here.

use std::path::Path;
use std::process::{Command, Stdio};

use super::TARGET;

/// The command that adds [`TARGET`] to the toolchain that is active in `folder`.
pub(super) fn target_add(folder: &Path) -> Command {
    let mut rustup = Command::new("rustup");
    // An override of the toolchain may apply in the folder.
    rustup
        .args(["target", "add", TARGET])
        .current_dir(folder)
        .stdin(Stdio::null());
    rustup
}

/// Whether there is a rustup at all.
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
