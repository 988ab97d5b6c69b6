//! Invariants 6 and 10: what policies do to a request, and how a refusal reads.

use serde_json::{Value, json};
use sluice_server::recorder::Ending;
use sluice_tests::client::{Client, request};
use sluice_tests::conversation::{message_of, texts};
use sluice_tests::policies::spec;
use sluice_tests::{Script, TestHost, Upstream, fixture};

#[tokio::test]
async fn invariant_10_a_refused_request_is_a_403_that_is_not_retried() {
    let refuse = json!({"wants": {"request": true}, "request": {"refuse": "not on my watch"}});
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let mut host = TestHost::start(&upstream.url, vec![spec("test/scripted", refuse)]).await;
    for path in ["/v1/messages", "/v1/messages/count_tokens"] {
        let reply = Client::new(&host.url)
            .post(path, request("hi", true).to_string())
            .await;
        assert_eq!(reply.status(), 403);
        assert_eq!(reply.headers()["x-should-retry"], "false");
        let id = reply.headers()["request-id"]
            .to_str()
            .expect("ascii")
            .to_owned();
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(body["type"], "error");
        assert_eq!(body["error"]["type"], "permission_error");
        assert!(
            body["error"]["message"]
                .as_str()
                .expect("text")
                .contains("not on my watch")
        );
        assert_eq!(body["request_id"], id.as_str());
        let recording = host.recording().await;
        assert_eq!(
            (recording.ending, recording.exchange),
            (Ending::Refused, id)
        );
    }
    assert!(upstream.seen().is_empty(), "upstream was never asked");
}

#[tokio::test]
async fn a_policy_answers_in_upstreams_place() {
    let answer =
        json!({"wants": {"request": true}, "request": {"answer": [{"text": "from the policy"}]}});
    let upstream = Upstream::start(Script::stream("")).await;
    let host = TestHost::start(&upstream.url, vec![spec("test/scripted", answer)]).await;
    let client = Client::new(&host.url);
    let streamed = message_of(&client.stream("hi").await);
    assert_eq!(texts(&streamed), ["from the policy"]);
    let whole: Value = client.ask("hi", false).await.json().await.expect("JSON");
    assert_eq!(texts(&whole), ["from the policy"]);
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn an_edit_changes_its_field_and_no_other_byte() {
    let edit = json!({"wants": {"request": true}, "edits": [{"model": "claude-other"}]});
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let host = TestHost::start(&upstream.url, vec![spec("test/scripted", edit)]).await;
    let body = request("hi", true).to_string();
    Client::new(&host.url)
        .post("/v1/messages", body.clone())
        .await;
    let expected = body.replace("claude-sonnet-4-5", "claude-other");
    assert_eq!(upstream.seen()[0].body, expected.as_bytes());
}

#[tokio::test]
async fn requests_pass_policies_first_to_last() {
    let edit = |system: &str| {
        let edits = json!([{"append-system": system}]);
        spec(
            "test/scripted",
            json!({"wants": {"request": true}, "edits": edits}),
        )
    };
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let host = TestHost::start(&upstream.url, vec![edit("first"), edit("second")]).await;
    Client::new(&host.url).stream("hi").await;
    let body: Value = serde_json::from_slice(&upstream.seen()[0].body).expect("JSON");
    let system = body["system"].to_string();
    assert!(system.find("first") < system.find("second"), "{system}");
}

#[tokio::test]
async fn a_secret_is_redacted_on_its_way_upstream() {
    let policy = spec("redact-secrets", json!({}));
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let host = TestHost::start(&upstream.url, vec![policy]).await;
    // Put together here, so that no scanner of this repository finds a key in it.
    let secret = format!("ghp_{}", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8");
    Client::new(&host.url)
        .stream(&format!("my token is {secret}, thanks"))
        .await;
    let body = String::from_utf8_lossy(&upstream.seen()[0].body).into_owned();
    assert!(!body.contains(&secret), "{body}");
    assert!(body.contains("thanks"), "{body}");
}

#[tokio::test]
async fn texts_are_replaced_on_the_way_upstream_and_back() {
    let rules = json!([
        {"from": "falcon", "to": "project", "capitals": "follow", "where": "request"},
        {"from": "[Hh]ello", "to": "goodbye", "regex": true, "where": "reply"},
    ]);
    let policy = spec("string-replacement", json!({"rules": rules}));
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let host = TestHost::start(&upstream.url, vec![policy]).await;
    let received = message_of(&Client::new(&host.url).stream("FALCON flies").await);
    let body = String::from_utf8_lossy(&upstream.seen()[0].body).into_owned();
    assert!(body.contains("PROJECT flies"), "{body}");
    let sent = texts(&message_of(fixture("anthropic/text").as_bytes())).concat();
    let expected = sent.replace("Hello", "goodbye").replace("hello", "goodbye");
    assert_ne!(expected, sent, "the fixture says hello");
    assert_eq!(texts(&received).concat(), expected);
}
