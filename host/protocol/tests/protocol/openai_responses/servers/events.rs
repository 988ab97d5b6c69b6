//! Servers that leave events out, or have others.

use serde_json::{Value, json};

use super::{
    Case, LS, added, call, completed, created, delta, done, event, function, message, of, part,
    text, thinking,
};

pub(super) fn cases() -> Vec<Case> {
    let said = message(json!([part("Hello")]));
    let mut unnamed = said.clone();
    unnamed.as_object_mut().unwrap().remove("id");
    let begun = message(json!([]));
    let summary = json!({ "id": "rs_1", "type": "reasoning", "summary": [{ "type": "summary_text", "text": "hm" }], "encrypted_content": "hm" });
    let of_part = |delta: Value| {
        event(
            "content_part.delta",
            json!({ "output_index": 0, "content_index": 0, "delta": delta }),
        )
    };
    vec![
        (
            "text in content_part.delta, response.done (OpenRouter's documents: responses/basic-usage)",
            vec![
                created(),
                of_part(json!("Hel")),
                of_part(json!("lo")),
                done(0, &unnamed),
                done(1, &function("call_1", LS)),
                event(
                    "done",
                    json!({ "response": { "id": "resp_1", "status": "completed", "usage": { "total_tokens": 3 } } }),
                ),
            ],
            vec![text("Hello"), call("call_1")],
        ),
        (
            "objects with a text in content_part.delta (proxies in front of chat models)",
            vec![
                created(),
                added(0, &begun),
                of(
                    "content_part.added",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "part": part("") }),
                ),
                of_part(json!({ "type": "output_text", "text": "Hel" })),
                of_part(json!({ "type": "output_text", "text": "lo" })),
                done(0, &said),
                completed(json!([said])),
            ],
            vec![text("Hello")],
        ),
        (
            "thinking in deltas of a part that is not added (Ollama: openai/responses.go)",
            vec![
                created(),
                added(
                    0,
                    &json!({ "id": "rs_1", "type": "reasoning", "summary": [] }),
                ),
                of(
                    "reasoning_summary_text.delta",
                    0,
                    "rs_1",
                    json!({ "summary_index": 0, "delta": "h" }),
                ),
                of(
                    "reasoning_summary_text.delta",
                    0,
                    "rs_1",
                    json!({ "summary_index": 0, "delta": "m" }),
                ),
                of(
                    "reasoning_summary_text.done",
                    0,
                    "rs_1",
                    json!({ "summary_index": 0, "text": "hm" }),
                ),
                done(0, &summary),
                added(1, &function("call_1", "")),
                of(
                    "function_call_arguments.delta",
                    1,
                    "fc_call_1",
                    json!({ "delta": LS }),
                ),
                of(
                    "function_call_arguments.done",
                    1,
                    "fc_call_1",
                    json!({ "arguments": LS }),
                ),
                done(1, &function("call_1", LS)),
                completed(json!([summary, function("call_1", LS)])),
            ],
            vec![thinking("hm"), call("call_1")],
        ),
        (
            "no end of the call, and an empty message in its place at the end (SGLang's router: issue 12652)",
            vec![
                created(),
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
                completed(json!([message(json!([{ "type": "text", "text": "" }]))])),
            ],
            vec![call("call_1"), text("")],
        ),
        (
            "deltas of no item, calls at the end alone (LiteLLM: issue 22102, openai/codex pull request 12798)",
            vec![
                delta(0, 0, "Hel"),
                delta(0, 0, "lo"),
                completed(json!([said, function("call_1", LS)])),
            ],
            vec![text("Hello"), call("call_1")],
        ),
        (
            "no output_text.done (Llama Stack: ogx-ai/ogx issue 5309)",
            vec![
                created(),
                added(0, &begun),
                of(
                    "content_part.added",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "part": part("") }),
                ),
                delta(0, 0, "Hello"),
                of(
                    "content_part.done",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "part": part("Hello") }),
                ),
                done(0, &said),
                completed(json!([said])),
            ],
            vec![text("Hello")],
        ),
        (
            "no events of parts (sub2api: issue 2875)",
            vec![
                created(),
                added(0, &begun),
                delta(0, 0, "Hel"),
                delta(0, 0, "lo"),
                of(
                    "output_text.done",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "text": "Hello" }),
                ),
                done(0, &said),
                completed(json!([])),
            ],
            vec![text("Hello")],
        ),
        (
            "the finished text alone (gemini-web2api: pull request 57)",
            vec![
                created(),
                of(
                    "output_text.done",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "text": "Hello" }),
                ),
                completed(json!([said])),
            ],
            vec![text("Hello")],
        ),
        (
            "what filters found beside each item, padding (Azure: vercel/ai, azure-gpt5 fixtures)",
            vec![
                created(),
                added(0, &begun),
                of(
                    "content_part.added",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "part": part("") }),
                ),
                of(
                    "output_text.delta",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "delta": "Hello", "logprobs": [], "obfuscation": "k2" }),
                ),
                of(
                    "output_text.done",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "text": "Hello", "logprobs": [] }),
                ),
                of(
                    "content_part.done",
                    0,
                    "msg_1",
                    json!({ "content_index": 0, "part": part("Hello") }),
                ),
                done(0, &said),
                event(
                    "completed",
                    json!({ "response": { "id": "resp_1", "status": "completed", "output": [said], "content_filters": [{ "blocked": false, "source_type": "completion", "content_filter_results": { "hate": { "filtered": false, "severity": "safe" } } }] } }),
                ),
            ],
            vec![text("Hello")],
        ),
    ]
}
