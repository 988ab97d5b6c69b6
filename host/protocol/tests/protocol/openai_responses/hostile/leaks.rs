//! Replies that try to say something that no policy hears.

use serde_json::json;
use sluice_protocol::{Delivery, PieceRuling, Wants};

use super::{Strict, added, arguments, call, completed, created, done, event, message, text};
use crate::{
    drive,
    openai_responses::OpenaiResponses,
    recorded::EVERYTHING,
    rulings::{KEEP, Ruled, TOOLS},
};

/// Whatever becomes of the stream, what the judge leaves out does not go out.
fn leaks_nothing(events: &[String]) {
    let stream = created() + &events.concat();
    let texts = Wants {
        text: Delivery::Whole,
        ..TOOLS
    };
    for wants in [EVERYTHING, texts] {
        let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], wants, &mut Strict);
        let sent = String::from_utf8(outcome.sent).unwrap();
        assert!(!sent.contains("agent_"), "{sent} of {stream}");
    }
}

#[test]
fn a_call_does_not_pass_unjudged() {
    let (evil, good, open) = (call("agent_", "{}"), call("n", "{}"), call("n", ""));
    let said = message("agent_");
    let empty = json!({ "id": "msg_1", "type": "message", "content": [] });
    let end = |item| completed(&json!([item]));
    let more = arguments("delta", "delta", "agent_");
    let all = arguments("done", "arguments", "agent_");
    let mut object = call("n", "");
    object["arguments"] = json!({ "command": "agent_" });
    for events in [
        vec![end(&evil)],
        vec![done(0, &evil), end(&evil)],
        vec![added(0, &open), done(0, &evil), end(&evil)],
        vec![added(0, &evil), done(0, &good), end(&good)],
        vec![added(0, &empty), done(0, &evil), end(&evil)],
        vec![added(0, &object), done(0, &good), end(&good)],
        vec![added(0, &evil), done(0, &said), end(&said)],
        vec![added(0, &good), done(0, &good), end(&evil)],
        vec![
            added(0, &good),
            done(0, &good),
            completed(&json!([good, evil])),
        ],
        vec![added(0, &good), added(0, &evil), done(0, &good)],
        vec![added(0, &good), done(0, &good), done(0, &evil), end(&good)],
        vec![added(0, &good), done(0, &good), more.clone()],
        vec![added(0, &open), more.clone(), done(0, &good), end(&good)],
        vec![added(0, &open), all.clone(), done(0, &good), end(&good)],
        vec![added(0, &empty), all],
        vec![more],
        vec![completed(&json!([])), added(0, &evil), done(0, &evil)],
        vec![completed(&json!([])), end(&evil)],
    ] {
        leaks_nothing(&events);
    }
}

#[test]
fn a_text_does_not_pass_unjudged() {
    let said = message("agent_");
    let empty = json!({ "id": "msg_1", "type": "message", "content": [] });
    let end = |item| completed(&json!([item]));
    let part = |step: &str| {
        let part = json!({ "type": "output_text", "text": "agent_" });
        let fields = json!({ "output_index": 0, "content_index": 0, "part": part });
        event(&format!("response.content_part.{step}"), fields)
    };
    let harmless = done(0, &message("x"));
    for events in [
        vec![end(&said)],
        vec![text("delta", "delta", "agent_")],
        vec![added(0, &call("n", "")), text("delta", "delta", "agent_")],
        vec![
            added(0, &empty),
            text("delta", "delta", "agent_"),
            harmless.clone(),
        ],
        vec![
            added(0, &empty),
            text("done", "text", "agent_"),
            harmless.clone(),
        ],
        vec![added(0, &empty), part("added"), harmless.clone()],
        vec![added(0, &empty), part("done"), harmless.clone()],
        vec![added(0, &said), harmless],
        vec![added(0, &message("x")), done(0, &said), end(&said)],
    ] {
        leaks_nothing(&events);
    }
}

#[test]
fn a_text_in_an_event_that_is_not_known_does_not_pass_unjudged() {
    let empty = json!({ "id": "msg_1", "type": "message", "role": "assistant", "content": [] });
    let of_part = |name: &str, fields: serde_json::Value| {
        let mut data = json!({ "output_index": 0, "content_index": 0, "item_id": "msg_1" });
        let fields = fields.as_object().unwrap().clone();
        data.as_object_mut().unwrap().extend(fields);
        event(name, data)
    };
    let part = json!({ "part": { "type": "output_text", "annotations": [], "text": "" } });
    let begun = [
        added(0, &empty),
        of_part("response.content_part.added", part),
    ];
    let ended = [done(0, &message("x")), completed(&json!([message("x")]))];
    for said in [
        of_part("response.content_part.delta", json!({ "delta": "agent_" })),
        of_part(
            "response.content_part.delta",
            json!({ "delta": { "type": "output_text", "text": "agent_" } }),
        ),
        of_part("response.text.delta", json!({ "delta": "agent_" })),
        of_part("response.text.done", json!({ "text": "agent_" })),
        of_part("response.news", json!({ "refusal": "agent_" })),
    ] {
        let events = [&begun[..], &[said], &ended].concat();
        leaks_nothing(&events);
        let pieces = Wants {
            text: Delivery::Pieces,
            ..TOOLS
        };
        let stream = created() + &events.concat();
        let mut ruled = Ruled {
            piece: |text| PieceRuling::Send(text.replace("agent_", "")),
            ..KEEP
        };
        let outcome = drive::stream::<OpenaiResponses>([stream.as_bytes()], pieces, &mut ruled);
        let sent = String::from_utf8(outcome.sent).unwrap();
        assert!(!sent.contains("agent_"), "{sent} of {stream}");
    }
}

#[test]
fn no_event_carries_what_its_kind_does_not_have() {
    let evil = call("agent_", "{}");
    let output = json!({ "response": { "output": [evil] } });
    let text = json!({ "response": { "output_text": "agent_", "output": [] } });
    for events in [
        event("response.created", output.clone()),
        event("response.in_progress", text.clone()),
        event("response.failed", output.clone()),
        event("error", output.clone()),
        event("error", json!({ "item": evil })),
        event("response.news", json!({ "item": evil })),
        event("response.news", output),
        event("response.completed", text),
    ] {
        leaks_nothing(&[events]);
    }
}

#[test]
fn content_cannot_be_smuggled_past_the_policies() {
    let evil = call("agent_", "{}");
    let item = |json: &str| {
        let data =
            format!(r#"{{"type":"response.output_item.done","output_index":0,"item":{json}}}"#);
        format!("data: {data}\n\n")
    };
    let twice = r#"{"type":"message","content":[],"type":"function_call","name":"agent_","call_id":"a","arguments":"{}"}"#;
    let escaped = r#"{"type":"message","content":[],"ty\u0070e":"function_call","name":"agent_","call_id":"a","arguments":"{}"}"#;
    let named =
        r#"{"type":"function_call","name":"n","call_id":"a","arguments":"{}","name":"agent_"}"#;
    let part =
        r#"{"type":"message","content":[{"type":"output_text","text":"x","text":"agent_"}]}"#;
    let content =
        r#"{"type":"message","content":[],"content":[{"type":"output_text","text":"agent_"}]}"#;
    for json in [twice, escaped, named, part, content] {
        leaks_nothing(&[item(json)]);
    }
    let misnamed = |name: &str| {
        let mut data = json!({ "output_index": 0, "item": evil });
        data["type"] = json!("response.output_item.done");
        format!("event: {name}\ndata: {data}\n\n")
    };
    leaks_nothing(&[misnamed("keepalive")]);
    leaks_nothing(&[misnamed("error")]);
    leaks_nothing(&[misnamed("response.output_text.delta")]);
    let items = format!(
        r#"data: {{"type":"response.output_item.done","output_index":0,"item":{{}},"item":{evil}}}"#
    );
    leaks_nothing(&[items + "\n\n"]);
    let deep = format!(
        "data: {{\"type\":\"response.output_item.done\",\"x\":{}{},\"item\":{evil}}}\n\n",
        "[".repeat(200),
        "]".repeat(200)
    );
    leaks_nothing(&[deep]);
    let whole = format!(r#"{{"output":[],"output":[{evil}]}}"#);
    let outcome = drive::whole::<OpenaiResponses>(whole.as_bytes(), EVERYTHING, &mut Strict);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(sent.contains("[no]") && !sent.contains("agent_"), "{sent}");
}
