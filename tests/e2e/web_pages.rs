//! A web page that a person has open can't reach Sluice: Host and Origin are checked.

use reqwest::Method;
use serde_json::Value;
use sluice_tests::client::http;
use sluice_tests::host::Parts;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

async fn start(upstream: &Upstream) -> TestHost {
    let parts = Parts {
        hosts: vec!["sluice.example.com".parse().expect("a name")],
        ..Parts::default()
    };
    TestHost::with(&upstream.url, parts).await
}

/// The answer to a good request of a dialect with these headers.
async fn ask(host: &TestHost, dialect: Dialect, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = http().post(format!("{}{}", host.url, dialect.path()));
    for (name, value) in dialect.headers().iter().chain(headers) {
        request = request.header(*name, *value);
    }
    let body = dialect.request("hi", true).to_string();
    request.body(body).send().await.expect("an answer")
}

const REFUSED: [&[(&str, &str)]; 7] = [
    &[("host", "evil.example")],
    &[("host", "evil.example:8080")],
    &[("host", "10.1.2.3")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("sec-fetch-site", "cross-site")],
    &[
        ("host", "sluice.example.com"),
        ("origin", "http://localhost:3000"),
    ],
];

#[tokio::test]
async fn a_web_page_gets_an_error_that_names_the_option_and_reaches_nothing() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
        let host = start(&upstream).await;
        for headers in REFUSED {
            let reply = ask(&host, dialect, headers).await;
            assert_eq!(reply.status(), 403, "{headers:?}");
            let has_permission = |name: &str| name.starts_with("access-control");
            assert!(
                !reply
                    .headers()
                    .keys()
                    .any(|name| has_permission(name.as_str()))
            );
            let body: Value = reply.json().await.expect("JSON");
            assert_eq!(body["type"] == "error", dialect == Dialect::Anthropic);
            let message = body["error"]["message"].as_str().expect("text");
            assert!(message.contains("--allow-host"), "{message}");
            assert!(body["error"]["code"] != "policy_blocked", "{body}");
        }
        assert!(upstream.seen().is_empty());
    }
}

#[tokio::test]
async fn every_path_and_method_is_guarded() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = start(&upstream).await;
    for path in [
        "/health",
        "/api/hello",
        "/",
        "/v1/models",
        "/v1/files",
        "/nowhere",
    ] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST] {
            for headers in REFUSED {
                let mut request = http().request(method.clone(), format!("{}{path}", host.url));
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                let reply = request.send().await.expect("an answer");
                assert_eq!(reply.status(), 403, "{method} {path} {headers:?}");
            }
        }
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn programs_and_names_that_the_operator_lists_are_let_in() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
        let host = start(&upstream).await;
        for headers in [
            &[][..],
            &[("host", "localhost:1")],
            &[("host", "sluice")],
            &[("host", "SLUICE.example.com:443")],
            &[
                ("origin", "https://sluice.example.com"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[
                ("origin", "vscode-webview://1b2c"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[("sec-fetch-mode", "cors")],
        ] {
            assert_eq!(
                ask(&host, dialect, headers).await.status(),
                200,
                "{headers:?}"
            );
        }
    }
}
