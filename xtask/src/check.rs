//! Checks what must be true before a commit: format, lints, documentation, the house rules.

use crate::steps::Steps;
use crate::tidy;
use crate::workspace::Workspace;

/// The steps of `cargo xtask check`, quickest first.
pub(crate) fn steps(workspace: &Workspace, steps: &mut Steps) {
    steps.run("tidy", || tidy::run(workspace));
    steps.command("format", &mut workspace.cargo(&["fmt", "--all", "--check"]));
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    steps.command("clippy", &mut workspace.cargo(&clippy));
    let doc = ["doc", "--workspace", "--no-deps"];
    steps.command(
        "docs",
        workspace.cargo(&doc).env("RUSTDOCFLAGS", "-D warnings"),
    );
}
