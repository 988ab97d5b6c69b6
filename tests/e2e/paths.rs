//! Which paths are served, and what passes through them.

use reqwest::Method;
use serde_json::{Value, json};
use sluice_server::reload::{Passthrough, PassthroughHandle};
use sluice_tests::client::{Client, http};
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

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
            Dialect::Anthropic.request("hi", false).to_string(),
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
async fn models_are_those_of_the_provider_whose_dialect_the_caller_speaks() {
    let anthropic = Upstream::start(Script::json(200, r#"{"data":["a"]}"#)).await;
    let openai = Upstream::start(Script::json(200, r#"{"data":["o"]}"#)).await;
    let parts = Parts {
        openai: Some(openai.url.clone()),
        ..Parts::default()
    };
    let host = TestHost::with(&anthropic.url, parts).await;
    for path in ["/v1/models", "/v1/models/m-1"] {
        let listed = Client::new(&host.url).request(Method::GET, path).await;
        assert_eq!(listed.text().await.expect("a body"), r#"{"data":["a"]}"#);
        let listed = Client::of(Dialect::Chat, &host.url)
            .request(Method::GET, path)
            .await;
        assert_eq!(listed.text().await.expect("a body"), r#"{"data":["o"]}"#);
    }
    assert_eq!(openai.seen()[0].headers["authorization"], "Bearer test-key");
}

#[tokio::test]
async fn embeddings_are_judged_on_their_way_upstream_and_forwarded_back() {
    let vectors = r#"{"object":"list","data":[{"embedding":[0.5]}] }"#;
    let upstream = Upstream::start(Script::json(200, vectors)).await;
    let host = TestHost::start(&upstream.url, vec![spec("redact-secrets", json!({}))]).await;
    // Made of two parts, so that no scanner of this repository finds a key in it.
    let secret = format!("ghp_{}", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8");
    let body = json!({"model": "embed", "input": ["plain", format!("a {secret} b")]});
    let reply = Client::of(Dialect::Chat, &host.url)
        .post("/v1/embeddings", body.to_string())
        .await;
    assert_eq!(reply.text().await.expect("a body"), vectors);
    let sent: Value = serde_json::from_slice(&upstream.seen()[0].body).expect("JSON");
    assert_eq!(sent["input"][0], "plain");
    let redacted = sent["input"][1].as_str().expect("a text");
    assert!(
        redacted.starts_with("a [REDACTED") && redacted.ends_with(" b"),
        "{redacted}"
    );
}

#[tokio::test]
async fn a_path_that_the_operator_lets_through_passes_as_it_is() {
    let upstream = Upstream::start(Script::json(201, r#"{"id":"file-1" }"#)).await;
    let parts = Parts {
        policies: vec![spec("redact-secrets", json!({}))],
        passthrough: passing(&["/v1/files"]),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let client = Client::of(Dialect::Chat, &host.url);
    let reply = client
        .post("/v1/files?purpose=batch", vec![0, 255, 1])
        .await;
    assert_eq!(reply.status(), 201);
    assert_eq!(reply.text().await.expect("a body"), r#"{"id":"file-1" }"#);
    let seen = upstream.seen().remove(0);
    assert_eq!(
        (seen.target.as_str(), &seen.body[..]),
        ("/v1/files?purpose=batch", &[0, 255, 1][..])
    );
    let refused = client.post("/v1/files/file-1", "{}").await;
    assert_eq!(refused.status(), 404);
    let unauthenticated = http().post(format!("{}/v1/files", host.url)).send().await;
    assert_eq!(unauthenticated.expect("an answer").status(), 401);
    assert_eq!(upstream.seen().len(), 1);
}

/// The paths that a policy file lets through.
fn passing(paths: &[&str]) -> PassthroughHandle {
    let patterns = paths.iter().map(|path| path.parse().expect("a pattern"));
    Passthrough::new(patterns).into()
}

#[tokio::test]
async fn any_other_path_of_openai_is_a_404_in_its_dialect() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    for path in [
        "/v1/completions",
        "/v1/files",
        "/v1/chat/completions/",
        "/v1/Chat/Completions",
        "/v1/chat/%63ompletions",
        "/v1/responses/",
        "/v1/memories/trace_summarize",
        "/v1/batches",
        "/v2/chat/completions",
    ] {
        let reply = Client::of(Dialect::Chat, &host.url).post(path, "{}").await;
        assert_eq!(reply.status(), 404, "{path}");
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(body["error"]["type"], "invalid_request_error", "{body}");
        assert!(body["error"]["code"].is_null());
        let message = body["error"]["message"].as_str().expect("text");
        assert!(message.contains("`passthrough`"), "{message}");
    }
    assert!(upstream.seen().is_empty(), "nothing slipped past");
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
        "/api/event_logging/batch",
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
    assert_eq!(reply.headers()["allow"], "POST");
    assert!(upstream.seen().is_empty(), "nothing slipped past");
}

#[tokio::test]
async fn a_request_without_a_credential_is_a_401() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    let reply = http()
        .post(format!("{}/v1/messages", host.url))
        .body(Dialect::Anthropic.request("hi", true).to_string())
        .send()
        .await;
    let reply = reply.expect("an answer");
    assert_eq!(reply.status(), 401);
    let body: Value = reply.json().await.expect("JSON");
    assert_eq!(body["error"]["type"], "authentication_error");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn each_header_of_a_credential_is_enough_and_goes_upstream() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
        let host = TestHost::start(&upstream.url, vec![]).await;
        for name in ["x-api-key", "authorization", "api-key", "x-goog-api-key"] {
            let reply = http()
                .post(format!("{}{}", host.url, dialect.path()))
                .header(name, "k")
                .body(dialect.request("hi", true).to_string())
                .send()
                .await;
            assert_eq!(reply.expect("an answer").status(), 200, "{name}");
            let seen = upstream.seen().pop().expect("it was asked");
            assert_eq!(seen.headers[name], "k");
        }
    }
}

#[tokio::test]
async fn a_websocket_is_told_at_once_to_come_by_http() {
    let upstream = Upstream::start(Script::stream("")).await;
    let parts = Parts {
        passthrough: passing(&["/v1/realtime"]),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    for path in [
        "/v1/responses",
        "/responses",
        "/v1/realtime",
        "/v1/messages",
        "/v1/models",
    ] {
        let reply = http()
            .get(format!("{}{path}", host.url))
            .header("authorization", "Bearer k")
            .header("connection", "Upgrade")
            .header("upgrade", "WebSocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .send()
            .await
            .expect("an answer");
        assert_eq!(reply.status(), 426, "{path}");
        assert_eq!(reply.headers()["upgrade"], "HTTP/1.1");
        let connection = reply.headers()["connection"].to_str().expect("ascii");
        assert!(connection.eq_ignore_ascii_case("upgrade"), "{connection}");
        let body: Value = reply.json().await.expect("JSON");
        let message = body["error"]["message"].as_str().expect("text");
        assert!(message.contains("POST"), "{message}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn an_offer_of_http_2_is_declined_in_silence() {
    for dialect in Dialect::ALL {
        let sent = dialect.fixture("text");
        let upstream = Upstream::start(Script::stream(sent.clone())).await;
        let host = TestHost::start(&upstream.url, vec![]).await;
        let reply = http()
            .post(format!("{}{}", host.url, dialect.path()))
            .header("authorization", "Bearer k")
            .header("connection", "Upgrade, HTTP2-Settings")
            .header("upgrade", "h2c")
            .header("http2-settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA")
            .body(dialect.request("hi", true).to_string())
            .send()
            .await
            .expect("an answer");
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.text().await.expect("a body"), sent);
        let seen = &upstream.seen()[0];
        for name in ["upgrade", "http2-settings", "connection"] {
            assert!(!seen.headers.contains_key(name), "{name}");
        }
    }
}

#[tokio::test]
async fn hello_and_health_are_answered_without_a_key() {
    let host = TestHost::start("http://127.0.0.1:9", vec![]).await;
    for path in ["/api/hello", "/"] {
        let hello = http().head(format!("{}{path}", host.url)).send().await;
        assert_eq!(hello.expect("an answer").status(), 200, "{path}");
    }
    let health = http()
        .get(format!("{}/health", host.url))
        .send()
        .await
        .expect("an answer");
    let told = health.text().await.expect("a body");
    assert_eq!(told, r#"{"status":"ok"}"#, "agents are told nothing else");
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
