//! What the tests of commands share.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

/// A command of the binary, without the variables, the cache and the settings of whoever runs the tests.
pub(crate) fn sluice(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.env("SLUICE_NO_RECORDING", "1");
    let variables = [
        "SLUICE_LISTEN",
        "SLUICE_HEARTBEAT",
        "SLUICE_ANTHROPIC_URL",
        "SLUICE_OPENAI_URL",
        "SLUICE_LOG",
        "RUST_LOG",
        "POLICY_CONFIG",
    ];
    variables.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.env("SLUICE_CACHE", "").env("SLUICE_CONFIG", "");
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

/// A running `sluice serve`; ended when it is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    log: BufReader<ChildStderr>,
}

impl Server {
    /// Starts one with these flags, on a port that is free.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = sluice(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(arguments);
        Self::run(command)
    }

    /// Starts one with this command.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// Reads the log until a line whose message begins so.
    pub(crate) fn until(&mut self, message: &str) -> serde_json::Value {
        let mut read = String::new();
        loop {
            let from = read.len();
            if self.log.read_line(&mut read).unwrap() == 0 {
                panic!("no `{message}` in\n{read}");
            }
            let line: serde_json::Value = serde_json::from_str(&read[from..]).unwrap();
            if line["message"]
                .as_str()
                .is_some_and(|text| text.starts_with(message))
            {
                return line;
            }
        }
    }

    /// Waits until it listens, and answers where.
    pub(crate) fn address(&mut self) -> String {
        let line = self.until("listening on http://");
        let message = line["message"].as_str().unwrap();
        message.rsplit('/').next().unwrap().to_owned()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &id])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
