//! A running `sluice serve`, and its log.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::sluice;

/// How long something may take that should happen soon.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// A running `sluice serve`; ended when it is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    log: BufReader<ChildStderr>,
    /// What was read of the log.
    read: String,
}

impl Server {
    /// Starts it on a free port, with these flags beside.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = sluice(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(arguments);
        Self::run(command)
    }

    /// Starts one that records.
    pub(crate) fn recording(arguments: &[&str]) -> Self {
        let mut command = sluice(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .args(arguments)
            .env_remove("SLUICE_NO_RECORDING")
            .env_remove("DATABASE_URL");
        Self::run(command)
    }

    /// Starts it by this command.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            log,
            read: String::new(),
        }
    }

    /// Reads the log until a line whose message begins so.
    pub(crate) fn until(&mut self, message: &str) -> serde_json::Value {
        loop {
            let from = self.read.len();
            if self.log.read_line(&mut self.read).unwrap() == 0 {
                panic!("no `{message}` in\n{}", self.read);
            }
            let line: serde_json::Value = serde_json::from_str(&self.read[from..]).unwrap();
            if line["message"]
                .as_str()
                .is_some_and(|text| text.starts_with(message))
            {
                return line;
            }
        }
    }

    /// Ends it, and returns its whole log.
    pub(crate) fn logged(&mut self) -> &str {
        self.signal("TERM");
        self.log.read_to_string(&mut self.read).unwrap();
        &self.read
    }

    /// Waits until it listens, and answers where.
    pub(crate) fn address(&mut self) -> String {
        self.named("listening on http://")
    }

    /// Waits until it serves operators, and answers where.
    pub(crate) fn admin_address(&mut self) -> String {
        self.named("serving operators on http://")
    }

    /// The address behind a message that begins so.
    fn named(&mut self, message: &str) -> String {
        let line = self.until(message);
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

/// A running `sluice serve` whose log goes into a file, so that nobody has to read it; killed when it is dropped.
pub(crate) struct Unread {
    child: Child,
    pub(crate) address: String,
}

impl Unread {
    /// Starts it by this command, and waits until it listens.
    pub(crate) fn run(mut command: Command, log: &Path) -> Self {
        command.stderr(fs::File::create(log).unwrap());
        let mut unread = Self {
            child: command.stdout(Stdio::null()).spawn().unwrap(),
            address: String::new(),
        };
        let begun = Instant::now();
        while unread.address.is_empty() {
            let said = fs::read_to_string(log).unwrap();
            assert!(begun.elapsed() < SOON, "it never listened:\n{said}");
            let told = said.split_once("listening on http://");
            let told = told.and_then(|(_, rest)| rest.split_once('"'));
            unread.address = told.map(|(it, _)| it.to_owned()).unwrap_or_default();
            thread::sleep(Duration::from_millis(20));
        }
        unread
    }

    /// Ends it in order.
    pub(crate) fn end(mut self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(told.unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
