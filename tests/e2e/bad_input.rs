//! Bad input, from either side: a clear error in the caller's dialect, nothing hangs.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use sluice_protocol::Limits;
use sluice_server::proxy;
use sluice_tests::client::{Client, frames, request};
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Act, Script, TestHost, Upstream, fixture};
use tokio::net::TcpListener;

fn impatient() -> Parts {
    Parts {
        proxy: proxy::Config {
            max_body_bytes: 4096,
            idle_timeout: Duration::from_millis(200),
            limits: Limits {
                messages: 3,
                ..Limits::default()
            },
            ..proxy::Config::default()
        },
        first_byte_timeout: Duration::from_millis(200),
        ..Parts::default()
    }
}

async fn check(
    host: &TestHost,
    body: impl Into<reqwest::Body>,
    status: u16,
    kind: &str,
    says: &str,
) {
    let reply = Client::new(&host.url).post("/v1/messages", body).await;
    assert_eq!(reply.status(), status);
    let body: Value = reply.json().await.expect("an error is JSON");
    assert_eq!(body["type"], "error");
    assert_eq!(body["error"]["type"], kind);
    let message = body["error"]["message"].as_str().expect("a message");
    assert!(message.contains(says), "{message}");
}

#[tokio::test]
async fn a_body_that_is_no_request_is_a_400_that_says_why() {
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let host = TestHost::with(&upstream.url, impatient()).await;
    let kind = "invalid_request_error";
    check(&host, "", 400, kind, "empty").await;
    check(&host, "{\"model\":", 400, kind, "not valid JSON").await;
    check(&host, vec![0xff, 0xfe, 0x00], 400, kind, "not valid JSON").await;
    check(&host, "[]", 400, kind, "dictionary").await;
    check(&host, "{\"model\":\"m\"}", 400, kind, "messages").await;
    check(
        &host,
        "{\"model\":\"m\",\"messages\":7}",
        400,
        kind,
        "messages",
    )
    .await;
    let many = json!({"model": "m", "messages": vec![json!({"role": "user", "content": "x"}); 4]});
    check(&host, many.to_string(), 400, kind, "limit of 3").await;
    let twice = r#"{"model":"m","messages":[],"messages":[{"role":"user","content":"x"}]}"#;
    check(&host, twice, 400, kind, "messages").await;
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn invariant_12_a_body_over_the_limit_is_a_413_with_and_without_a_length() {
    let upstream = Upstream::start(Script::stream(fixture("anthropic/text"))).await;
    let host = TestHost::with(&upstream.url, impatient()).await;
    let large = request(&"x".repeat(5000), true).to_string();
    check(&host, large.clone(), 413, "request_too_large", "4096").await;
    let pieces: Vec<_> = large
        .as_bytes()
        .chunks(512)
        .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
        .collect();
    let chunked = reqwest::Body::wrap_stream(stream::iter(pieces));
    check(&host, chunked, 413, "request_too_large", "4096").await;
}

#[tokio::test]
async fn an_upstream_that_refuses_connections_is_a_502() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a port"));
    drop(listener);
    let host = TestHost::with(&url, impatient()).await;
    check(
        &host,
        request("hi", true).to_string(),
        502,
        "api_error",
        "upstream",
    )
    .await;
}

#[tokio::test]
async fn an_upstream_that_hangs_is_a_504() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a port"));
    let host = TestHost::with(&url, impatient()).await;
    check(
        &host,
        request("hi", true).to_string(),
        504,
        "timeout_error",
        "did not answer",
    )
    .await;
    let upstream = Upstream::start(Script::acts(vec![Act::Hang])).await;
    let host = TestHost::with(&upstream.url, impatient()).await;
    check(
        &host,
        request("hi", true).to_string(),
        504,
        "timeout_error",
        "nothing",
    )
    .await;
}

#[tokio::test]
async fn an_upstream_that_sends_garbage_is_a_502() {
    let upstream = Upstream::start(Script::json(200, "<html>login</html>")).await;
    let host = TestHost::with(&upstream.url, impatient()).await;
    check(
        &host,
        request("hi", false).to_string(),
        502,
        "api_error",
        "upstream",
    )
    .await;
    upstream.play(Script::json(200, "\"a string\""));
    check(
        &host,
        request("hi", false).to_string(),
        502,
        "api_error",
        "upstream",
    )
    .await;
    upstream.play(Script::stream("event: message_start\ndata: {nope\n\n"));
    let mut parts = impatient();
    parts.policies = vec![spec(
        "test/scripted",
        json!({"wants": {"tool_call": "whole"}}),
    )];
    let host = TestHost::with(&upstream.url, parts).await;
    check(
        &host,
        request("hi", true).to_string(),
        502,
        "api_error",
        "malformed",
    )
    .await;
}

#[tokio::test]
async fn invariant_10_a_stream_never_just_stops() {
    let sse = fixture("anthropic/two_tools");
    let middle = sse.find("toolu_01B").expect("the second call");
    let cut = sse[..sse[..middle].rfind("event:").expect("a frame")].to_owned();
    let wanting = || {
        vec![spec(
            "test/scripted",
            json!({"wants": {"tool_call": "whole"}}),
        )]
    };
    for policies in [Vec::new as fn() -> Vec<_>, wanting] {
        for last in [Some(Act::Break), Some(Act::Hang), None] {
            // A break at once would overtake the bytes before it.
            let flush = Act::Pause(Duration::from_millis(50));
            let mut acts = vec![Act::Send(cut.clone().into()), flush];
            acts.extend(last);
            let upstream = Upstream::start(Script::acts(acts)).await;
            let parts = Parts {
                policies: policies(),
                ..impatient()
            };
            let host = TestHost::with(&upstream.url, parts).await;
            let bytes = Client::new(&host.url).stream("go").await;
            let (event, data) = frames(&bytes).pop().expect("frames");
            assert_eq!(event, "error", "{data}");
            assert_eq!(data["type"], "error");
            assert!(
                data["error"]["message"]
                    .as_str()
                    .expect("text")
                    .contains("upstream")
            );
        }
    }
}
