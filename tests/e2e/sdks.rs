//! The unmodified official SDKs through Sluice. They reject or ignore what is not legal.

mod anthropic;
mod openai;
mod session;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Script, TestHost, Upstream};
use tokio::process::Command;

/// What a provider's SDKs for Python and TypeScript report about one scenario.
async fn seen_by_both(
    provider: &str,
    script: Script,
    policies: fn() -> Vec<PolicySpec>,
    scenario: &str,
) -> [Value; 2] {
    let upstream = Upstream::start(script).await;
    let host = TestHost::start(&upstream.url, policies()).await;
    seen_at(provider, &host.url, scenario).await
}

/// What they report about it at this Sluice.
async fn seen_at(provider: &str, url: &str, scenario: &str) -> [Value; 2] {
    seen_with("", provider, url, scenario).await
}

/// What they report about it if they have this key. If it is empty, they have one of their own.
pub(super) async fn seen_with(key: &str, provider: &str, url: &str, scenario: &str) -> [Value; 2] {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/sdk"));
    let mut python = Command::new(installed("SLUICE_TEST_PYTHON"));
    python.arg(folder.join(format!("{provider}_sdk.py")));
    let mut node = Command::new("node");
    node.arg(folder.join(format!("{provider}_sdk.mjs"))).env(
        "SLUICE_TEST_NODE_MODULES",
        installed("SLUICE_TEST_NODE_MODULES"),
    );
    for sdk in [&mut python, &mut node] {
        if !key.is_empty() {
            sdk.env("SLUICE_KEY", key);
        }
    }
    tokio::join!(run(python, url, scenario), run(node, url, scenario)).into()
}

async fn run(mut command: Command, url: &str, scenario: &str) -> Value {
    let output = command
        .arg(scenario)
        .env("SLUICE_URL", url)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("the interpreter starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{scenario}: {errors}");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{scenario}: {error}: {errors}"))
}

/// Where `cargo xtask test` installed an SDK, or another program that tests need.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask hands over the places of what it installed"
)]
pub(super) fn installed(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}

fn nothing() -> Vec<PolicySpec> {
    Vec::new()
}

fn judging() -> Vec<PolicySpec> {
    vec![
        spec("keep-all", json!({})),
        spec("block-dangerous-commands", json!({})),
        spec("redact-secrets", json!({})),
    ]
}

/// A policy that wants tool calls whole, and stops the reply at the first.
fn stopping() -> Vec<PolicySpec> {
    let rule = json!({"kind": "tool-call", "then": {"stop": "enough"}});
    vec![spec(
        "test/scripted",
        json!({"wants": {"tool_call": "whole"}, "blocks": [rule]}),
    )]
}

fn refusing() -> Vec<PolicySpec> {
    let refuse = json!({"wants": {"request": true}, "request": {"refuse": "not on my watch"}});
    vec![spec("test/scripted", refuse)]
}

/// Checks that a refused request raised the SDK's own error, and was sent once.
fn assert_refused(seen: &Value) {
    assert_eq!(seen["error"]["class"], "PermissionDeniedError", "{seen}");
    assert_eq!(seen["error"]["status"], 403);
    assert_eq!(seen["error"]["should_retry"], "false");
    assert_eq!(seen["requests"], 1, "{seen}");
    let message = seen["error"]["message"].as_str().expect("a message");
    assert!(message.contains("not on my watch"), "{seen}");
}

/// A stream whose connection breaks before `needle`.
fn broken_before(sse: &str, needle: &str) -> Script {
    let cut = sse[..sse.find(needle).expect("where to break")].to_owned();
    // If the connection broke at once, that would overtake the bytes before it.
    let flush = Act::Pause(Duration::from_millis(50));
    Script::acts(vec![Act::Send(cut.into()), flush, Act::Break])
}
