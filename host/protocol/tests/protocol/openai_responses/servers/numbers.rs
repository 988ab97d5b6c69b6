//! Servers that number items, parts or deltas in their own way.

use serde_json::{Value, json};

use super::{
    Case, LS, added, call, completed, created, delta, done, event, function, message, of, part,
    text, thinking,
};

pub(super) fn cases() -> Vec<Case> {
    let said = message(json!([part("Hello")]));
    let reasoning = json!({ "id": "rs_1", "type": "reasoning", "summary": [],
        "content": [{ "type": "reasoning_text", "text": "hm" }], "encrypted_content": "" });
    let begun = |item: &Value| {
        let mut item = item.clone();
        item["content"] = json!([]);
        item
    };
    let by_id = |name: &str, id: &str, fields: Value| {
        let mut event = event(name, fields);
        event["item_id"] = json!(id);
        event
    };
    let item = |name: &str, json: &Value| event(name, json!({ "item": json }));
    let mut call_without_id = function("call_1", LS);
    call_without_id.as_object_mut().unwrap().remove("id");
    let mut open_call = call_without_id.clone();
    open_call["arguments"] = json!("");
    vec![
        (
            "no numbers at all, all ends at the end (llama.cpp: tools/server/server-task.cpp)",
            vec![
                created(),
                item("output_item.added", &begun(&reasoning)),
                by_id("reasoning_text.delta", "rs_1", json!({ "delta": "h" })),
                by_id("reasoning_text.delta", "rs_1", json!({ "delta": "m" })),
                item("output_item.added", &begun(&said)),
                by_id(
                    "content_part.added",
                    "msg_1",
                    json!({ "part": { "type": "output_text", "text": "" } }),
                ),
                by_id("output_text.delta", "msg_1", json!({ "delta": "Hel" })),
                by_id("output_text.delta", "msg_1", json!({ "delta": "lo" })),
                item("output_item.added", &open_call),
                by_id(
                    "function_call_arguments.delta",
                    "call_1",
                    json!({ "delta": r#"{"command":"# }),
                ),
                by_id(
                    "function_call_arguments.delta",
                    "call_1",
                    json!({ "delta": r#""ls"}"# }),
                ),
                item("output_item.done", &reasoning),
                by_id("output_text.done", "msg_1", json!({ "text": "Hello" })),
                by_id(
                    "content_part.done",
                    "msg_1",
                    json!({ "part": part("Hello") }),
                ),
                item("output_item.done", &said),
                item("output_item.done", &call_without_id),
                completed(json!([reasoning, said, call_without_id])),
            ],
            vec![thinking("hm"), text("Hello"), call("call_1")],
        ),
        (
            "a content_index for each delta (vLLM: pull request 29947)",
            vec![
                created(),
                added(0, &begun(&said)),
                of(
                    "content_part.added",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "part": part("") }),
                ),
                delta(0, 0, "He"),
                delta(0, 1, "l"),
                delta(0, 2, "lo"),
                of(
                    "output_text.done",
                    0,
                    "msg_1",
                    json!({ "content_index": 3, "text": "Hello" }),
                ),
                of(
                    "content_part.done",
                    0,
                    "msg_1",
                    json!({ "content_index": 4, "part": part("Hello") }),
                ),
                done(0, &said),
                completed(json!([said])),
            ],
            vec![text("Hello")],
        ),
        (
            "a content_index that goes on from the item before (vLLM: issue 45742)",
            vec![
                created(),
                added(0, &begun(&reasoning)),
                of(
                    "reasoning_text.delta",
                    0,
                    "rs_1",
                    json!({ "content_index": 0, "delta": "hm" }),
                ),
                done(0, &reasoning),
                added(1, &begun(&said)),
                of(
                    "content_part.added",
                    1,
                    "msg_1",
                    json!({ "content_index": 1, "part": part("") }),
                ),
                delta(1, 1, "Hel"),
                delta(1, 1, "lo"),
                of(
                    "output_text.done",
                    1,
                    "msg_1",
                    json!({ "content_index": 1, "text": "Hello" }),
                ),
                of(
                    "content_part.done",
                    1,
                    "msg_1",
                    json!({ "content_index": 1, "part": part("Hello") }),
                ),
                done(1, &said),
                completed(json!([reasoning, said])),
            ],
            vec![thinking("hm"), text("Hello")],
        ),
        (
            "a call at the place of a text that is never done (Ollama: openai/responses.go)",
            vec![
                created(),
                added(0, &begun(&said)),
                of(
                    "content_part.added",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "part": part("") }),
                ),
                delta(0, 0, "Hel"),
                delta(0, 0, "lo"),
                added(0, &function("call_1", "")),
                of(
                    "function_call_arguments.delta",
                    0,
                    "fc_call_1",
                    json!({ "delta": LS }),
                ),
                of(
                    "function_call_arguments.done",
                    0,
                    "fc_call_1",
                    json!({ "arguments": LS }),
                ),
                done(0, &function("call_1", LS)),
                completed(json!([function("call_1", LS)])),
            ],
            vec![text("Hello"), call("call_1")],
        ),
        (
            "a call alone at place 1, named by its call_id (LiteLLM: litellm_completion_transformation)",
            vec![
                created(),
                added(
                    1,
                    &json!({ "id": "call_1", "type": "function_call", "status": "in_progress", "call_id": "call_1", "name": "Bash", "arguments": "" }),
                ),
                of(
                    "function_call_arguments.delta",
                    1,
                    "call_1",
                    json!({ "delta": r#"{"command""# }),
                ),
                of(
                    "function_call_arguments.delta",
                    1,
                    "call_1",
                    json!({ "delta": r#":"ls"}"# }),
                ),
                of(
                    "function_call_arguments.done",
                    1,
                    "call_1",
                    json!({ "arguments": LS }),
                ),
                done(
                    1,
                    &json!({ "id": "call_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": "Bash", "arguments": LS }),
                ),
                completed(
                    json!([{ "id": "call_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": "Bash", "arguments": LS }]),
                ),
            ],
            vec![call("call_1")],
        ),
    ]
}
