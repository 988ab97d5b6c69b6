//! Upstreams that redirect: no caller is led past the policies.

use reqwest::{Method, Response};
use serde_json::Value;
use sluice_server::reload::{Passthrough, PassthroughHandle};
use sluice_tests::client::Client;
use sluice_tests::host::Parts;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

/// The target of the redirect. Nothing is there.
const ELSEWHERE: &str = "http://elsewhere.test/v1/messages";

fn passing() -> PassthroughHandle {
    Passthrough::new(["/v1/files".parse().expect("a pattern")]).into()
}

async fn host(upstream: &Upstream) -> TestHost {
    let parts = Parts {
        passthrough: passing(),
        ..Parts::default()
    };
    TestHost::with(&upstream.url, parts).await
}

/// A request of each kind of path, as a client of this dialect sends it.
async fn every_path(dialect: Dialect, host: &TestHost) -> Vec<(String, Response)> {
    let client = Client::of(dialect, &host.url);
    let mut replies = Vec::new();
    for stream in [true, false] {
        let reply = client.ask("hi", stream).await;
        replies.push((format!("{}, stream: {stream}", dialect.path()), reply));
    }
    let mut posts = vec![("/v1/files", "{}")];
    let mut gets = vec!["/v1/models", "/v1/models/m", "/v1/files"];
    match dialect {
        Dialect::Anthropic => posts.push((
            "/v1/messages/count_tokens",
            r#"{"model":"m","messages":[]}"#,
        )),
        Dialect::Chat => posts.push(("/v1/embeddings", r#"{"model":"m","input":"x"}"#)),
        Dialect::Responses => {
            posts.push(("/v1/responses/resp_1/cancel", ""));
            gets.push("/v1/responses/resp_1");
        }
    }
    for (path, body) in posts {
        replies.push((path.to_owned(), client.post(path, body).await));
    }
    for path in gets {
        let reply = client.request(Method::GET, path).await;
        replies.push((path.to_owned(), reply));
    }
    replies
}

#[tokio::test]
async fn a_redirect_is_an_error_in_the_callers_dialect_on_every_path() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = host(&upstream).await;
    for status in [300, 301, 302, 303, 305, 307, 308, 399] {
        for location in [Some(ELSEWHERE), None] {
            let script = Script::json(status, "{}");
            upstream.play(match location {
                Some(location) => script.header("location", location),
                None => script,
            });
            for dialect in Dialect::ALL {
                for (path, reply) in every_path(dialect, &host).await {
                    let what = format!("{status} {location:?} {dialect:?} {path}");
                    assert_eq!(reply.status(), 502, "{what}");
                    assert!(!reply.headers().contains_key("location"), "{what}");
                    assert_eq!(reply.headers()["x-should-retry"], "false", "{what}");
                    let body: Value = reply.json().await.expect("an error is JSON");
                    let message = body["error"]["message"].as_str().expect("a message");
                    let names = format!("({status}) to `{ELSEWHERE}`");
                    assert_eq!(message.contains(&names), location.is_some(), "{message}");
                    assert!(message.contains("--openai-url"), "{message}");
                    // Anthropic's errors say so at their top level.
                    assert_eq!(
                        body["type"] == "error",
                        dialect == Dialect::Anthropic,
                        "{what}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn no_reply_names_another_place() {
    let upstream = Upstream::start(Script::json(200, "{}")).await;
    let host = host(&upstream).await;
    let names = [
        "location",
        "content-location",
        "refresh",
        "alt-svc",
        "operation-location",
    ];
    for status in [200, 201, 202, 304, 401, 429, 500] {
        let mut script = Script::json(status, "{}").header("x-kept", "yes");
        for name in names {
            script = script.header(name, ELSEWHERE);
        }
        upstream.play(script);
        let client = Client::of(Dialect::Chat, &host.url);
        let passed = client.post("/v1/files", "{}").await;
        let counted = client
            .post("/v1/embeddings", r#"{"model":"m","input":"x"}"#)
            .await;
        for reply in [passed, counted] {
            assert_eq!(reply.status(), status);
            assert_eq!(reply.headers()["x-kept"], "yes");
            for name in names {
                assert!(!reply.headers().contains_key(name), "{status} {name}");
            }
        }
    }
    // A judged reply, whole and streamed, and an error instead of one.
    for dialect in Dialect::ALL {
        for status in [200, 400] {
            for stream in [true, false] {
                let mut script = match stream {
                    true => Script::stream(dialect.fixture("text")),
                    false => Script::json(status, dialect.whole("text")),
                };
                for name in names {
                    script = script.header(name, ELSEWHERE);
                }
                upstream.play(script);
                let reply = Client::of(dialect, &host.url).ask("hi", stream).await;
                for name in names {
                    assert!(!reply.headers().contains_key(name), "{dialect:?} {name}");
                }
            }
        }
    }
}
