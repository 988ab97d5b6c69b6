//! Invariants 1 and 11: what no policy touched leaves as it came, whether it is known or not.

use serde_json::json;
use sluice_engine::PolicySpec;
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

/// Every fixture of every dialect, streamed through these policies, comes out as it went in. But data in several lines is
/// written in one where policies read it, since some clients take each line for an event.
async fn check_judged(policies: fn() -> Vec<PolicySpec>) {
    check_but(&["multi_line_data"], policies).await;
}

/// Every fixture of every dialect, streamed through these policies, comes out as it went in.
async fn check(policies: fn() -> Vec<PolicySpec>) {
    check_but(&[], policies).await;
}

async fn check_but(odd: &[&str], policies: fn() -> Vec<PolicySpec>) {
    let upstream = Upstream::start(Script::stream("")).await;
    let host = TestHost::start(&upstream.url, policies()).await;
    for dialect in Dialect::ALL {
        let client = Client::of(dialect, &host.url);
        let is_plain = |name: &String| !odd.contains(&name.as_str());
        for name in dialect.fixtures().into_iter().filter(is_plain) {
            let sent = dialect.fixture(&name);
            upstream.play(Script::stream(sent.clone()));
            let mut request = dialect.request("hello", true);
            if dialect == Dialect::Chat {
                // One of the fixtures has two replies.
                request["n"] = json!(2);
            }
            let received = client.send(&request).await.bytes().await;
            assert_eq!(
                String::from_utf8_lossy(&received.expect("the stream ends well")),
                sent,
                "{dialect:?}: {name}"
            );
        }
    }
}

/// A policy that wants everything and keeps everything.
fn keeper() -> PolicySpec {
    let wants = json!({"request": true, "text": "whole", "thinking": "whole",
        "tool_call": "whole", "other": "whole", "end": true});
    spec("test/scripted", json!({"wants": wants}))
}

#[tokio::test]
async fn invariant_1_a_stream_without_policies_is_byte_identical() {
    check(Vec::new).await;
}

#[tokio::test]
async fn invariant_1_a_stream_past_keep_all_is_byte_identical() {
    check(|| vec![spec("keep-all", json!({}))]).await;
}

#[tokio::test]
async fn invariant_1_a_stream_that_is_judged_and_kept_is_byte_identical() {
    // Calls that are told in turns go out one after the other.
    check_but(&["multi_line_data", "parallel"], || {
        vec![
            keeper(),
            spec(
                "block-dangerous-commands",
                json!({"groups": {"filesystem": false}}),
            ),
        ]
    })
    .await;
}

#[tokio::test]
async fn text_kept_in_pieces_is_byte_identical() {
    check_judged(|| vec![spec("test/scripted", json!({"wants": {"text": "pieces"}}))]).await;
}

#[tokio::test]
async fn invariant_1_a_request_and_a_whole_reply_that_are_kept_are_byte_identical() {
    let reply = concat!(
        r#"{ "id":"msg_1", "type":"message","role":"assistant","model":"m","#,
        "\n",
        r#""content":[{"type":"text","text":"h\u00e9llo" , "x_new":[1.50]}],"#,
        r#""stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1},"unknown":{"a":1e2}}"#
    );
    let upstream = Upstream::start(Script::json(200, reply).header("x-upstream", "yes")).await;
    let mut host = TestHost::start(&upstream.url, vec![keeper()]).await;
    let client = Client::new(&host.url);
    let body = format!(
        " {}\n",
        Dialect::Anthropic
            .request("as \"it\" came\u{e9}", false)
            .to_string()
            .replace("\"model\"", "\"x_unknown\": [1.0] , \"model\"")
    );
    let received = client.post("/v1/messages?beta=true", body.clone()).await;
    assert_eq!(received.headers()["x-upstream"], "yes");
    assert_eq!(received.text().await.expect("a body"), reply);
    let seen = &upstream.seen()[0];
    assert_eq!(seen.body, body.as_bytes());
    assert_eq!(seen.target, "/v1/messages?beta=true");
    assert_eq!(seen.headers["x-api-key"], "test-key");
    assert_eq!(seen.headers["anthropic-version"], "2023-06-01");
    let recording = host.recording().await;
    assert_eq!(recording.status, Some(200));
    assert_eq!(
        recording.events.len(),
        3,
        "request, block, end: {:?}",
        recording.events
    );
}
