//! OpenAI's SDKs: Chat Completions and Responses.

use std::time::Duration;

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Dialect, Script, TestHost, Upstream};

use super::{assert_refused, broken_before, judging, nothing, refusing, seen_at, stopping};

/// Each API with the prefix of its scenarios, and its words for the end of a reply without and with
/// calls.
const APIS: [(Dialect, &str, &str, &str); 2] = [
    (Dialect::Chat, "chat", "stop", "tool_calls"),
    (Dialect::Responses, "responses", "completed", "completed"),
];

async fn seen_by_both(
    script: Script,
    policies: fn() -> Vec<PolicySpec>,
    scenario: &str,
) -> [Value; 2] {
    super::seen_by_both("openai", script, policies, scenario).await
}

fn keeping() -> Vec<PolicySpec> {
    let wants = json!({"text": "whole", "tool_call": "whole", "other": "whole", "end": true});
    vec![spec("test/scripted", json!({"wants": wants}))]
}

/// What a scenario reports about a stream or, if its name says so, about the whole reply.
async fn seen_of(
    dialect: Dialect,
    sse: &str,
    policies: fn() -> Vec<PolicySpec>,
    scenario: &str,
) -> [Value; 2] {
    let is_whole = scenario.contains("whole") || scenario.ends_with("structured");
    let script = match is_whole {
        true => Script::json(200, dialect.whole_of(sse.as_bytes()).to_string()),
        false => Script::stream(sse.to_owned()),
    };
    let seen = seen_by_both(script, policies, scenario).await;
    for seen in &seen {
        assert!(seen["error"].is_null(), "{scenario}: {seen}");
        assert_eq!(seen["requests"], 1, "{scenario}: {seen}");
    }
    seen
}

#[tokio::test]
async fn the_sdks_read_texts_whole_streamed_and_event_by_event() {
    for (dialect, api, stop, _) in APIS {
        let sse = dialect.fixture("text");
        for policies in [nothing, judging, keeping] {
            for way in ["whole", "stream", "raw"] {
                for seen in seen_of(dialect, &sse, policies, &format!("{api}_{way}")).await {
                    assert_eq!(seen["text"], "Hello! How can I help you today?", "{seen}");
                    assert_eq!(seen["stop"], stop, "{seen}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_sdks_read_parallel_tool_calls_that_were_kept() {
    for (dialect, api, _, stop) in APIS {
        let sse = dialect.fixture("two_tools");
        for way in ["whole_tools", "tools", "raw_tools"] {
            for seen in seen_of(dialect, &sse, keeping, &format!("{api}_{way}")).await {
                let calls = json!([
                    {"id": "call_01A", "name": "Bash", "arguments": {"command": "rm -rf /"}},
                    {"id": "call_01B", "name": "Read",
                        "arguments": {"file_path": "/tmp/a \"b\".txt"}},
                ]);
                assert_eq!(seen["tool_calls"], calls, "{seen}");
                assert_eq!(seen["stop"], stop, "{seen}");
                assert_eq!(seen["text"], "Two at once.", "{seen}");
            }
        }
    }
}

#[tokio::test]
async fn the_sdks_read_tool_calls_of_which_a_policy_took_one() {
    for (dialect, api, _, stop) in APIS {
        let sse = dialect.fixture("two_tools");
        for way in ["whole_tools", "tools", "raw_tools"] {
            for seen in seen_of(dialect, &sse, judging, &format!("{api}_{way}")).await {
                let calls = seen["tool_calls"].as_array().expect("calls");
                assert_eq!(calls.len(), 1, "the dangerous one is gone: {seen}");
                assert_eq!(calls[0]["name"], "Read");
                assert_eq!(calls[0]["arguments"]["file_path"], "/tmp/a \"b\".txt");
                assert_eq!(seen["stop"], stop, "{seen}");
                let text = seen["text"].as_str().expect("text");
                assert!(text.starts_with("Two at once."), "{seen}");
                assert!(text.contains("block-dangerous-commands"), "{seen}");
                // The content of the last event is the same as that of all events together.
                if let Some(repeated) = seen.get("final") {
                    assert_eq!(repeated["tool_calls"], seen["tool_calls"], "{seen}");
                    assert_eq!(repeated["text"], seen["text"], "{seen}");
                    assert_eq!(repeated["kinds"], seen["kinds"], "{seen}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_sdks_parse_structured_outputs() {
    for (dialect, api, ..) in APIS {
        let sse = dialect
            .fixture("text")
            .replace("Hello", r#"{\"city\":"#)
            .replace("! How can I help", r#"\"Paris\","#)
            .replace(" you today?", r#"\"degrees\":21}"#);
        for policies in [judging, keeping] {
            for way in ["structured", "structured_stream"] {
                for seen in seen_of(dialect, &sse, policies, &format!("{api}_{way}")).await {
                    let expected = json!({"city": "Paris", "degrees": 21});
                    assert_eq!(seen["parsed"], expected, "{seen}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_refused_request_is_sent_once_by_the_sdks() {
    for (_, api, ..) in APIS {
        for scenario in ["refused", "refused_stream"] {
            let scenario = format!("{api}_{scenario}");
            for seen in seen_by_both(Script::stream(""), refusing, &scenario).await {
                assert_refused(&seen);
                assert_eq!(seen["error"]["code"], "policy_blocked", "{seen}");
                assert_eq!(seen["error"]["type"], "permission_error", "{seen}");
            }
        }
    }
}

#[tokio::test]
async fn a_chat_that_breaks_raises_in_the_sdks() {
    let sse = Dialect::Chat.fixture("text");
    let last = sse.rfind("data: {").expect("a last chunk");
    let broken = broken_before(&sse, &sse[last..]);
    for policies in [nothing, judging] {
        for seen in seen_by_both(broken.clone(), policies, "chat_midstream_error").await {
            let message = seen["error"]["message"].as_str().unwrap_or_default();
            assert!(message.contains("upstream ended the reply"), "{seen}");
            assert_eq!(seen["error"]["code"], "server_error", "{seen}");
        }
    }
}

#[tokio::test]
async fn a_response_that_breaks_has_failed_to_the_sdks() {
    let sse = Dialect::Responses.fixture("text");
    let broken = broken_before(&sse, "event: response.content_part.done");
    for policies in [nothing, judging] {
        for seen in seen_by_both(broken.clone(), policies, "responses_midstream_error").await {
            assert_eq!(seen["stop"], "failed", "{seen}");
            assert_eq!(seen["failure"]["code"], "server_error", "{seen}");
            let message = seen["failure"]["message"].as_str().unwrap_or_default();
            assert!(message.contains("upstream ended the reply"), "{seen}");
        }
    }
}

#[tokio::test]
async fn a_reply_that_a_policy_stops_raises_nothing_in_the_sdks() {
    for (dialect, api, stop, _) in APIS {
        let sse = dialect.fixture("two_tools");
        for seen in seen_of(dialect, &sse, stopping, &format!("{api}_stopped")).await {
            assert_eq!(seen["stop"], stop, "{seen}");
            assert_eq!(seen["tool_calls"], json!([]), "{seen}");
            let text = seen["text"].as_str().expect("text");
            assert!(
                text.starts_with("Two at once.") && text.contains("enough"),
                "{seen}"
            );
        }
    }
}

#[tokio::test]
async fn invariant_13_an_abort_of_an_sdk_cancels_upstream() {
    for (dialect, api, ..) in APIS {
        let sse = dialect.fixture("text");
        let half = sse[..sse.find(" you today?").expect("the last delta")].to_owned();
        let whole_frames = half[..half.rfind("\n\n").expect("a frame") + 2].to_owned();
        let script = Script::acts(vec![Act::Send(whole_frames.into()), Act::Hang]);
        let upstream = Upstream::start(script).await;
        let host = TestHost::start(&upstream.url, judging()).await;
        for seen in seen_at("openai", &host.url, &format!("{api}_abort")).await {
            assert!(seen["error"].is_null(), "{seen}");
            assert_eq!(seen["aborted"], true, "{seen}");
            assert_eq!(seen["text"], "Hello", "{seen}");
        }
        for _ in 0..2 {
            tokio::time::timeout(Duration::from_secs(30), upstream.cancelled())
                .await
                .expect("upstream is cancelled");
        }
    }
}

#[tokio::test]
async fn a_stored_response_is_judged_when_it_is_read_again() {
    for scenario in ["retrieve", "cancel"] {
        let whole = Script::json(200, Dialect::Responses.whole("two_tools"));
        for seen in seen_by_both(whole, judging, scenario).await {
            assert!(seen["error"].is_null(), "{seen}");
            assert_eq!(seen["tool_calls"][0]["name"], "Read", "{seen}");
            assert_eq!(
                seen["tool_calls"].as_array().map(Vec::len),
                Some(1),
                "{seen}"
            );
        }
    }
    let deleted = r#"{"id":"resp_test","object":"response","deleted":true}"#;
    for seen in seen_by_both(Script::json(200, deleted), judging, "delete").await {
        assert_eq!(seen["deleted"], true, "{seen}");
    }
}

#[tokio::test]
async fn the_sdks_embed_texts_and_list_models() {
    // 0.5 and 0.25 as floats of four bytes each, in base64.
    let embedding = json!({"object": "embedding", "index": 0, "embedding": "AAAAPwAAgD4="});
    let embeddings = json!({"object": "list", "model": "m", "data": [embedding],
        "usage": {"prompt_tokens": 1, "total_tokens": 1}});
    let script = Script::json(200, embeddings.to_string());
    for seen in seen_by_both(script, judging, "embeddings").await {
        assert_eq!(seen["embeddings"], json!([[0.5, 0.25]]), "{seen}");
    }
    let models = json!({"object": "list", "data": [
        {"id": "gpt-test", "object": "model", "created": 1, "owned_by": "o"}]});
    let script = Script::json(200, models.to_string());
    for seen in seen_by_both(script, nothing, "models").await {
        assert_eq!(seen["models"], json!(["gpt-test"]), "{seen}");
    }
}

#[tokio::test]
async fn upstreams_error_raises_what_it_raises_without_sluice() {
    let error = json!({"error": {"message": "No such model.", "type": "invalid_request_error",
        "param": "model", "code": "model_not_found"}});
    for (_, api, ..) in APIS {
        let script = Script::json(404, error.to_string()).header("x-request-id", "req_1");
        for seen in seen_by_both(script, judging, &format!("{api}_stream")).await {
            assert_eq!(seen["error"]["class"], "NotFoundError", "{seen}");
            assert_eq!(seen["error"]["code"], "model_not_found", "{seen}");
            assert_eq!(seen["error"]["request_id"], "req_1", "{seen}");
        }
    }
}
