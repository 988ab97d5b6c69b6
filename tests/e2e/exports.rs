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
