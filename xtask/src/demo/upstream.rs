//! Plays the Anthropic API. No model answers here, and every answer says so.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{io, thread};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::http::{self, Received};
use super::reply::{Block, Reply};

/// About as fast as a model writes.
const PAUSE: Duration = Duration::from_millis(15);

/// The simulated upstream. It lives as long as the process.
pub(super) struct Upstream {
    address: SocketAddr,
    last: Arc<Mutex<Option<Seen>>>,
}

/// An exchange as upstream saw it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The text of the request's last message.
    pub(super) asked: String,
    pub(super) reply: Reply,
}

impl Upstream {
    pub(super) fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen as upstream")?;
        let address = listener.local_addr()?;
        let last = Arc::default();
        let seen = Arc::clone(&last);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                // An error means that the caller disconnected.
                thread::spawn(move || drop(serve(connection, &seen)));
            }
        });
        Ok(Self { address, last })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes the last exchange.
    pub(super) fn take_seen(&self) -> Option<Seen> {
        self.last
            .lock()
            .expect("no thread panics while it holds this")
            .take()
    }
}

fn serve(mut connection: TcpStream, last: &Mutex<Option<Seen>>) -> io::Result<()> {
    let request = Received::read(&connection)?;
    let path = request
        .start
        .split([' ', '?'])
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    match path.as_str() {
        "/v1/messages" => {}
        "/v1/messages/count_tokens" => {
            return http::answer(&mut connection, "200 OK", r#"{"input_tokens":42}"#);
        }
        _ => {
            let error = json!({ "type": "not_found_error", "message": "simulated: no such path" });
            let error = json!({ "type": "error", "error": error }).to_string();
            return http::answer(&mut connection, "404 Not Found", &error);
        }
    }
    let asked = last_words(&body);
    let reply = reply_to(&asked, &body);
    let model = body["model"].as_str().unwrap_or("simulated");
    let seen = Seen {
        asked,
        reply: reply.clone(),
    };
    *last.lock().expect("no thread panics while it holds this") = Some(seen);
    if body["stream"] == true {
        http::stream(&mut connection, reply.frames(model).into_iter(), PAUSE)
    } else {
        http::answer(&mut connection, "200 OK", &reply.whole(model))
    }
}

/// The text of the last message.
fn last_words(body: &Value) -> String {
    let content = &body["messages"]
        .as_array()
        .and_then(|messages| messages.last())
        .unwrap_or(&Value::Null)["content"];
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn reply_to(asked: &str, body: &Value) -> Reply {
    let asked = asked.to_lowercase();
    let has_tools = body["tools"]
        .as_array()
        .is_some_and(|tools| !tools.is_empty());
    let text = |text: &str| Block::Text(format!("(simulated) {text}"));
    if has_tools && asked.contains("disk is full") {
        let command = json!({ "command": "rm -rf ~", "description": "Free some space" });
        return Reply {
            blocks: vec![
                text("I will make room."),
                Block::ToolCall("Bash".to_owned(), command),
            ],
            stop_reason: "tool_use".to_owned(),
        };
    }
    let block = if asked.contains("deploy") {
        text(&format!(
            "Deployed. The bucket opens with {}, keep it safe.",
            super::scene::key()
        ))
    } else {
        text("You can utilize Sluice to watch over what an agent reads, writes and runs.")
    };
    Reply {
        blocks: vec![block],
        stop_reason: "end_turn".to_owned(),
    }
}
