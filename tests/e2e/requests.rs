//! Invariants 6 and 10: what policies do to a request, and how a refusal reads, in each dialect.

use serde_json::{Value, json};
use sluice_engine::PolicySpec;
use sluice_server::recorder::Ending;
use sluice_server::routes::{Judged, ROUTES, Route};
use sluice_tests::client::Client;
use sluice_tests::policies::spec;
use sluice_tests::{Dialect, Script, TestHost, Upstream};

use super::routes;

fn editing(edits: Value) -> PolicySpec {
    spec(
        "test/scripted",
        json!({"wants": {"request": true}, "edits": edits}),
    )
}

/// What upstream gets of a request that these policies judged.
async fn sent(dialect: Dialect, policies: Vec<PolicySpec>, request: &Value) -> String {
    let upstream = Upstream::start(Script::stream(dialect.fixture("text"))).await;
    let host = TestHost::start(&upstream.url, policies).await;
    Client::of(dialect, &host.url).send(request).await;
    String::from_utf8_lossy(&upstream.seen()[0].body).into_owned()
}

#[tokio::test]
async fn invariant_10_a_refused_request_is_a_403_that_is_not_retried() {
    let refuse = json!({"wants": {"request": true}, "request": {"refuse": "not on my watch"}});
    let upstream = Upstream::start(Script::stream("")).await;
    let mut host = TestHost::start(&upstream.url, vec![spec("test/scripted", refuse)]).await;
    for route in ROUTES.iter().filter(|route| route.judges_requests()) {
        let (dialect, path) = (routes::dialect(route), routes::path(route));
        let reply = Client::of(dialect, &host.url)
            .post(&path, routes::request(route, "hi").to_string())
            .await;
        assert_eq!(reply.status(), 403, "{path}");
        assert_eq!(reply.headers()["x-should-retry"], "false");
        let id = reply.headers()[dialect.request_id_header()].clone();
        let id = id.to_str().expect("ascii");
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(body["error"]["type"], "permission_error");
        let message = body["error"]["message"].as_str().expect("text");
        assert!(message.contains("not on my watch"), "{body}");
        match dialect {
            Dialect::Anthropic => {
                assert_eq!(body["type"], "error");
                assert_eq!(body["request_id"], id);
            }
            Dialect::Chat | Dialect::Responses => {
                assert_eq!(body["error"]["code"], "policy_blocked");
                assert_eq!(body["error"]["param"], Value::Null);
            }
        }
        let recording = host.recording().await;
        assert_eq!(
            (recording.ending, recording.exchange.as_str()),
            (Ending::Refused, id)
        );
    }
    assert!(upstream.seen().is_empty(), "upstream was never asked");
}

#[tokio::test]
async fn a_policy_answers_in_upstreams_place() {
    let said = json!([{"text": "from the policy"}, {"tool-call": {"name": "ls", "arguments": {}}}]);
    let answer = json!({"wants": {"request": true}, "request": {"answer": said}});
    let upstream = Upstream::start(Script::stream("")).await;
    let host = TestHost::start(&upstream.url, vec![spec("test/scripted", answer)]).await;
    for dialect in Dialect::ALL {
        let client = Client::of(dialect, &host.url);
        let streamed = dialect.turn(&client.stream("hi").await);
        let whole: Value = client.ask("hi", false).await.json().await.expect("JSON");
        for turn in [streamed, dialect.turn_of(&whole)] {
            turn.assert_next_turn_is_accepted();
            assert_eq!(turn.texts, ["from the policy"], "{dialect:?}");
            assert_eq!(turn.tools(), ["ls"], "{dialect:?}");
        }
    }
    let silent = |route: &&Route| route.judges_requests() && route.judged != Judged::Exchange;
    for route in ROUTES.iter().filter(silent) {
        let request = routes::request(route, "hi").to_string();
        let client = Client::of(routes::dialect(route), &host.url);
        let refused = client.post(&routes::path(route), request).await;
        assert_eq!(refused.status(), 403, "{}: words are no reply", route.path);
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn an_edit_changes_its_field_and_no_other_byte() {
    for dialect in Dialect::ALL {
        let request = dialect.request("hi", true);
        let sent = sent(
            dialect,
            vec![editing(json!([{"model": "other"}]))],
            &request,
        )
        .await;
        let expected = request.to_string().replace(dialect.model(), "other");
        assert_eq!(sent, expected, "{dialect:?}");
    }
}

#[tokio::test]
async fn requests_pass_policies_first_to_last() {
    for dialect in Dialect::ALL {
        let add = |text: &str| editing(json!([{"append-system": text}]));
        let policies = vec![add("do this first"), add("do that second")];
        let sent = sent(dialect, policies, &dialect.request("hi", true)).await;
        let (first, second) = (sent.find("do this first"), sent.find("do that second"));
        assert!(first.is_some() && first < second, "{dialect:?}: {sent}");
    }
}

#[tokio::test]
async fn what_is_new_in_a_request_is_replaced() {
    let edits = json!([{"replace-news": {"contains": "secret", "text": "harmless"}}]);
    for dialect in Dialect::ALL {
        let request = dialect.request("a secret", true);
        let sent = sent(dialect, vec![editing(edits.clone())], &request).await;
        let expected = request.to_string().replace("a secret", "harmless");
        assert_eq!(sent, expected, "{dialect:?}");
    }
}

#[tokio::test]
async fn a_tool_is_taken_out_of_a_request() {
    let edits = json!([{"remove-tool": "Bash"}]);
    for dialect in Dialect::ALL {
        let request = dialect.late_request("ls", "a", &["Bash", "Read"]);
        let sent = sent(dialect, vec![editing(edits.clone())], &request).await;
        let mut expected = request.clone();
        expected["tools"].as_array_mut().expect("tools").remove(0);
        let sent: Value = serde_json::from_str(&sent).expect("JSON");
        assert_eq!(sent, expected, "{dialect:?}");
    }
}
