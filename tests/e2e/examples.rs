//! The example policies, with the same expectations of each in every dialect.

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::turn::Turn;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

/// Made of two parts, so that no scanner of this repository finds a key in it.
fn secret() -> String {
    ["ghp", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].join("_")
}

/// What a policy leaves of a stream, and of the whole reply that it adds up to.
async fn replies(dialect: Dialect, policy: PolicySpec, sse: &str) -> [Turn; 2] {
    let upstream = Upstream::start(Script::stream(sse.to_owned())).await;
    let host = TestHost::start(&upstream.url, vec![policy]).await;
    let client = Client::of(dialect, &host.url);
    let streamed = dialect.turn(&client.stream("go").await);
    let whole = dialect.whole_of(sse.as_bytes()).to_string();
    upstream.play(Script::json(200, whole));
    let whole: Value = client.ask("go", false).await.json().await.expect("JSON");
    let turns = [streamed, dialect.turn_of(&whole)];
    turns.iter().for_each(Turn::assert_next_turn_is_accepted);
    turns
}

/// What upstream gets of a request that a policy judged.
async fn sent(dialect: Dialect, policy: PolicySpec, request: &Value) -> Value {
    let whole = Script::json(200, dialect.whole("text"));
    let upstream = Upstream::start(whole).await;
    let host = TestHost::start(&upstream.url, vec![policy]).await;
    let reply = Client::of(dialect, &host.url).send(request).await;
    assert_eq!(reply.status(), 200, "{dialect:?}");
    serde_json::from_slice(&upstream.seen()[0].body).expect("JSON")
}

#[tokio::test]
async fn keep_all_changes_nothing() {
    for dialect in Dialect::ALL {
        let sse = dialect.fixture("two_tools");
        let expected = dialect.turn(sse.as_bytes());
        for turn in replies(dialect, spec("keep-all", json!({})), &sse).await {
            assert_eq!(turn, expected, "{dialect:?}");
        }
        let request = dialect.request("hi", false);
        let sent = sent(dialect, spec("keep-all", json!({})), &request).await;
        assert_eq!(sent, request, "{dialect:?}");
    }
}

#[tokio::test]
async fn block_dangerous_commands_stops_the_dangerous_call_and_no_other() {
    for dialect in Dialect::ALL {
        let policy = spec("block-dangerous-commands", json!({}));
        for turn in replies(dialect, policy, &dialect.fixture("two_tools")).await {
            assert_eq!(turn.tools(), ["Read"], "{dialect:?}");
            assert_eq!(turn.calls[0].1, json!({"file_path": "/tmp/a \"b\".txt"}));
            assert!(turn.text().starts_with("Two at once."), "{turn:?}");
            let notice = turn.text().replace("Two at once.", "");
            assert!(notice.contains("block-dangerous-commands"), "{turn:?}");
            assert!(notice.contains("would delete"), "{turn:?}");
        }
    }
}

#[tokio::test]
async fn redact_secrets_takes_a_secret_out_of_the_whole_conversation() {
    let secret = secret();
    for dialect in Dialect::ALL {
        let command = format!("curl -H 'authorization: {secret}' example.org");
        let request = dialect.late_request(&command, &format!("it said {secret}!"), &["Bash"]);
        let policy = spec("redact-secrets", json!({"tool_calls": true}));
        let sent = sent(dialect, policy, &request).await;
        let text = sent.to_string();
        assert!(!text.contains(&secret), "{dialect:?}: {text}");
        assert!(text.contains("[REDACTED"), "{dialect:?}: {text}");
        assert!(text.contains("it said "), "{dialect:?}: {text}");
        assert_eq!(sent["tools"], request["tools"], "{dialect:?}");
    }
}

#[tokio::test]
async fn redact_secrets_takes_a_secret_out_of_a_reply_that_comes_in_pieces() {
    let secret = secret();
    let (one, two) = secret.split_at(13);
    for dialect in Dialect::ALL {
        let sse = dialect
            .fixture("text")
            .replace("! How can I help", &format!(", it is {one}"))
            .replace(" you today?", &format!("{two} there."));
        assert!(dialect.turn(sse.as_bytes()).text().contains(&secret));
        for turn in replies(dialect, spec("redact-secrets", json!({})), &sse).await {
            let text = turn.text();
            assert!(text.starts_with("Hello, it is [REDACTED"), "{text}");
            assert!(text.ends_with(" there."), "{text}");
            assert!(!text.contains(one) && !text.contains(two), "{text}");
        }
    }
}

#[tokio::test]
async fn string_replacement_replaces_on_the_way_upstream_and_back() {
    let rules = json!([
        {"from": "falcon", "to": "project", "capitals": "follow", "where": "request"},
        {"from": "[Hh]ello", "to": "goodbye", "regex": true, "where": "reply"},
        {"from": "help you", "to": "see you", "where": "reply"},
    ]);
    for dialect in Dialect::ALL {
        let policy = || spec("string-replacement", json!({"rules": rules}));
        let request = dialect.request("FALCON flies", false);
        let sent = sent(dialect, policy(), &request).await.to_string();
        assert!(sent.contains("PROJECT flies"), "{dialect:?}: {sent}");
        for turn in replies(dialect, policy(), &dialect.fixture("text")).await {
            assert_eq!(turn.texts, ["goodbye! How can I see you today?"]);
        }
    }
}
