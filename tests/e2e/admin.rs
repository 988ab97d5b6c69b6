//! The operators' door: who is let in, and what both doors tell.

use reqwest::{Method, Response};
use serde_json::Value;
use sluice_server::auth::{AdminKey, Nonce};
use sluice_tests::client::http;
use sluice_tests::{Script, TestHost, Upstream};

async fn start() -> TestHost {
    TestHost::start("http://127.0.0.1:9", vec![]).await
}

async fn ask(host: &TestHost, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = http().get(format!("{}{path}", host.admin_url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

/// Checks that an answer is a problem of this type. Returns its sentence.
async fn is_problem(answer: Response, status: u16, code: &str) -> String {
    assert_eq!(answer.status(), status, "{code}");
    let headers = answer.headers().clone();
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["cache-control"], "no-store");
    let problem: Value = answer.json().await.expect("a problem is JSON");
    assert_eq!(problem["code"], code);
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], format!("urn:sluice:problem:{code}"));
    problem["detail"].as_str().expect("a sentence").to_owned()
}

#[tokio::test]
async fn only_who_has_the_key_is_told_anything() {
    let host = start().await;
    let key = &*host.admin_key;
    let bearer = format!("Bearer {key}");
    for headers in [[("authorization", &*bearer)], [("x-api-key", key)]] {
        let answer = ask(&host, "/api/v1/status", &headers).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let told: Value = answer.json().await.expect("JSON");
        assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(told["admin_connections"]["max"], 256);
    }
    // Nobody learns which paths there are.
    for path in ["/api/v1/status", "/api/v1/nowhere", "/", "/health"] {
        let answer = ask(&host, path, &[]).await;
        assert_eq!(
            answer.headers()["www-authenticate"],
            "Bearer realm=\"sluice\""
        );
        is_problem(answer, 401, "no-key").await;
        let cut = &key[..key.len() - 1];
        let detail = is_problem(
            ask(&host, path, &[("x-api-key", cut)]).await,
            401,
            "wrong-key",
        );
        assert!(detail.await.contains("typo"));
    }
}

#[tokio::test]
async fn a_proof_is_for_anybody_but_web_pages_and_needs_one_good_nonce() {
    let host = start().await;
    let nonce = "0f".repeat(32);
    let path = format!("/api/v1/challenge?nonce={nonce}");
    let answer = ask(&host, &path, &[]).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let proof: Value = answer.json().await.expect("JSON");
    let door = host.admin_url.trim_start_matches("http://");
    assert_eq!(proof["address"], door);
    let key: AdminKey = host.admin_key.parse().expect("a key");
    let read = Nonce::read(&nonce).expect("a nonce");
    let proof = proof["proof"].as_str().expect("a proof");
    assert!(key.is_proved_by(proof, &read, door));

    let capitals = path
        .to_uppercase()
        .replace("/API/V1/CHALLENGE?NONCE", "/api/v1/challenge?nonce");
    for path in [
        "/api/v1/challenge",
        "/api/v1/challenge?nonce=",
        "/api/v1/challenge?nonce=0f",
        &capitals,
        &format!("{path}&nonce={nonce}"),
        &format!("{path}&address=127.0.0.1:1"),
    ] {
        is_problem(ask(&host, path, &[]).await, 400, "bad-parameter").await;
    }
    let page = [("origin", "https://evil.example")];
    is_problem(ask(&host, &path, &page).await, 403, "foreign-page").await;
    let posted = http()
        .post(format!("{}{path}", host.admin_url))
        .send()
        .await;
    is_problem(posted.expect("an answer"), 405, "method-not-allowed").await;
}

#[tokio::test]
async fn what_is_not_served_is_told_to_who_has_the_key() {
    let host = start().await;
    let key = [("x-api-key", &*host.admin_key)];
    for path in ["/api/v1/nowhere", "/v1/messages", "/health", "/"] {
        let detail = is_problem(ask(&host, path, &key).await, 404, "not-found").await;
        assert!(detail.starts_with(path), "{detail}");
    }
    // Nothing is recorded.
    for path in ["/api/v1/exchanges", "/api/v1/sessions/1", "/api/v1/facets"] {
        is_problem(ask(&host, path, &key).await, 404, "no-recording").await;
    }
    let posted = http().post(format!("{}/api/v1/status", host.admin_url));
    let posted = posted.header("x-api-key", &host.admin_key).send().await;
    let answer = posted.expect("an answer");
    assert_eq!(answer.headers()["allow"], "GET,HEAD");
    is_problem(answer, 405, "method-not-allowed").await;
}

#[tokio::test]
async fn the_agents_door_tells_nothing_of_the_operators() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    let request = http().get(format!("{}/api/v1/status", host.url));
    let answer = request.bearer_auth(&host.admin_key).send().await;
    assert_eq!(answer.expect("an answer").status(), 404);
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn no_web_page_gets_in_even_with_the_key() {
    let host = start().await;
    let port = host.admin_url.rsplit(':').next().expect("a port");
    let own = format!("http://127.0.0.1:{port}");
    let agents_port = &*host.url;
    for (header, code) in [
        (("host", "evil.example"), "foreign-host"),
        (("origin", "https://evil.example"), "foreign-page"),
        (("origin", "null"), "foreign-page"),
        // A page that an agent serves, or that comes from the agents' port.
        (("origin", "http://localhost:3000"), "foreign-page"),
        (("origin", agents_port), "foreign-page"),
        (("sec-fetch-site", "cross-site"), "foreign-page"),
        (("sec-fetch-site", "same-site"), "foreign-page"),
    ] {
        let headers = [header, ("x-api-key", &*host.admin_key)];
        for path in ["/api/v1/status", "/"] {
            is_problem(ask(&host, path, &headers).await, 403, code).await;
        }
        let url = format!("{}/api/v1/status", host.admin_url);
        let preflight = http()
            .request(Method::OPTIONS, url)
            .header(header.0, header.1);
        let answer = preflight.send().await.expect("an answer");
        let permission = |name: &str| name.starts_with("access-control");
        assert!(
            !answer
                .headers()
                .keys()
                .any(|name| permission(name.as_str()))
        );
        is_problem(answer, 403, code).await;
    }
    let headers = [("origin", &*own), ("x-api-key", &*host.admin_key)];
    assert_eq!(ask(&host, "/api/v1/status", &headers).await.status(), 200);
}

#[tokio::test]
async fn wrong_keys_are_slowed_down_and_lock_out_nobody() {
    let host = start().await;
    let wrong = [("x-api-key", "sk-ant-other")];
    for _ in 0..10 {
        is_problem(ask(&host, "/api/v1/status", &wrong).await, 401, "wrong-key").await;
    }
    let mut last = ask(&host, "/api/v1/status", &wrong).await;
    // A second may have passed meanwhile.
    for _ in 0..100 {
        if last.status() == 429 {
            break;
        }
        last = ask(&host, "/api/v1/status", &wrong).await;
    }
    assert_eq!(last.headers()["retry-after"], "1");
    is_problem(last, 429, "too-many-wrong-keys").await;
    // The operator is at the same address as who tried.
    host.told("/status").await;
}

#[tokio::test]
async fn a_shutdown_closes_both_doors() {
    let mut host = start().await;
    host.told("/status").await;
    let url = format!("{}/api/v1/status", host.admin_url);
    host.shut_down();
    host.down().await;
    assert!(http().get(url).send().await.is_err());
}
