//! A process with a door for operators, and who listens there.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::serving::Server;
use crate::support::run;

/// A running Sluice that has nobody upstream.
pub(super) struct Process {
    server: Server,
    agents: String,
    operators: String,
    key: String,
    folder: TempDir,
}

/// One who hears of events.
pub(super) struct Listener {
    reader: BufReader<TcpStream>,
    /// All ids that came: the position at the beginning, then those of the events.
    pub(super) ids: Vec<String>,
}

impl Process {
    pub(super) fn start(redis: Option<&str>) -> Self {
        let redis = redis.map(|url| ["--redis", url]);
        Self::with(
            redis.as_ref().map_or(&[], |redis| &redis[..]),
            Server::start,
        )
    }

    /// One that records.
    pub(super) fn recording(flags: &[&str]) -> Self {
        Self::with(flags, Server::recording)
    }

    fn with(flags: &[&str], start: fn(&[&str]) -> Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let nowhere = ["--anthropic-url", "http://127.0.0.1:9"];
        let door = ["--admin-listen", "127.0.0.1:0", "--data"];
        let own = [&nowhere[..], &door[..], &[data.to_str().unwrap()]].concat();
        let mut server = start(&[&own[..], flags].concat());
        let operators = server.admin_address();
        let agents = server.address();
        let key = std::fs::read_to_string(data.join("admin.key")).unwrap();
        Self {
            server,
            agents,
            operators,
            key: key.trim().to_owned(),
            folder,
        }
    }

    /// Makes another key, which counts from now on.
    pub(super) fn reset_key(&mut self) {
        let data = self.folder.path().join("data");
        let output = run(&["admin", "reset-key", "--data", data.to_str().unwrap()]);
        assert!(output.status.success());
        let key = std::fs::read_to_string(data.join("admin.key")).unwrap();
        assert_ne!(
            key.trim(),
            std::mem::replace(&mut self.key, key.trim().to_owned())
        );
    }

    /// Sends a request, which fails.
    pub(super) fn ask(&self) {
        let body = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hello"}]}"#;
        let length = body.len();
        let head = format!("host: localhost\r\nx-api-key: k\r\ncontent-length: {length}");
        let mut stream = TcpStream::connect(&self.agents).unwrap();
        write!(stream, "POST /v1/messages HTTP/1.0\r\n{head}\r\n\r\n{body}").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.0 502"), "{reply}");
    }

    pub(super) fn status(&self) -> Value {
        self.told("/api/v1/status")
    }

    /// Waits until the status is as wanted.
    pub(super) fn until(&self, wanted: impl Fn(&Value) -> bool) {
        let begun = Instant::now();
        loop {
            let status = self.status();
            if wanted(&status) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{status}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What is told under a path.
    pub(super) fn told(&self, path: &str) -> Value {
        let mut stream = self.get(path, "");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Listens to events, from now on or behind the last one that was seen.
    pub(super) fn listen(&self, query: &str, seen: Option<&str>) -> Listener {
        let seen = seen.map(|id| format!("last-event-id: {id}\r\n"));
        let stream = self.get(
            &format!("/api/v1/events?{query}"),
            &seen.unwrap_or_default(),
        );
        let mut listener = Listener {
            reader: BufReader::new(stream),
            ids: Vec::new(),
        };
        let head = listener.block().unwrap();
        assert!(head[0].starts_with("HTTP/1.0 200"), "{head:?}");
        assert!(
            head.iter()
                .any(|line| line == "content-type: text/event-stream")
        );
        assert!(
            listener.data(false).unwrap().is_none(),
            "the position comes first"
        );
        listener
    }

    /// Stops it. Returns the rest of its log.
    pub(super) fn stop(&mut self) -> String {
        let log = self.server.logged().to_owned();
        assert!(self.server.child.wait().unwrap().success());
        log
    }

    /// Version 1.0 of HTTP has no chunks, so the body comes as it is.
    fn get(&self, target: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.operators).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let key = &self.key;
        write!(
            stream,
            "GET {target} HTTP/1.0\r\nhost: localhost\r\nx-api-key: {key}\r\n{headers}\r\n"
        )
        .unwrap();
        stream
    }
}

impl Listener {
    /// The next event.
    pub(super) fn event(&mut self) -> Value {
        self.data(true).unwrap().unwrap()
    }

    /// Whether nothing comes any more.
    pub(super) fn is_over(&mut self) -> bool {
        self.data(true).is_none()
    }

    /// The data of the next block, or of the next one that has some. `None` at the end.
    fn data(&mut self, has_some: bool) -> Option<Option<Value>> {
        loop {
            let block = self.block()?;
            let field = |name: &str| block.iter().find_map(|line| line.strip_prefix(name));
            self.ids.extend(field("id: ").map(str::to_owned));
            let data = field("data: ").map(|data| serde_json::from_str(data).unwrap());
            if data.is_some() || !has_some {
                return Some(data);
            }
        }
    }

    /// The lines up to the next empty one. `None` at the end.
    fn block(&mut self) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap() == 0 {
                assert!(lines.is_empty(), "it ends in the middle: {lines:?}");
                return None;
            }
            match line.trim_end() {
                "" => return Some(lines),
                line => lines.push(line.to_owned()),
            }
        }
    }
}
