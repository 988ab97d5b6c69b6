//! Bad input from either side gives a clear error in the caller's dialect, and nothing hangs.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_protocol::Limits;
use sluice_server::proxy;
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Dialect, Script, TestHost, Upstream};
use tokio::net::TcpListener;

fn impatient() -> Parts {
    Parts {
        proxy: proxy::Config {
            max_body_bytes: 4096,
            limits: Limits {
                messages: 3,
                ..Limits::default()
            },
            ..proxy::Config::default()
        },
        first_byte_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(200),
        ..Parts::default()
    }
}

fn wanting_tool_calls() -> Vec<PolicySpec> {
    vec![spec(
        "test/scripted",
        json!({"wants": {"tool_call": "whole"}}),
    )]
}

/// The name of an error with this status in a dialect.
fn kind(dialect: Dialect, status: u16) -> &'static str {
    match (dialect, status) {
        (_, 400) => "invalid_request_error",
        (Dialect::Anthropic, 413) => "request_too_large",
        (Dialect::Anthropic, 502) => "api_error",
        (Dialect::Anthropic, 504) => "timeout_error",
        (_, 413) => "invalid_request_error",
        _ => "server_error",
    }
}

/// Sends a body and checks that the answer is this error.
async fn check(
    dialect: Dialect,
    host: &TestHost,
    body: impl Into<reqwest::Body>,
    status: u16,
    says: &str,
) {
    let client = Client::of(dialect, &host.url);
    let reply = client.post(dialect.path(), body).await;
    assert_eq!(reply.status(), status, "{dialect:?}: {says}");
    let body: Value = reply.json().await.expect("an error is JSON");
    assert_eq!(body["error"]["type"], kind(dialect, status));
    match dialect {
        Dialect::Anthropic => assert_eq!(body["type"], "error"),
        Dialect::Chat | Dialect::Responses => assert_eq!(body["error"]["code"], Value::Null),
    }
    let message = body["error"]["message"].as_str().expect("a message");
    assert!(message.contains(says), "{dialect:?}: {message}");
}

/// Sends a good request and checks that the answer is this error.
async fn check_good(dialect: Dialect, host: &TestHost, stream: bool, status: u16, says: &str) {
    let body = dialect.request("hi", stream).to_string();
    check(dialect, host, body, status, says).await;
}

#[tokio::test]
async fn a_body_that_is_no_request_is_a_400_that_says_why() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
        let host = TestHost::with(&upstream.url, impatient()).await;
        let messages = match dialect {
            Dialect::Responses => "input",
            _ => "messages",
        };
        check(dialect, &host, "", 400, "empty").await;
        check(dialect, &host, "{\"model\":", 400, "not valid JSON").await;
        check(
            dialect,
            &host,
            vec![0xff, 0xfe, 0x00],
            400,
            "not valid JSON",
        )
        .await;
        check(dialect, &host, "[]", 400, "body").await;
        let odd = json!({"model": "m", messages: 7});
        check(dialect, &host, odd.to_string(), 400, messages).await;
        let odd = json!({"model": 7, messages: []});
        check(dialect, &host, odd.to_string(), 400, "model").await;
        let message = json!({"role": "user", "content": "x"});
        let many = json!({"model": "m", messages: vec![message; 4]});
        check(dialect, &host, many.to_string(), 400, "limit of 3").await;
        let twice = format!(r#"{{"model":"m","{messages}":[],"{messages}":[]}}"#);
        check(dialect, &host, twice, 400, messages).await;
        assert!(upstream.seen().is_empty());
    }
}

#[tokio::test]
async fn invariant_12_a_body_over_the_limit_is_a_413_with_and_without_a_length() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
        let host = TestHost::with(&upstream.url, impatient()).await;
        let large = dialect.request(&"x".repeat(5000), true).to_string();
        check(dialect, &host, large.clone(), 413, "4096").await;
        let pieces: Vec<_> = large
            .as_bytes()
            .chunks(512)
            .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
            .collect();
        let chunked = reqwest::Body::wrap_stream(stream::iter(pieces));
        check(dialect, &host, chunked, 413, "4096").await;
    }
}

#[tokio::test]
async fn an_upstream_that_refuses_connections_is_a_502() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a port"));
    drop(listener);
    let host = TestHost::with(&url, impatient()).await;
    for dialect in Dialect::ALL {
        check_good(dialect, &host, true, 502, "upstream").await;
    }
}

#[tokio::test]
async fn an_upstream_that_hangs_is_a_504() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a port"));
    let host = TestHost::with(&url, impatient()).await;
    let upstream = Upstream::start(Script::acts(vec![Act::Hang])).await;
    let silent = TestHost::with(&upstream.url, impatient()).await;
    for dialect in Dialect::ALL {
        check_good(dialect, &host, true, 504, "did not answer").await;
        check_good(dialect, &silent, true, 504, "nothing").await;
    }
}

#[tokio::test]
async fn an_upstream_that_sends_policies_garbage_is_a_502() {
    let upstream = Upstream::start(Script::json(200, "<html>login</html>")).await;
    let parts = Parts {
        policies: wanting_tool_calls(),
        ..impatient()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    for dialect in Dialect::ALL {
        check_good(dialect, &host, false, 502, "upstream").await;
    }
    upstream.play(Script::json(200, "\"a string\""));
    for dialect in Dialect::ALL {
        check_good(dialect, &host, false, 502, "upstream").await;
    }
    for (dialect, garbage) in [
        (Dialect::Anthropic, "event: message_start\ndata: {nope\n\n"),
        (Dialect::Chat, "data: {nope\n\n"),
        (
            Dialect::Responses,
            "event: response.created\ndata: {nope\n\n",
        ),
    ] {
        upstream.play(Script::stream(garbage));
        check_good(dialect, &host, true, 502, "malformed").await;
    }
}

/// The start of a fixture, up to its second tool call.
fn cut(dialect: Dialect) -> String {
    let sse = dialect.fixture("two_tools");
    let middle = sse.find("_01B").expect("the second call");
    let frame = sse[..middle].rfind("\n\n").expect("a frame") + 2;
    sse[..frame].to_owned()
}

#[tokio::test]
async fn invariant_10_a_stream_never_just_stops() {
    for dialect in Dialect::ALL {
        for policies in [Vec::new as fn() -> Vec<_>, wanting_tool_calls] {
            for last in [Some(Act::Break), Some(Act::Hang), None] {
                // If the connection broke at once, that would overtake the bytes before it.
                let flush = Act::Pause(Duration::from_millis(50));
                let mut acts = vec![Act::Send(cut(dialect).into()), flush];
                acts.extend(last);
                let upstream = Upstream::start(Script::acts(acts)).await;
                let parts = Parts {
                    policies: policies(),
                    ..impatient()
                };
                let host = TestHost::with(&upstream.url, parts).await;
                let bytes = Client::of(dialect, &host.url).stream("go").await;
                let error = dialect.error_of(&bytes).expect("it ends with an error");
                let message = error["message"].as_str().expect("text");
                assert!(message.contains("upstream"), "{dialect:?}: {message}");
            }
        }
    }
}
