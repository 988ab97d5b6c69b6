//! A Sluice that records, with a door, and the commands that ask about it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use crate::serving::Server;
use crate::support::{sluice, text};

/// A credential that must be in no answer.
pub(crate) const KEY: &str = "sk-ant-api03-the-key-of-a-caller";
/// What upstream says.
const REPLY: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"good day"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}"#;

/// A Sluice that records, with a door, in front of a model that always says the same.
pub(crate) struct Recording {
    pub(crate) server: Server,
    pub(crate) home: tempfile::TempDir,
    agents: String,
    pub(crate) door: String,
}

impl Recording {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts it with these flags too.
    pub(crate) fn with(flags: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let model = model();
        let upstream = format!("http://{model}");
        let mut command = sluice(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .args([
                "--admin-listen",
                "127.0.0.1:0",
                "--anthropic-url",
                &upstream,
            ])
            .args(["--openai-url", &upstream])
            .args(flags)
            .env_remove("SLUICE_NO_RECORDING")
            .env_remove("SLUICE_DATA")
            .env_remove("DATABASE_URL")
            .env("XDG_DATA_HOME", home.path());
        let mut server = Server::run(command);
        let door = format!("http://{}", server.admin_address());
        let agents = server.address();
        Self {
            server,
            home,
            agents,
            door,
        }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.home.path().join("sluice").join("sluice.db")
    }

    /// A command about the history, with these flags behind it.
    pub(crate) fn history(&self, arguments: &[&str], way: &[&str]) -> Command {
        self.about("history", arguments, way)
    }

    /// A command about something that is kept.
    pub(crate) fn about(&self, what: &str, arguments: &[&str], way: &[&str]) -> Command {
        let mut command = sluice(&[what]);
        command
            .args(arguments)
            .args(way)
            .env_remove("SLUICE_DATA")
            .env_remove("DATABASE_URL")
            .env("XDG_DATA_HOME", self.home.path());
        command
    }

    pub(crate) fn through_the_door(&self, arguments: &[&str]) -> Output {
        let way = ["--admin-url", &self.door];
        self.history(arguments, &way).output().unwrap()
    }

    pub(crate) fn in_the_database(&self, arguments: &[&str]) -> Output {
        let file = self.database();
        let way = ["--database", file.to_str().unwrap()];
        self.history(arguments, &way).output().unwrap()
    }

    /// Sends a request of this caller.
    pub(crate) fn ask(&self, caller: &str, words: &str) {
        let reply = self.answer(&format!("{KEY}-{caller}"), words);
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    }

    /// What who has this key is answered.
    pub(crate) fn answer(&self, key: &str, words: &str) -> String {
        let body = format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"{words}"}}]}}"#
        );
        let mut stream = TcpStream::connect(&self.agents).unwrap();
        let head = format!(
            "POST /v1/messages?key={KEY} HTTP/1.1\r\nhost: localhost\r\nx-api-key: {key}\r\ncookie: a={KEY}\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    /// Waits until so many exchanges are listed, and returns them, the newest first.
    pub(crate) fn listed(&self, count: usize) -> Vec<serde_json::Value> {
        let start = Instant::now();
        loop {
            let output = self.through_the_door(&["list"]);
            let lines = text(&output.stdout).lines();
            let lines: Vec<_> = lines
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            if lines.len() == count {
                return lines;
            }
            let told = text(&output.stderr);
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{lines:?} {told}"
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A model that answers each connection with [`REPLY`]. It ends with the process.
fn model() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut head = BufReader::new(stream);
            let (mut line, mut length) = (String::new(), 0);
            while head.read_line(&mut line).is_ok_and(|read| read > 2) {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
                line.clear();
            }
            let mut body = vec![0; length];
            let _ = head.read_exact(&mut body);
            let head_of_reply = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                REPLY.len()
            );
            let mut stream = head.into_inner();
            let _ = stream.write_all((head_of_reply + REPLY).as_bytes());
        }
    });
    address
}
