//! Which paths there are, and what crosses them.

use serde_json::{Value, json};
use sluice_tests::client::{Client, http, request};
use sluice_tests::{Script, TestHost, Upstream};

#[tokio::test]
async fn models_and_token_counts_are_forwarded() {
    let upstream = Upstream::start(Script::json(200, r#"{"data":[] }"#)).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    for path in ["/v1/models?limit=2", "/v1/models/claude-x"] {
        let reply = http()
            .get(format!("{}{path}", host.url))
            .header("authorization", "Bearer k")
            .send()
            .await;
        assert_eq!(
            reply.expect("an answer").text().await.expect("a body"),
            r#"{"data":[] }"#
        );
    }
    Client::new(&host.url)
        .post(
            "/v1/messages/count_tokens",
            request("hi", false).to_string(),
        )
        .await;
    let seen: Vec<_> = upstream
        .seen()
        .iter()
        .map(|seen| format!("{} {}", seen.method, seen.target))
        .collect();
    assert_eq!(
        seen,
        [
            "GET /v1/models?limit=2",
            "GET /v1/models/claude-x",
            "POST /v1/messages/count_tokens"
        ]
    );
    assert_eq!(upstream.seen()[0].headers["authorization"], "Bearer k");
}

#[tokio::test]
async fn any_other_path_is_a_404_in_the_callers_dialect() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    for path in [
        "/v1/complete",
        "/v1/messages/batches",
        "/v1/messages/",
        "//v1/messages",
        "/",
    ] {
        let reply = Client::new(&host.url).post(path, "{}").await;
        assert_eq!(reply.status(), 404, "{path}");
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(body["error"]["type"], "not_found_error");
    }
    let reply = http()
        .get(format!("{}/v1/messages", host.url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(reply.status(), 405);
    assert!(upstream.seen().is_empty(), "nothing slipped past");
}

#[tokio::test]
async fn a_request_without_a_credential_is_a_401() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    let reply = http()
        .post(format!("{}/v1/messages", host.url))
        .body(request("hi", true).to_string())
        .send()
        .await;
    let reply = reply.expect("an answer");
    assert_eq!(reply.status(), 401);
    let body: Value = reply.json().await.expect("JSON");
    assert_eq!(body["error"]["type"], "authentication_error");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn hello_and_health_are_answered_without_a_key() {
    let host = TestHost::start("http://127.0.0.1:9", vec![]).await;
    let hello = http()
        .head(format!("{}/api/hello", host.url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(hello.status(), 200);
    let health = http()
        .get(format!("{}/health", host.url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        health.json::<Value>().await.expect("JSON")["status"],
        json!("ok")
    );
}

#[tokio::test]
async fn upstreams_errors_reach_the_caller_as_they_are() {
    let error = r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"} }"#;
    let script = Script::json(429, error)
        .header("retry-after", "7")
        .header("request-id", "req_1");
    let upstream = Upstream::start(script).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    let reply = Client::new(&host.url).ask("hi", true).await;
    assert_eq!(reply.status(), 429);
    assert_eq!(reply.headers()["retry-after"], "7");
    assert_eq!(reply.headers()["request-id"], "req_1");
    assert_eq!(reply.text().await.expect("a body"), error);
}
