//! Operators are told which agents were seen, and nothing else about them.

use serde_json::{Value, json};
use sluice_tests::client::http;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

/// A user agent of Codex, as it sends it.
const CODEX: &str = "codex_exec/0.171.0 (Debian 12.0.0; x86_64) unknown (codex_exec; 0.171.0)";

async fn agents(host: &TestHost) -> Value {
    host.told("/status").await["agents"].clone()
}

#[tokio::test]
async fn an_agent_that_comes_is_seen_with_its_paths_and_the_last_status() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    assert_eq!(agents(&host).await, json!([]));
    for (path, key) in [
        ("/v1/responses", "k"),
        ("/v1/responses", ""),
        ("/v1/secret-path", "k"),
    ] {
        let request = http()
            .post(format!("{}{path}", host.url))
            .header("user-agent", CODEX)
            .header("authorization", key)
            .body(
                Dialect::Responses
                    .request("a secret text", false)
                    .to_string(),
            );
        request.send().await.expect("an answer");
    }
    let seen = agents(&host).await;
    assert_eq!(seen[0]["agent"], "codex");
    assert_eq!(seen[0]["requests"], 3);
    assert_eq!(seen[0]["paths"], json!({"/v1/responses": 2}));
    assert_eq!(seen[0]["last_status"], 404);
    assert!(
        seen[0]["last_seen_ms"]
            .as_u64()
            .is_some_and(|ms| ms > 1_600_000_000_000)
    );
    assert_eq!(seen.as_array().map(Vec::len), Some(1));
    let told = seen.to_string();
    assert!(!told.contains("secret"), "{told}");
}

#[tokio::test]
async fn who_only_asks_whether_somebody_is_there_is_no_agent() {
    let host = TestHost::start("http://127.0.0.1:9", vec![]).await;
    let head = http()
        .head(format!("{}/", host.url))
        .header("user-agent", "Bun/1.4.0");
    head.send().await.expect("an answer");
    agents(&host).await;
    assert_eq!(agents(&host).await, json!([]));
}
