//! Replies as servers send them that offer this API for other models: each is delivered under policies that want everything,
//! and says the same as without.

use serde_json::{Value, json};

use super::OpenaiChat;
use crate::{
    dialect::{Content, Dialect as _},
    drive::{self, KeepAll},
    joined_recorded::goes_on,
    readers::READERS,
    recorded::EVERYTHING,
};

/// What a server sends, chunk by chunk, and the blocks in it.
type Case = (&'static str, Vec<Value>, Vec<Content>);

fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

fn thinking(text: &str) -> Content {
    Content::Thinking(text.to_owned())
}

fn call(id: &str, command: &str) -> Content {
    Content::ToolCall {
        id: id.to_owned(),
        name: "Bash".to_owned(),
        arguments: json!({ "command": command }),
    }
}

/// The only choice of a chunk.
fn choice(delta: &Value, reason: Option<&str>) -> Value {
    json!([{ "index": 0, "delta": delta, "finish_reason": reason }])
}

fn function(command: &str) -> Value {
    json!({ "name": "Bash", "arguments": json!({ "command": command }).to_string() })
}

fn said(delta: &Value) -> Value {
    json!({ "choices": choice(delta, None) })
}

/// Servers that tell calls otherwise.
fn calls() -> Vec<Case> {
    let called = json!({ "choices": choice(&json!({}), Some("tool_calls")) });
    vec![
        (
            "calls without an index, a signature beside each, no id of the reply (Gemini)",
            vec![
                said(
                    &json!({ "role": "assistant", "tool_calls": [{ "id": "a", "type": "function", "function": function("ls"), "extra_content": { "google": { "thought_signature": "c2ln" } } }] }),
                ),
                said(
                    &json!({ "role": "assistant", "tool_calls": [{ "id": "b", "type": "function", "function": function("pwd") }] }),
                ),
                json!({ "choices": choice(&json!({ "role": "assistant" }), Some("tool_calls")), "usage": { "total_tokens": 3 } }),
            ],
            vec![call("a", "ls"), call("b", "pwd")],
        ),
        (
            "every call at index 0 (translating proxies)",
            vec![
                said(
                    &json!({ "role": "assistant", "content": "", "tool_calls": [{ "index": 0, "id": "a", "type": "function", "function": function("ls") }] }),
                ),
                said(
                    &json!({ "role": "assistant", "content": "", "tool_calls": [{ "index": 0, "id": "b", "type": "function", "function": function("pwd") }] }),
                ),
                called.clone(),
            ],
            vec![call("a", "ls"), call("b", "pwd")],
        ),
        (
            "a call in the place of the list (text-generation-inference)",
            vec![
                said(
                    &json!({ "role": "assistant", "tool_calls": { "index": 0, "id": "a", "type": "function", "function": { "name": "Bash", "arguments": "{\"command\":" } } }),
                ),
                said(
                    &json!({ "role": "assistant", "tool_calls": { "index": 0, "id": "", "type": "function", "function": { "name": null, "arguments": "\"ls\"}" } } }),
                ),
                called.clone(),
            ],
            vec![call("a", "ls")],
        ),
        (
            "id and type in each piece, the name in the first (vLLM)",
            vec![
                said(&json!({ "role": "assistant", "content": "" })),
                said(
                    &json!({ "tool_calls": [{ "index": 0, "id": "a", "type": "function", "function": { "name": "Bash", "arguments": "" } }] }),
                ),
                said(
                    &json!({ "tool_calls": [{ "index": 0, "id": "a", "type": "function", "function": { "arguments": "{\"command\": " } }] }),
                ),
                said(
                    &json!({ "tool_calls": [{ "index": 0, "id": "a", "type": "function", "function": { "arguments": "\"ls\"}" } }] }),
                ),
                called.clone(),
            ],
            vec![call("a", "ls")],
        ),
    ]
}

/// Servers that run models on one's own machine, and Azure. Where a shape was seen stands beside it.
fn local() -> Vec<Case> {
    let called = json!({ "choices": choice(&json!({}), Some("tool_calls")) });
    let stop = json!({ "choices": choice(&json!({}), Some("stop")) });
    let safe = json!({ "hate": { "filtered": false, "severity": "safe" } });
    let tool = |tool: Value| json!({ "tool_calls": [tool] });
    vec![
        (
            "no content in the first delta, timings (llama.cpp: tools/server/server-task.cpp)",
            vec![
                said(&json!({ "role": "assistant", "content": null })),
                said(&json!({ "reasoning_content": "hm" })),
                said(&tool(
                    json!({ "index": 0, "id": "a", "type": "function", "function": { "name": "Bash", "arguments": "{" } }),
                )),
                said(&tool(
                    json!({ "index": 0, "function": { "arguments": "\"command\":\"ls\"}" } }),
                )),
                called.clone(),
                json!({ "choices": [], "usage": { "total_tokens": 3 }, "timings": { "prompt_n": 1 } }),
            ],
            vec![thinking("hm"), call("a", "ls")],
        ),
        (
            "null for all that a delta does not say (SGLang: entrypoints/openai/protocol.py)",
            vec![
                said(
                    &json!({ "role": "assistant", "content": "", "reasoning_content": null, "tool_calls": null }),
                ),
                said(
                    &json!({ "role": null, "content": null, "reasoning_content": "hm", "tool_calls": null }),
                ),
                said(
                    &json!({ "role": null, "content": null, "reasoning_content": null, "tool_calls": [{ "id": "a", "index": 0, "type": "function", "function": { "name": "Bash", "arguments": "" } }] }),
                ),
                said(
                    &json!({ "role": null, "content": null, "reasoning_content": null, "tool_calls": [{ "id": null, "index": 0, "type": "function", "function": { "name": null, "arguments": "{\"command\":\"ls\"}" } }] }),
                ),
                json!({ "choices": [{ "index": 0, "delta": { "role": null, "content": null, "reasoning_content": null, "tool_calls": null }, "logprobs": null, "finish_reason": "tool_calls", "matched_stop": null }], "usage": null }),
            ],
            vec![thinking("hm"), call("a", "ls")],
        ),
        (
            "each call whole, an empty text beside it (Ollama: openai/openai.go)",
            vec![
                said(&json!({ "role": "assistant", "content": "", "reasoning": "hm" })),
                said(
                    &json!({ "role": "assistant", "content": "", "tool_calls": [{ "id": "a", "index": 0, "type": "function", "function": function("ls") }] }),
                ),
                said(
                    &json!({ "role": "assistant", "content": "", "tool_calls": [{ "id": "b", "index": 1, "type": "function", "function": function("pwd") }] }),
                ),
                json!({ "choices": choice(&json!({ "role": "assistant", "content": "" }), Some("tool_calls")) }),
            ],
            vec![thinking("hm"), call("a", "ls"), call("b", "pwd")],
        ),
        (
            "what filters found: of the prompt in no choice, of texts beside them, and later in a choice without a delta (Azure: microsoft/semantic-kernel issue 7250, microsoft/autogen issue 6465)",
            vec![
                json!({ "id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": safe }] }),
                json!({ "id": "chatcmpl-1", "choices": [{ "index": 0, "content_filter_results": {}, "delta": { "role": "assistant", "content": "" }, "finish_reason": null, "logprobs": null }] }),
                json!({ "id": "chatcmpl-1", "choices": [{ "index": 0, "content_filter_results": safe, "delta": { "content": "Hel" }, "finish_reason": null, "logprobs": null }] }),
                json!({ "id": "", "object": "", "created": 0, "model": "", "usage": null, "choices": [{ "index": 0, "finish_reason": null, "content_filter_results": safe, "content_filter_raw": [], "content_filter_offsets": { "check_offset": 4, "start_offset": 4, "end_offset": 9 } }] }),
                json!({ "id": "chatcmpl-1", "choices": [{ "index": 0, "content_filter_results": safe, "delta": { "content": "lo" }, "finish_reason": null, "logprobs": null }] }),
                stop,
                json!({ "id": "", "object": "", "created": 0, "model": "", "usage": null, "choices": [{ "index": 0, "finish_reason": null, "content_filter_results": safe, "content_filter_offsets": { "check_offset": 9, "start_offset": 4, "end_offset": 9 } }] }),
            ],
            vec![text("Hello")],
        ),
    ]
}

/// Servers that say texts and thinking otherwise.
fn texts() -> Vec<Case> {
    let stop = json!({ "choices": choice(&json!({}), Some("stop")) });
    vec![
        (
            "empty calls of both kinds in each delta (DashScope)",
            vec![
                said(
                    &json!({ "role": "assistant", "content": "a", "function_call": { "name": "", "arguments": "" }, "tool_calls": [] }),
                ),
                said(
                    &json!({ "content": "b", "function_call": { "name": null, "arguments": null }, "tool_calls": null }),
                ),
                stop.clone(),
            ],
            vec![text("ab")],
        ),
        (
            "thinking and text in one chunk (vLLM at the end of thinking)",
            vec![
                said(&json!({ "role": "assistant", "content": "" })),
                said(&json!({ "reasoning_content": "h" })),
                said(&json!({ "reasoning_content": "m", "content": "He" })),
                said(&json!({ "content": "llo" })),
                stop.clone(),
            ],
            vec![thinking("hm"), text("Hello")],
        ),
        (
            "thinking as an object with a text (Envoy in front of Bedrock)",
            vec![
                said(&json!({ "role": "assistant", "content": "" })),
                said(&json!({ "reasoning_content": { "text": "h" } })),
                said(&json!({ "reasoning_content": { "text": "m" } })),
                said(&json!({ "content": "Hi" })),
                stop.clone(),
            ],
            vec![thinking("hm"), text("Hi")],
        ),
        (
            "a list of reasoning and text (Databricks)",
            vec![
                said(
                    &json!({ "role": "assistant", "content": [{ "type": "reasoning", "summary": [{ "type": "summary_text", "text": "hm" }] }] }),
                ),
                said(&json!({ "content": [{ "type": "text", "text": "Hello" }] })),
                stop.clone(),
            ],
            vec![thinking("hm"), text("Hello")],
        ),
        (
            "the message so far beside each delta, a finish reason that is empty (Perplexity)",
            vec![
                json!({ "citations": ["u"], "choices": [{ "index": 0, "finish_reason": "", "delta": { "role": "assistant", "content": "Hel" }, "message": { "role": "assistant", "content": "Hel" } }] }),
                json!({ "citations": ["u"], "choices": [{ "index": 0, "finish_reason": "stop", "delta": { "role": "assistant", "content": "lo" }, "message": { "role": "assistant", "content": "Hello" } }] }),
            ],
            vec![text("Hello")],
        ),
        (
            "the usage in every chunk, and in the choice (vLLM, Moonshot)",
            vec![
                json!({ "choices": choice(&json!({ "role": "assistant", "content": "Hi" }), None), "usage": { "total_tokens": 1 } }),
                json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop", "usage": { "total_tokens": 2 } }] }),
                json!({ "choices": [], "usage": { "total_tokens": 2 } }),
            ],
            vec![text("Hi")],
        ),
        (
            "the text once more in the old completions' field (proxies of two APIs)",
            vec![
                json!({ "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "Hi" }, "text": "Hi", "finish_reason": null }] }),
                json!({ "choices": [{ "index": 0, "delta": { "content": " there" }, "text": " there", "finish_reason": "stop" }] }),
            ],
            vec![text("Hi there")],
        ),
    ]
}

/// The chunks of a case as a stream.
fn stream(chunks: &[Value]) -> String {
    let chunks = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
    chunks.collect::<String>() + "data: [DONE]\n\n"
}

#[test]
fn what_other_servers_send_is_delivered_and_judged_as_what_it_is() {
    let cases = calls().into_iter().chain(local()).chain(texts());
    for (name, chunks, blocks) in cases {
        let stream = stream(&chunks);
        let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
        let sent = String::from_utf8_lossy(&outcome.sent).into_owned();
        assert_eq!(outcome.error, None, "{name}");
        assert!(sent.ends_with("data: [DONE]\n\n"), "{name}: {sent}");
        let found: Vec<_> = READERS
            .iter()
            .map(|reader| OpenaiChat::calls(&outcome.sent, reader))
            .collect();
        assert!(
            found.iter().all(|calls| *calls == found[0]),
            "{name}: {found:?}"
        );
        let expected = blocks
            .iter()
            .filter(|block| matches!(block, Content::ToolCall { .. }));
        assert_eq!(found[0].len(), expected.count(), "{name}: {sent}");
        assert_eq!(outcome.blocks(), blocks, "{name}");
    }
}

#[test]
fn what_other_servers_send_goes_on_with_what_they_send_then() {
    for (name, chunks, blocks) in calls().into_iter().chain(local()).chain(texts()) {
        goes_on::<OpenaiChat>(name, &stream(&chunks), &blocks);
    }
}

#[test]
fn what_is_signed_beside_a_call_goes_on_with_it() {
    let (_, chunks, _) = calls().swap_remove(0);
    let stream = stream(&chunks);
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert!(sent.contains(r#""thought_signature":"c2ln""#), "{sent}");
    assert!(sent.contains(r#""usage":{"total_tokens":3}"#), "{sent}");
}

#[test]
fn an_error_beside_a_choice_that_says_nothing_passes_as_it_is() {
    let begun =
        json!({ "choices": choice(&json!({ "role": "assistant", "content": "Hi" }), None) });
    let failed = json!({ "error": { "code": 502, "message": "gone" }, "choices": choice(&json!({ "content": "" }), Some("error")) });
    let error = format!("data: {failed}\n\n");
    let stream = format!("data: {begun}\n\n{error}");
    let outcome = drive::stream::<OpenaiChat>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    let sent = String::from_utf8(outcome.sent).unwrap();
    assert_eq!(outcome.error, None);
    assert!(sent.ends_with(&error), "{sent}");
}
