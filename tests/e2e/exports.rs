//! Conversations as an operator reads them in an export.

use serde_json::{Value, json};
use sluice_tests::client::http;
use sluice_tests::host::Parts;
use sluice_tests::record::Recorded;
use sluice_tests::{Script, TestHost, Upstream};

/// A whole reply with this content.
fn reply(content: Value) -> Script {
    let message = json!({
        "id": "m", "type": "message", "role": "assistant", "model": "m", "content": content,
        "stop_reason": "end_turn", "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1},
    });
    Script::json(200, message.to_string())
}

async fn ask(host: &TestHost, session: &str, messages: Value) {
    let asked = http().post(format!("{}/v1/messages", host.url));
    let asked = asked
        .header("x-api-key", "k")
        .header("x-session-id", session);
    let body = json!({"model": "m", "max_tokens": 9, "messages": messages});
    let got = asked.json(&body).send().await.expect("an answer");
    assert_eq!(got.status(), 200);
    got.bytes().await.expect("the reply ends well");
}

#[tokio::test]
async fn a_call_and_its_result_stand_together_though_sessions_take_turns() {
    let call =
        json!({"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}});
    let upstream = Upstream::start(reply(json!([call]))).await;
    let (recorded, recorder) = Recorded::new().await;
    let parts = Parts {
        recorder: Some(recorder),
        store: Some(recorded.store.clone()),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let question = json!({"role": "user", "content": "what is here?"});
    ask(&host, "first", json!([question])).await;
    recorded.exchanges(1).await;
    upstream.play(reply(json!([{"type": "text", "text": "good day"}])));
    let picture = json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}});
    ask(
        &host,
        "second",
        json!([{"role": "user", "content": [picture]}]),
    )
    .await;
    recorded.exchanges(2).await;
    let result = json!({"type": "tool_result", "tool_use_id": "toolu_1", "content": "a file"});
    let messages = json!([
        question,
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]);
    ask(&host, "first", messages).await;
    recorded.exchanges(3).await;
    let asked = http().get(format!("{}/api/v1/export?format=markdown", host.admin_url));
    let asked = asked.bearer_auth(&host.admin_key).send().await;
    let told = asked.expect("an answer").text().await.expect("text");
    assert!(!told.contains("no result was recorded"), "{told}");
    let call = told.find("**tool** `Bash`").expect("the call is told");
    let result = told.find("a file").expect("the result is told");
    assert!(
        told.find("good day").is_some_and(|other| other < call),
        "{told}"
    );
    assert!(call < result, "{told}");
    assert!(told.contains("> nothing of it is text"), "{told}");
}

/// What the operators' door tells.
async fn told(host: &TestHost, path: &str) -> (u16, String) {
    let asked = http().get(format!("{}/api/v1{path}", host.admin_url));
    let asked = asked.bearer_auth(&host.admin_key).send().await;
    let answer = asked.expect("an answer");
    (
        answer.status().as_u16(),
        answer.text().await.expect("a text"),
    )
}

#[tokio::test]
async fn a_conversation_that_goes_on_under_another_id_is_told_as_one() {
    let found = "The parser reads each line twice, which costs a third of the time. ".repeat(4);
    let said = json!([{"type": "text", "text": found}]);
    let upstream = Upstream::start(reply(said.clone())).await;
    let (recorded, recorder) = Recorded::new().await;
    let parts = Parts {
        recorder: Some(recorder),
        store: Some(recorded.store.clone()),
        ..Parts::default()
    };
    let host = TestHost::with(&upstream.url, parts).await;
    let question = json!({"role": "user", "content": "what is slow?"});
    ask(&host, "first", json!([question])).await;
    recorded.exchanges(1).await;
    upstream.play(reply(json!([{"type": "text", "text": "it is mended"}])));
    let resumed = json!([
        question,
        {"role": "assistant", "content": said},
        {"role": "user", "content": "mend it"},
    ]);
    ask(&host, "second", resumed).await;
    recorded.exchanges(2).await;

    let sessions = told(&host, "/sessions?order=oldest-first").await.1;
    let sessions: Value = serde_json::from_str(&sessions).expect("JSON");
    let [first, second] = [0, 1].map(|at| &sessions["entries"][at]);
    assert_eq!(
        (&first["key"], &second["key"]),
        (&json!("first"), &json!("second"))
    );
    assert_eq!(
        (&first["continues"], &first["continued_by"]),
        (&Value::Null, &second["id"])
    );
    assert_eq!(
        (&second["continues"], &second["continued_by"]),
        (&first["id"], &Value::Null)
    );
    let id = second["id"].as_str().expect("an id");
    let tree = told(&host, &format!("/sessions/{id}/tree")).await.1;
    let tree: Value = serde_json::from_str(&tree).expect("JSON");
    assert_eq!(tree["agents"][0]["session"]["id"], second["id"]);
    let line = json!([{"depth": 0, "session": first}, {"depth": 1, "session": second}]);
    assert_eq!(tree["line"], line);

    let first = first["id"].as_str().expect("an id");
    let goes_on = format!("It goes on from session {first}.");
    for path in [
        format!("/sessions/{id}/export?"),
        format!("/export?session={id}&"),
    ] {
        let (_, alone) = told(&host, &format!("{path}format=markdown")).await;
        assert!(
            alone.contains(&goes_on) && alone.contains("it is mended"),
            "{alone}"
        );
        assert!(!alone.contains("what is slow?"), "{alone}");
        let (_, joined) = told(&host, &format!("{path}joined=true")).await;
        let places = ["what is slow?", &goes_on, "it is mended"].map(|part| joined.find(part));
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{joined}"
        );
        assert!(joined.ends_with(&alone), "{joined}");
    }
    // Where no session is named, nothing is left out that could be joined.
    let (_, all) = told(&host, "/export").await;
    assert_eq!(told(&host, "/export?joined=true").await, (200, all));
    let (status, _) = told(&host, "/export?session=999999&joined=true").await;
    assert_eq!(status, 404);
}
