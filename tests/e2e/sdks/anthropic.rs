//! Anthropic's SDKs.

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_tests::{Dialect, Script, fixture};

use super::{assert_refused, broken_before, judging, nothing, refusing, stopping};

async fn seen_by_both(
    script: Script,
    policies: fn() -> Vec<PolicySpec>,
    scenario: &str,
) -> [Value; 2] {
    super::seen_by_both("anthropic", script, policies, scenario).await
}

fn whole(name: &str) -> Script {
    Script::json(200, Dialect::Anthropic.whole(name))
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
    for scenario in ["refused", "refused_stream"] {
        for seen in seen_by_both(Script::stream(""), refusing, scenario).await {
            assert_refused(&seen);
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_raises_in_the_sdks() {
    let broken = broken_before(&fixture("anthropic/text"), "event: content_block_stop");
    for policies in [nothing, judging] {
        for seen in seen_by_both(broken.clone(), policies, "midstream_error").await {
            let message = seen["error"]["message"].as_str().unwrap_or_default();
            assert!(message.contains("upstream ended the reply"), "{seen}");
        }
    }
}

#[tokio::test]
async fn a_reply_that_a_policy_stops_raises_nothing_in_the_sdks() {
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
