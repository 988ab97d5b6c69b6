//! Starts a throwaway Redis, one for each test that asks for it.
//!
//! It keeps nothing on disk and listens on loopback. A shell watches over it: when the test binary ends, however it ends,
//! its pipe to the shell closes, and the shell ends the server.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What to do if Redis is missing.
pub const HINT: &str =
    "Redis is not installed: run `cargo xtask setup`, or `apt-get install redis-server`";

/// How long a server may take until it answers, or until it is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a server, and ends it when the pipe closes.
const SCRIPT: &str = r#"
redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --dir /tmp >/dev/null 2>&1 </dev/null &
server=$!
read -r _
kill "$server"
wait "$server"
"#;

/// A Redis at an address that stays the same. Dropping it ends it.
pub struct Redis {
    port: u16,
    running: Option<Running>,
}

struct Running {
    /// Closing it ends the server.
    pipe: ChildStdin,
    shell: Child,
}

/// Whether Redis is on this machine.
pub fn is_installed() -> bool {
    let version = Command::new("redis-server")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

impl Redis {
    /// Starts one on a free port.
    ///
    /// # Panics
    ///
    /// If Redis is missing or does not start.
    pub fn start() -> Self {
        let mut redis = Self::away();
        redis.run();
        redis
    }

    /// One that is not there yet.
    ///
    /// # Panics
    ///
    /// If Redis is missing, or there is no free port.
    pub fn away() -> Self {
        assert!(is_installed(), "{HINT}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        Self {
            port,
            running: None,
        }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn run(&mut self) {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "sh", &self.port.to_string()])
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        let pipe = shell.stdin.take().expect("its input is a pipe");
        self.running = Some(Running { pipe, shell });
        let begun = Instant::now();
        while self
            .ask("PING")
            .is_none_or(|answer| !answer.starts_with("+PONG"))
        {
            assert!(begun.elapsed() < PATIENCE, "Redis does not answer");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it, with all connections to it.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn stop(&mut self) {
        if let Some(Running { pipe, mut shell }) = self.running.take() {
            drop(pipe);
            shell.wait().expect("the shell ends");
        }
    }

    /// Sends a command, such as `PUBLISH channel message`. Returns its answer as it comes, if it comes.
    pub fn ask(&self, command: &str) -> Option<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        connection.set_read_timeout(Some(PATIENCE)).ok()?;
        connection
            .write_all(format!("{command}\r\n").as_bytes())
            .ok()?;
        let mut answer = [0; 4096];
        let read = connection.read(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer[..read]).into_owned())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}
