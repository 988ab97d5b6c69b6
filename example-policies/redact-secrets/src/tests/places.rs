//! Where secrets are found in a request and a reply, and how they are numbered.

use serde_json::{Value, json};
use sluice_policy_sdk::{Block, RequestVerdict, ToolCall};

use super::{random, run};

#[test]
fn the_same_secret_has_the_same_placeholder() {
    let (one, two) = (
        format!("ghp_{}", random(60, 36)),
        format!("ghp_{}", random(61, 36)),
    );
    let mut run = run(json!({})).with_text(&format!("{one} {two} {one}"));
    assert_eq!(run.request(), RequestVerdict::Forward);
    assert_eq!(
        run.body()["messages"][0]["content"],
        "[REDACTED:github-token:1] [REDACTED:github-token:2] [REDACTED:github-token:1]"
    );
    assert_eq!(
        run.text(&[&two]),
        Ok("[REDACTED:github-token:2]".to_owned())
    );
}

fn conversation(secret: &str) -> Value {
    json!({
        "system": format!("Deploy with {secret}."),
        "messages": [
            {"role": "user", "content": format!("first {secret}")},
            {"role": "assistant", "content": [
                {"type": "text", "text": "I see [REDACTED:github-token:4]."},
                {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": secret}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": format!("= {secret}")}]},
        ],
    })
}

#[test]
fn history_and_system_are_redacted_and_tool_calls_are_not() {
    let secret = format!("ghp_{}", random(70, 36));
    let other = format!("ghp_{}", random(71, 36));
    let mut run = run(json!({})).with_body(conversation(&secret));
    assert_eq!(run.request(), RequestVerdict::Forward);
    let body = run.body();
    assert_eq!(body["system"], "Deploy with [REDACTED:github-token:1].");
    assert_eq!(
        body["messages"][0]["content"],
        "first [REDACTED:github-token:1]"
    );
    assert_eq!(
        body["messages"][1]["content"][1]["input"]["command"],
        *secret
    );
    let result = &body["messages"][2]["content"][0]["content"];
    assert_eq!(*result, "= [REDACTED:github-token:1]");
    // Number 4 is in the conversation already, so it belongs to another secret.
    assert_eq!(
        run.text(&[&other]),
        Ok("[REDACTED:github-token:5]".to_owned())
    );
}

#[test]
fn each_place_can_be_chosen() {
    let secret = format!("ghp_{}", random(72, 36));
    let places = |config: Value| {
        let mut run = run(config).with_body(conversation(&secret));
        assert_eq!(run.request(), RequestVerdict::Forward);
        let body = run.body();
        let redacted = |pointer: &str| {
            let text = body.pointer(pointer).and_then(Value::as_str);
            text.is_some_and(|text| !text.contains(&secret))
        };
        [
            redacted("/system"),
            redacted("/messages/0/content"),
            redacted("/messages/1/content/1/input/command"),
            redacted("/messages/2/content/0/content"),
        ]
    };
    assert_eq!(
        places(json!({"history": false})),
        [true, false, false, true]
    );
    assert_eq!(places(json!({"system": false})), [false, true, false, true]);
    assert_eq!(
        places(json!({"tool_calls": true})),
        [true, true, true, true]
    );
    assert_eq!(places(json!({"request": false})), [false; 4]);
}

#[test]
fn tool_calls_of_replies_are_redacted_on_demand() {
    let secret = format!("ghp_{}", random(73, 36));
    let call = Block::tool_call("t", "Bash", &json!({"command": format!("echo {secret}")}));
    let delivered = run(json!({})).reply([call.clone()]);
    assert_eq!(delivered.verdicts, []);
    let delivered = run(json!({"tool_calls": true})).reply([call]);
    let command = json!({"command": "echo [REDACTED:github-token:1]"});
    assert_eq!(delivered.blocks, [Block::tool_call("t", "Bash", &command)]);
}

#[test]
fn a_tool_call_that_was_cut_off_is_dropped_where_it_holds_a_secret() {
    let cut = |text: &str| {
        let arguments = json!(format!("{{\"command\": \"echo {text}")).to_string();
        let (id, name) = ("t".to_owned(), "Bash".to_owned());
        Block::ToolCall(ToolCall {
            id,
            name,
            arguments,
        })
    };
    let secret = format!("ghp_{}", random(74, 36));
    let mut run = run(json!({"tool_calls": true}));
    let delivered = run.reply([cut(&secret), cut("nothing")]);
    assert_eq!(delivered.blocks, [cut("nothing")]);
}
