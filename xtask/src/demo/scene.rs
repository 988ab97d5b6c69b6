//! The three exchanges, and what must happen in them.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use serde_json::json;

use super::http;
use super::reply::Reply;
use super::upstream::{Seen, Upstream};

/// One exchange to show.
pub(super) struct Scene {
    pub(super) title: &'static str,
    pub(super) request: String,
    expectations: Vec<Expectation>,
}

/// What must have happened, and whether it did.
type Expectation = (&'static str, fn(&Outcome) -> bool);

/// What happened on both sides of Sluice.
pub(super) struct Outcome {
    pub(super) upstream: Seen,
    pub(super) delivered: Reply,
}

/// All three, in order.
pub(super) fn all() -> [Scene; 3] {
    [
        Scene {
            title: "plain text, one word replaced as it streams by",
            request: "What is Sluice for?".to_owned(),
            expectations: vec![
                ("the request went on as it was", |outcome| {
                    outcome.upstream.asked == "What is Sluice for?"
                }),
                ("the reply is the same but for `utilize`", |outcome| {
                    outcome.delivered.text()
                        == outcome.upstream.reply.text().replace("utilize", "use")
                }),
            ],
        },
        Scene {
            title: "a secret on its way out, and another on its way in",
            request: format!("Deploy this, my token is {}", token()),
            expectations: vec![
                ("upstream never saw the token", |outcome| {
                    !outcome.upstream.asked.contains(&token())
                }),
                ("upstream saw the rest", |outcome| {
                    outcome
                        .upstream
                        .asked
                        .starts_with("Deploy this, my token is ")
                }),
                ("the caller never saw the key", |outcome| {
                    !outcome.delivered.text().contains(&key())
                }),
                ("the caller saw the rest", |outcome| {
                    outcome.delivered.text().ends_with(", keep it safe.")
                }),
            ],
        },
        Scene {
            title: "a dangerous command, stopped before the agent can run it",
            request: "My disk is full, do something.".to_owned(),
            expectations: vec![
                ("upstream asked to run `rm -rf ~`", |outcome| {
                    outcome.upstream.reply.has_tool_call()
                }),
                ("no tool call reached the caller", |outcome| {
                    !outcome.delivered.has_tool_call()
                }),
                ("a notice stands in its place", |outcome| {
                    outcome
                        .delivered
                        .text()
                        .contains("block-dangerous-commands")
                }),
                ("the turn ends instead of waiting for the tool", |outcome| {
                    outcome.delivered.stop_reason == "end_turn"
                }),
            ],
        },
    ]
}

impl Scene {
    /// Sends the request as a client would.
    pub(super) fn play(&self, upstream: &Upstream, sluice: SocketAddr) -> anyhow::Result<Outcome> {
        let body = json!({
            "model": "claude-simulated",
            "max_tokens": 1024,
            "stream": true,
            "messages": [{ "role": "user", "content": self.request }],
            "tools": [{
                "name": "Bash",
                "description": "Runs a shell command.",
                "input_schema": { "type": "object", "properties": { "command": { "type": "string" } } },
            }],
        });
        let response = http::send(sluice, "POST /v1/messages", &body.to_string())
            .context("send a request to Sluice")?;
        let text = String::from_utf8_lossy(&response.body);
        ensure!(
            response.status() == Some(200),
            "Sluice answered {}: {text}",
            response.start
        );
        let seen = upstream
            .take_seen()
            .context("the request did not reach upstream")?;
        Ok(Outcome {
            upstream: seen,
            delivered: Reply::read(&text),
        })
    }

    /// What must have happened, and whether it did.
    pub(super) fn judge<'a>(
        &'a self,
        outcome: &'a Outcome,
    ) -> impl Iterator<Item = (&'static str, bool)> + 'a {
        self.expectations
            .iter()
            .map(move |(what, holds)| (*what, holds(outcome)))
    }
}

/// A text that looks like a GitHub token. It is made of two parts, so that secret scanners ignore
/// this file.
fn token() -> String {
    format!("ghp_{}", "q7Zt2LmX9vRk4WcB8nYpD3sHfJ6gTaEu5M1o")
}

/// A text that looks like the id of an AWS key.
pub(super) fn key() -> String {
    format!("AKIA{}", "Q3EGRX7ZKPLM2WVB")
}
