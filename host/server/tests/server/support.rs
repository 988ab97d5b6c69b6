//! What the tests of commands share.

use std::process::{Command, Output, Stdio};

/// A command of the binary, without the variables, the cache, the data and the settings of whoever runs the tests. It
/// serves no operators.
pub(crate) fn sluice(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.env("SLUICE_NO_RECORDING", "1");
    let variables = [
        "SLUICE_LISTEN",
        "SLUICE_HEARTBEAT",
        "SLUICE_ANTHROPIC_URL",
        "SLUICE_OPENAI_URL",
        "SLUICE_ADMIN_URL",
        "SLUICE_ADMIN_KEY",
        "SLUICE_ADMIN_KEY_FILE",
        "SLUICE_ADMIN_ADDRESS",
        "SLUICE_LOG",
        "RUST_LOG",
        "POLICY_CONFIG",
        "REDIS_URL",
    ];
    variables.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.env("SLUICE_CACHE", "").env("SLUICE_CONFIG", "");
    command.env("SLUICE_DATA", "");
    command.env("SLUICE_ADMIN_LISTEN", "none");
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What a command prints, and how it ends.
pub(crate) fn run(arguments: &[&str]) -> Output {
    sluice(arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
