//! The official SDKs, out of the box, through Sluice: they drop or swallow what is not legal.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_tests::conversation::message_of;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Script, TestHost, Upstream, fixture};
use tokio::process::Command;

/// What one SDK saw of one scenario, for both SDKs.
async fn seen_by_both(
    script: Script,
    policies: fn() -> Vec<PolicySpec>,
    scenario: &str,
) -> [Value; 2] {
    let upstream = Upstream::start(script).await;
    let host = TestHost::start(&upstream.url, policies()).await;
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/sdk"));
    let mut python = Command::new(installed("SLUICE_TEST_PYTHON"));
    python.arg(folder.join("anthropic_sdk.py"));
    let mut node = Command::new("node");
    node.arg(folder.join("anthropic_sdk.mjs")).env(
        "SLUICE_TEST_NODE_MODULES",
        installed("SLUICE_TEST_NODE_MODULES"),
    );
    tokio::join!(
        run(python, &host.url, scenario),
        run(node, &host.url, scenario)
    )
    .into()
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

/// Where `cargo xtask test` put an SDK.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask hands over the places of what it installed"
)]
fn installed(name: &str) -> String {
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

fn whole(name: &str) -> Script {
    Script::json(
        200,
        message_of(fixture(&format!("anthropic/{name}")).as_bytes()).to_string(),
    )
}

#[tokio::test]
async fn the_sdks_read_streams_and_whole_replies() {
    for seen in seen_by_both(Script::stream(fixture("anthropic/text")), judging, "stream").await {
        assert!(seen["error"].is_null(), "{seen}");
        assert_eq!(
            (&seen["stop_reason"], &seen["requests"]),
            (&json!("end_turn"), &json!(1))
        );
    }
    for seen in seen_by_both(whole("text"), judging, "whole").await {
        assert!(seen["error"].is_null(), "{seen}");
        assert_eq!(seen["stop_reason"], "end_turn");
    }
}

#[tokio::test]
async fn the_sdks_read_tool_calls_that_policies_judged() {
    let streamed = seen_by_both(
        Script::stream(fixture("anthropic/two_tools")),
        judging,
        "tools",
    )
    .await;
    let whole = seen_by_both(whole("two_tools"), judging, "whole_tools").await;
    for seen in streamed.iter().chain(&whole) {
        assert!(seen["error"].is_null(), "{seen}");
        let calls = seen["tool_use"].as_array().expect("calls");
        assert_eq!(calls.len(), 1, "the dangerous one is gone: {seen}");
        assert_eq!(calls[0]["name"], "Read");
        assert_eq!(calls[0]["input"], json!({"file_path": "/tmp/a \"b\".txt"}));
        assert_eq!(seen["stop_reason"], "tool_use");
        assert!(
            seen["text"]
                .as_str()
                .expect("text")
                .contains("block-dangerous-commands")
        );
    }
}

#[tokio::test]
async fn a_refused_request_is_sent_once_by_the_sdks() {
    let refusing = || {
        let refuse = json!({"wants": {"request": true}, "request": {"refuse": "not on my watch"}});
        vec![spec("test/scripted", refuse)]
    };
    for scenario in ["refused", "refused_stream"] {
        for seen in seen_by_both(Script::stream(""), refusing, scenario).await {
            assert_eq!(seen["error"]["class"], "PermissionDeniedError", "{seen}");
            assert_eq!(seen["error"]["status"], 403);
            assert_eq!(seen["error"]["should_retry"], "false");
            assert_eq!(seen["requests"], 1, "{seen}");
            let message = seen["error"]["message"].as_str().expect("a message");
            assert!(message.contains("not on my watch"), "{seen}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_raises_in_the_sdks() {
    let sse = fixture("anthropic/text");
    let cut = sse[..sse.find("event: content_block_stop").expect("a stop")].to_owned();
    let flush = Act::Pause(std::time::Duration::from_millis(50));
    let broken = Script::acts(vec![Act::Send(cut.into()), flush, Act::Break]);
    for policies in [nothing, judging] {
        for seen in seen_by_both(broken.clone(), policies, "midstream_error").await {
            let message = seen["error"]["message"].as_str().unwrap_or_default();
            assert!(message.contains("upstream ended the reply"), "{seen}");
        }
    }
}

#[tokio::test]
async fn a_reply_that_a_policy_stops_raises_nothing_in_the_sdks() {
    let stopping = || {
        let rule = json!({"kind": "tool-call", "then": {"stop": "enough"}});
        vec![spec(
            "test/scripted",
            json!({"wants": {"tool_call": "whole"}, "blocks": [rule]}),
        )]
    };
    for seen in seen_by_both(
        Script::stream(fixture("anthropic/two_tools")),
        stopping,
        "stopped",
    )
    .await
    {
        assert!(seen["error"].is_null(), "{seen}");
        assert_eq!(seen["stop_reason"], "end_turn");
        assert!(
            seen["text"].as_str().expect("text").contains("enough"),
            "{seen}"
        );
    }
}

#[tokio::test]
async fn the_sdks_count_tokens_and_list_models() {
    for seen in seen_by_both(
        Script::json(200, r#"{"input_tokens":7}"#),
        nothing,
        "count_tokens",
    )
    .await
    {
        assert_eq!(seen["input_tokens"], 7, "{seen}");
    }
    let models = json!({"data": [{"type": "model", "id": "m-1", "display_name": "M", "created_at": "2025-01-01T00:00:00Z"}],
        "has_more": false, "first_id": "m-1", "last_id": "m-1"});
    for seen in seen_by_both(Script::json(200, models.to_string()), nothing, "models").await {
        assert_eq!(seen["models"], json!(["m-1"]), "{seen}");
    }
}
