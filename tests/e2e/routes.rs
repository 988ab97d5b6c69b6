//! The table of routes against real traffic: what it lists as judged is judged, and nothing gets
//! around it.

use reqwest::Method;
use serde_json::{Value, json};
use sluice_server::reload::{Passthrough, PassthroughHandle};
use sluice_server::routes::{Found, Judged, ROUTES, Route, find};
use sluice_tests::client::{Client, status};
use sluice_tests::host::Parts;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

/// The dialect of a route, if its path determines it.
pub(crate) fn dialect(route: &Route) -> Dialect {
    Dialect::of(route.api.expect("its path says the API"))
}

/// A request for a route that has this text everywhere.
pub(crate) fn request(route: &Route, text: &str) -> Value {
    match route.path {
        "/v1/embeddings" | "/openai/deployments/{id}/embeddings" => {
            json!({"model": "m", "input": text})
        }
        "/v1/alpha/search" => {
            let mut search = Dialect::Responses.request(text, false);
            search["commands"] = json!({"search_query": [{"q": text}]});
            search
        }
        _ => dialect(route).request(text, false),
    }
}

/// A path of a route, with ids.
pub(crate) fn path(route: &Route) -> String {
    route.path.replace("{id}", "id_1")
}

fn secret() -> String {
    // Made of two parts, so that no scanner of this repository finds a key in it.
    format!("ghp_{}", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8")
}

/// The most that a policy file can let through.
fn everything() -> PassthroughHandle {
    let patterns = [
        "/*",
        "/v1/*",
        "/v1/messages/*",
        "/v1/chat/completions/*",
        "/v1/responses/*",
    ];
    Passthrough::new(patterns.map(|pattern| pattern.parse().expect("a pattern"))).into()
}

async fn start(upstream: &Upstream, policies: Vec<sluice_engine::PolicySpec>) -> TestHost {
    let parts = Parts {
        policies,
        passthrough: everything(),
        ..Parts::default()
    };
    TestHost::with(&upstream.url, parts).await
}

#[tokio::test]
async fn every_request_that_the_table_calls_judged_is_judged() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = start(&upstream, vec![spec("redact-secrets", json!({}))]).await;
    for route in ROUTES.iter().filter(|route| route.judges_requests()) {
        let listed = path(route);
        let mut spelled = vec![listed.clone(), format!("{listed}?api-version=1&x=%2f")];
        if let Some(bare) = listed.strip_prefix("/v1") {
            spelled.extend([bare.to_owned(), format!("/v1{listed}?beta=true")]);
        }
        for asked in spelled {
            upstream.play(Script::json(200, dialect(route).whole("text")));
            let body = request(route, &format!("token {}", secret())).to_string();
            let reply = Client::of(dialect(route), &host.url)
                .post(&asked, body)
                .await;
            assert_eq!(
                reply.status(),
                200,
                "{asked}: {}",
                reply.text().await.expect("a body")
            );
            let seen = upstream.seen().pop().expect("it was asked");
            let sent = String::from_utf8_lossy(&seen.body).into_owned();
            assert!(
                !sent.contains(&secret()) && sent.contains("[REDACTED"),
                "{asked}: {sent}"
            );
            assert_eq!(seen.target.split('?').next(), Some(&*listed), "{asked}");
            assert_eq!(seen.target.contains('?'), asked.contains('?'), "{asked}");
        }
    }
}

#[tokio::test]
async fn every_reply_that_the_table_calls_judged_is_judged() {
    let rule = json!({"kind": "tool-call", "tool": "Bash", "then": {"drop": "not today"}});
    let policy = json!({"wants": {"tool_call": "whole"}, "blocks": [rule]});
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = start(&upstream, vec![spec("test/scripted", policy)]).await;
    for route in ROUTES.iter().filter(|route| route.judges_replies()) {
        let dialect = dialect(route);
        upstream.play(Script::json(200, dialect.whole("two_tools")));
        let client = Client::of(dialect, &host.url);
        let reply = match route.methods {
            [Method::POST] => {
                client
                    .post(&path(route), request(route, "hi").to_string())
                    .await
            }
            methods => client.request(methods[0].clone(), &path(route)).await,
        };
        let whole: Value = reply.json().await.expect("JSON");
        assert_eq!(dialect.turn_of(&whole).tools(), ["Read"], "{}", route.path);
    }
}

#[tokio::test]
async fn a_compacted_conversation_is_judged_and_keeps_what_is_no_content() {
    let compacted = r#"{"id":"resp_1","object":"response.compaction","output":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}, {"type":"compaction","encrypted_content":"c2ln"}],"usage":{"total_tokens":1}}"#;
    let upstream = Upstream::start(Script::json(200, compacted)).await;
    let wants = json!({"wants": {"text": "whole", "tool_call": "whole", "other": "whole"}});
    let host = start(&upstream, vec![spec("test/scripted", wants)]).await;
    let client = Client::of(Dialect::Responses, &host.url);
    let body = Dialect::Responses.request("hi", false).to_string();
    let reply = client.post("/v1/responses/compact", body).await;
    assert_eq!(reply.text().await.expect("a body"), compacted);
}

/// Other ways to write a path.
fn spellings(path: &str) -> Vec<String> {
    vec![
        path.to_uppercase(),
        format!("{path}/"),
        format!("{path}."),
        format!("/{path}"),
        path.replace("/v1/", "/v1//"),
        path.replace("/v1/", "/v1/./"),
        path.replace("/v1/", "/v1/models/../"),
        path.replace("/v1/", "/v1/x/%2e%2e/"),
        path.replacen('e', "%65", 1),
        path.replace("/v1/", "/openai/v1/"),
        path.replace("/v1/", "/v1%2f"),
        path.replace("/v1/", "\\v1\\"),
        format!("{path};a=b"),
        format!("{path}%00"),
        format!("{path}%2f"),
    ]
}

#[tokio::test]
async fn a_judged_path_is_never_passed_however_it_is_written() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = start(&upstream, vec![]).await;
    let key = [("authorization", "Bearer k")];
    for route in ROUTES.iter().filter(|route| route.is_judged()) {
        let listed = path(route);
        // Some of them are other paths of the table.
        for asked in spellings(&listed) {
            let is_served = |method: &Method| matches!(find(method, &asked), Found::Route(..));
            for method in [Method::POST, Method::GET, Method::PUT] {
                if !is_served(&method) {
                    let status = status(&host.url, method.as_str(), &asked, &key).await;
                    assert!(
                        [400, 404, 405].contains(&status),
                        "{method} {asked}: {status}"
                    );
                }
            }
        }
        for method in ["PUT", "PATCH", "OPTIONS"] {
            let status = status(&host.url, method, &listed, &key).await;
            assert_eq!(status, 405, "{method} {listed}");
        }
    }
    assert!(upstream.seen().is_empty(), "{:?}", upstream.seen());
}

#[tokio::test]
async fn an_id_that_servers_read_differently_is_refused_in_the_callers_dialect() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = start(&upstream, vec![]).await;
    for (dialect, path) in [
        (
            Dialect::Responses,
            "/v1/responses/resp_1%2f..%2f..%2fmodels",
        ),
        (Dialect::Responses, "/v1/responses/a%5cb"),
        (Dialect::Responses, "/v1/responses/a;b"),
        (Dialect::Responses, "/v1/responses/%00"),
        (Dialect::Chat, "/v1/models/meta-llama%2FLlama-3"),
        (Dialect::Anthropic, "/v1/models/a%2f"),
    ] {
        let reply = Client::of(dialect, &host.url)
            .request(Method::GET, path)
            .await;
        assert_eq!(reply.status(), 400, "{path}");
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert!(
            body["error"]["message"]
                .to_string()
                .contains("without escapes"),
            "{body}"
        );
        assert_eq!(body["type"] == "error", dialect == Dialect::Anthropic);
    }
    for path in [
        "/v1/responses/..",
        "/v1/responses/.",
        "/v1/models/%2e%2e",
        "/v1/models/../files",
    ] {
        let status = status(&host.url, "GET", path, &[("authorization", "Bearer k")]).await;
        assert_eq!(status, 400, "{path}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_model_whose_name_has_a_slash_is_asked_for_as_it_is() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    let client = Client::of(Dialect::Chat, &host.url);
    for path in [
        "/v1/models/meta-llama/Llama-3",
        "/v1/models/ft:gpt-4o:org::id",
    ] {
        assert_eq!(client.request(Method::GET, path).await.status(), 200);
        assert_eq!(upstream.seen().pop().expect("it was asked").target, path);
    }
}

#[tokio::test]
async fn what_needs_no_judging_is_forwarded() {
    let upstream = Upstream::start(Script::json(200, r#"{"deleted":true }"#)).await;
    let host = TestHost::start(&upstream.url, vec![]).await;
    for route in ROUTES
        .iter()
        .filter(|route| route.judged == Judged::Nothing)
    {
        let client = Client::of(Dialect::Chat, &host.url);
        let method = route.methods[0].clone();
        let reply = client.request(method.clone(), &path(route)).await;
        assert_eq!(reply.text().await.expect("a body"), r#"{"deleted":true }"#);
        let seen = upstream.seen().pop().expect("it was asked");
        assert_eq!(
            (seen.method.as_str(), seen.target),
            (method.as_str(), path(route))
        );
    }
}
