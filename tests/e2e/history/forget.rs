//! What operators erase, and what they keep from being erased.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sluice_tests::TestHost;
use sluice_tests::client::http;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::{host, ids_of, order};

/// Checks that an answer has this status. Returns what it says.
async fn answered(
    host: &TestHost,
    method: Method,
    path: &str,
    body: Option<Value>,
    status: u16,
) -> Value {
    let answer = order(host, method.clone(), path, body).await;
    assert_eq!(answer.status(), status, "{method} {path}");
    let text = answer.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_default()
}

#[tokio::test]
async fn a_session_is_erased_with_its_agents_unless_it_is_on_hold() {
    let (host, ids, _folder) = host().await;
    let sessions = ids_of(&host.told("/sessions").await);
    assert_eq!(sessions.len(), 2, "an agent and its helper");
    let path = format!("/sessions/{}", sessions[0]);
    let hold = format!("{path}/hold");
    let reason = || Some(json!({ "reason": "an audit" }));
    answered(&host, Method::PUT, &hold, reason(), 204).await;
    // All agents of it are.
    for session in &sessions {
        let told = host.told(&format!("/sessions/{session}")).await;
        assert_eq!(told["hold"], "an audit");
        let problem = answered(
            &host,
            Method::DELETE,
            &format!("/sessions/{session}"),
            None,
            409,
        )
        .await;
        assert_eq!(problem["code"], "on-hold");
        assert_eq!(
            problem["detail"],
            "the session is on hold: release it first"
        );
    }
    let told = answered(&host, Method::DELETE, "/callers/ann", None, 200).await;
    assert_eq!(told, json!({ "exchanges": 0, "held": 5 }));
    assert_eq!(ids_of(&host.told("/exchanges").await).len(), ids.len());

    // The same hold again is another reason.
    let other = Some(json!({ "reason": "a dispute" }));
    answered(&host, Method::PUT, &hold, other, 204).await;
    assert_eq!(host.told(&path).await["hold"], "a dispute");
    answered(&host, Method::DELETE, &hold, None, 204).await;
    let problem = answered(&host, Method::DELETE, &hold, None, 404).await;
    assert_eq!(
        problem["detail"],
        format!("session {} is not on hold", sessions[0])
    );

    let told = answered(&host, Method::DELETE, &path, None, 200).await;
    assert_eq!(told, json!({ "exchanges": 5, "held": 0 }));
    answered(&host, Method::DELETE, &path, None, 404).await;
    answered(&host, Method::PUT, &hold, reason(), 404).await;
    assert!(ids_of(&host.told("/exchanges").await).is_empty());
}

#[tokio::test]
async fn everything_of_a_caller_is_erased() {
    let (host, _, _folder) = host().await;
    for (caller, exchanges) in [("bob", 0), ("ann", 5), ("ann", 0)] {
        let told = answered(
            &host,
            Method::DELETE,
            &format!("/callers/{caller}"),
            None,
            200,
        )
        .await;
        assert_eq!(
            told,
            json!({ "exchanges": exchanges, "held": 0 }),
            "{caller}"
        );
    }
}

#[tokio::test]
async fn an_erasure_goes_on_if_nobody_waits_for_it() {
    let (host, _, _folder) = host().await;
    let door = host.admin_url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(door).await.expect("it listens");
    let order = format!(
        "DELETE /api/v1/callers/ann HTTP/1.1\r\nhost: localhost\r\nx-api-key: {}\r\n\r\n",
        host.admin_key
    );
    stream.write_all(order.as_bytes()).await.expect("it reads");
    drop(stream);
    let gone = async {
        while !ids_of(&host.told("/exchanges").await).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(20), gone).await;
    gone.expect("they are erased all the same");
}

#[tokio::test]
async fn what_is_no_order_changes_nothing_and_is_told_why() {
    let (host, ids, _folder) = host().await;
    let session = ids_of(&host.told("/sessions").await).remove(0);
    let hold = format!("/sessions/{session}/hold");
    let long = "x".repeat(1001);
    for (body, code) in [
        (json!({}), "bad-body"),
        (json!({ "reason": "" }), "bad-body"),
        (json!({ "reason": long }), "bad-body"),
        (json!({ "reason": 1 }), "bad-body"),
        (json!({ "reason": "x", "until": 1 }), "bad-body"),
        (json!([]), "bad-body"),
    ] {
        let problem = answered(&host, Method::PUT, &hold, Some(body.clone()), 400).await;
        assert_eq!(problem["code"], code, "{body}");
    }
    let problem = answered(&host, Method::PUT, &hold, None, 415).await;
    assert_eq!(problem["code"], "not-json");
    answered(
        &host,
        Method::PUT,
        &hold,
        Some(json!({ "reason": " ".repeat(70_000) })),
        413,
    )
    .await;
    for (method, path, status) in [
        (Method::DELETE, "/sessions/x", 400),
        (Method::DELETE, "/sessions/999", 404),
        (Method::DELETE, "/exchanges", 405),
        (Method::POST, &*hold, 405),
        (Method::DELETE, "/callers", 404),
        (Method::DELETE, "/callers/", 404),
    ] {
        answered(&host, method, path, None, status).await;
    }
    assert_eq!(ids_of(&host.told("/exchanges").await).len(), ids.len());
    assert_eq!(
        host.told(&format!("/sessions/{session}")).await["hold"],
        Value::Null
    );
    // PostgreSQL can't keep each letter that JSON has.
    let odd = Some(json!({ "reason": "a\0b" }));
    answered(&host, Method::PUT, &hold, odd, 204).await;
    assert_eq!(
        host.told(&format!("/sessions/{session}")).await["hold"],
        "a\u{fffd}b"
    );
}

/// A page that a person has open can't have the browser do any of this: what it may send without being asked is refused,
/// and it is not allowed to send more.
#[tokio::test]
async fn no_web_page_can_erase_hold_or_release() {
    let (host, ids, _folder) = host().await;
    let session = ids_of(&host.told("/sessions").await).remove(0);
    let orders = [
        (Method::DELETE, format!("/sessions/{session}")),
        (Method::DELETE, "/callers/ann".to_owned()),
        (Method::PUT, format!("/sessions/{session}/hold")),
        (Method::DELETE, format!("/sessions/{session}/hold")),
    ];
    for (method, path) in &orders {
        let url = format!("{}/api/v1{path}", host.admin_url);
        let body = json!({ "reason": "x" }).to_string();
        for (headers, status) in [
            // Even if the browser had the key.
            (
                &[
                    ("origin", "https://evil.example"),
                    ("x-api-key", &*host.admin_key),
                ][..],
                403,
            ),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("x-api-key", &*host.admin_key),
                ],
                403,
            ),
            (
                &[("host", "evil.example"), ("x-api-key", &*host.admin_key)],
                403,
            ),
            // A browser sends cookies by itself, and the key is in none.
            (&[("cookie", &*host.admin_key)], 401),
            (&[], 401),
        ] {
            let mut request = http().request(method.clone(), &url).body(body.clone());
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), status, "{method} {path} {headers:?}");
        }
        // No other method is taken for it, whatever the request says it means.
        for (name, value) in [
            ("x-http-method-override", method.as_str()),
            ("x-api-key", ""),
        ] {
            let posted = http().post(&url).header(name, value);
            let posted = posted.header("authorization", format!("Bearer {}", host.admin_key));
            let answer = posted.body(body.clone()).send().await.expect("an answer");
            assert!(
                matches!(answer.status().as_u16(), 401 | 405),
                "{method} {path}"
            );
        }
        // What a browser asks before it sends a header of a page's choice.
        let asked = http()
            .request(Method::OPTIONS, &url)
            .header("origin", "https://evil.example");
        let asked = asked.header("access-control-request-method", method.as_str());
        let answer = asked
            .header("access-control-request-headers", "x-api-key")
            .send()
            .await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 403);
        let allows = |name: &str| name.starts_with("access-control");
        assert!(!answer.headers().keys().any(|name| allows(name.as_str())));
    }
    assert_eq!(ids_of(&host.told("/exchanges").await).len(), ids.len());
    assert_eq!(
        host.told(&format!("/sessions/{session}")).await["hold"],
        Value::Null
    );
}
