//! Replies whose status, type or first bytes say something else than what they are.

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

/// Drops one of two calls.
fn dropping() -> PolicySpec {
    let rule = json!({"kind": "tool-call", "tool": "Bash", "then": {"drop": "not today"}});
    spec(
        "test/scripted",
        json!({"wants": {"tool_call": "whole"}, "blocks": [rule]}),
    )
}

const TYPES: [Option<&str>; 4] = [
    Some("application/json"),
    Some("text/plain; charset=utf-8"),
    Some("application/x-ndjson"),
    None,
];

#[tokio::test]
async fn a_stream_is_judged_as_one_whatever_its_content_type_says() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream("")).await;
        let host = TestHost::start(&upstream.url, vec![dropping()]).await;
        let client = Client::of(dialect, &host.url);
        for kind in TYPES {
            let script = Script::stream(dialect.fixture("two_tools"));
            upstream.play(script.content_type(kind));
            let turn = dialect.turn(&client.stream("go").await);
            assert_eq!(turn.tools(), ["Read"], "{dialect:?} as {kind:?}");
        }
    }
}

#[tokio::test]
async fn an_error_as_bare_json_in_the_place_of_a_stream_reaches_the_caller() {
    for dialect in Dialect::ALL {
        let error = match dialect {
            Dialect::Anthropic => {
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
            }
            _ => {
                r#"{"error":{"message":"Overloaded","type":"server_error","code":null,"param":null}}"#
            }
        };
        let upstream = Upstream::start(Script::stream(error)).await;
        let host = TestHost::start(&upstream.url, vec![dropping()]).await;
        let reply = Client::of(dialect, &host.url).ask("go", true).await;
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.text().await.expect("text"), error, "{dialect:?}");
    }
}

#[tokio::test]
async fn json_with_a_stream_behind_it_goes_nowhere() {
    for dialect in Dialect::ALL {
        let both = format!("{{}}\n\n{}", dialect.fixture("two_tools"));
        let upstream = Upstream::start(Script::stream(both)).await;
        let host = TestHost::start(&upstream.url, vec![dropping()]).await;
        let reply = Client::of(dialect, &host.url).ask("go", true).await;
        assert_eq!(reply.status(), 502, "{dialect:?}");
    }
}

#[tokio::test]
async fn an_error_in_which_a_client_might_read_a_reply_goes_nowhere() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::json(400, "{}")).await;
        let host = TestHost::start(&upstream.url, vec![dropping()]).await;
        let client = Client::of(dialect, &host.url);
        for status in [400, 429, 500] {
            for (stream, body) in [
                (false, dialect.whole("two_tools")),
                (true, dialect.fixture("two_tools").into()),
            ] {
                upstream.play(Script::json(status, body));
                let reply = client.ask("go", stream).await;
                assert_eq!(reply.status(), 502, "{dialect:?} {status}");
                let text = reply.text().await.expect("text");
                assert!(text.contains("clients might read content"), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn a_body_that_policies_read_is_said_to_be_utf8() {
    for dialect in Dialect::ALL {
        let script = Script::json(200, dialect.whole("two_tools"));
        let script = script.content_type(Some("application/json; charset=utf-16le"));
        let upstream = Upstream::start(script).await;
        let host = TestHost::start(&upstream.url, vec![dropping()]).await;
        let reply = Client::of(dialect, &host.url).ask("go", false).await;
        assert_eq!(
            reply.headers()["content-type"],
            "application/json; charset=utf-8"
        );
        let whole: Value = reply.json().await.expect("JSON");
        assert_eq!(dialect.turn_of(&whole).tools(), ["Read"]);
    }
}
