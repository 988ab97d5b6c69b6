//! Replies and requests as providers and agents send them.

use bytes::Bytes;
use serde_json::json;

use super::{PieceKind, Summary};
use crate::{Api, Block, BlockKind, Limits, ToolCall};

fn stream(events: &[(&str, serde_json::Value)]) -> Bytes {
    let frame = |(name, data): &(&str, serde_json::Value)| match *name {
        "" => format!("data: {data}\n\n"),
        name => format!("event: {name}\ndata: {data}\n\n"),
    };
    events.iter().map(frame).collect::<String>().into()
}

fn summary(api: Api, reply: &Bytes, streamed: bool) -> Summary {
    api.summary(reply, streamed, Limits::default())
}

fn call(id: &str) -> Block {
    Block::ToolCall(ToolCall {
        id: id.to_owned(),
        name: "ls".to_owned(),
        arguments: "{\"a\":1}".to_owned(),
    })
}

/// What is said of the reply, in one line: id, model, stop reason, and the counts in the order of their fields.
fn line(summary: &Summary) -> String {
    let usage = &summary.usage;
    let counts = [
        usage.input,
        usage.output,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.reasoning,
    ];
    let counts = counts.map(|count| count.map_or("-".to_owned(), |count| count.to_string()));
    let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    let Summary {
        id,
        model,
        stop_reason,
        ..
    } = summary;
    format!(
        "{} {} {} {}",
        text(id),
        text(model),
        text(stop_reason),
        counts.join(" ")
    )
}

fn messages() -> (Bytes, Bytes) {
    let usage = json!({
        "input_tokens": 5, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 30,
        "cache_creation": { "ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20 },
        "output_tokens": 1,
    });
    let start = json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "role": "assistant",
        "model": "claude-x", "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage } });
    let streamed = stream(&[
        ("message_start", start.clone()),
        (
            "content_block_start",
            json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        ),
        ("ping", json!({ "type": "ping" })),
        (
            "content_block_delta",
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "a \"usage\": {" } }),
        ),
        (
            "content_block_stop",
            json!({ "type": "content_block_stop", "index": 0 }),
        ),
        (
            "content_block_start",
            json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "tool_use", "id": "t", "name": "ls", "input": {} } }),
        ),
        (
            "content_block_delta",
            json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "input_json_delta", "partial_json": "{\"a\":1}" } }),
        ),
        (
            "content_block_stop",
            json!({ "type": "content_block_stop", "index": 1 }),
        ),
        (
            "message_delta",
            json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use", "stop_sequence": null }, "usage": { "output_tokens": 7 } }),
        ),
        ("message_stop", json!({ "type": "message_stop" })),
    ]);
    let mut whole = start["message"].clone();
    whole["content"] = json!([{ "type": "text", "text": "a \"usage\": {" }, { "type": "tool_use", "id": "t", "name": "ls", "input": { "a": 1 } }]);
    whole["stop_reason"] = "tool_use".into();
    whole["usage"]["output_tokens"] = 7.into();
    (streamed, whole.to_string().into())
}

fn chat() -> (Bytes, Bytes) {
    let chunk = |choices: serde_json::Value, usage: serde_json::Value| json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x", "choices": choices, "usage": usage });
    let delta = |delta: serde_json::Value, reason: Option<&str>| json!([{ "index": 0, "delta": delta, "finish_reason": reason }]);
    let usage = json!({ "prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109,
        "prompt_tokens_details": { "cached_tokens": 40 }, "completion_tokens_details": { "reasoning_tokens": 3 } });
    let calls = json!([{ "index": 0, "id": "t", "type": "function", "function": { "name": "ls", "arguments": "{\"a\":1}" } }]);
    let none = serde_json::Value::Null;
    let streamed = stream(&[
        (
            "",
            chunk(
                delta(json!({ "role": "assistant", "content": "a" }), None),
                none.clone(),
            ),
        ),
        (
            "",
            chunk(delta(json!({ "tool_calls": calls }), None), none.clone()),
        ),
        ("", chunk(delta(json!({}), Some("tool_calls")), none)),
        ("", chunk(json!([]), usage.clone())),
    ]);
    let streamed = [&streamed[..], b"data: [DONE]\n\n"].concat().into();
    let call = json!({ "id": "t", "type": "function", "function": { "name": "ls", "arguments": "{\"a\":1}" } });
    let whole = json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-x", "usage": usage,
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "a", "tool_calls": [call] }, "finish_reason": "tool_calls" }] });
    (streamed, whole.to_string().into())
}

fn responses() -> (Bytes, Bytes) {
    let item = json!({ "type": "function_call", "id": "fc_1", "call_id": "t", "name": "ls", "arguments": "{\"a\":1}", "status": "completed" });
    let mut begun = item.clone();
    begun["arguments"] = "".into();
    begun["status"] = "in_progress".into();
    let response = |status: &str, output: serde_json::Value, usage: serde_json::Value| {
        json!({ "id": "resp_1", "object": "response", "model": "gpt-x", "status": status, "output": output, "usage": usage,
            "incomplete_details": null })
    };
    let usage = json!({ "input_tokens": 100, "input_tokens_details": { "cached_tokens": 40 }, "output_tokens": 9,
        "output_tokens_details": { "reasoning_tokens": 3 }, "total_tokens": 109 });
    let whole = response("completed", json!([item]), usage);
    let event = |name: &'static str, mut data: serde_json::Value, number: u32| {
        data["type"] = name.into();
        data["sequence_number"] = number.into();
        (name, data)
    };
    let none = serde_json::Value::Null;
    let streamed = stream(&[
        event(
            "response.created",
            json!({ "response": response("in_progress", json!([]), none) }),
            0,
        ),
        event(
            "response.output_item.added",
            json!({ "output_index": 0, "item": begun }),
            1,
        ),
        event(
            "response.function_call_arguments.delta",
            json!({ "item_id": "fc_1", "output_index": 0, "delta": "{\"a\":1}" }),
            2,
        ),
        event(
            "response.function_call_arguments.done",
            json!({ "item_id": "fc_1", "output_index": 0, "name": "ls", "arguments": "{\"a\":1}" }),
            3,
        ),
        event(
            "response.output_item.done",
            json!({ "output_index": 0, "item": item }),
            4,
        ),
        event("response.completed", json!({ "response": whole }), 5),
    ]);
    (streamed, whole.to_string().into())
}

#[test]
fn a_stream_and_a_whole_reply_say_the_same_of_themselves() {
    let text = |text: &str| Block::Text(text.to_owned());
    for (api, (streamed, whole), said, blocks) in [
        (
            Api::Anthropic,
            messages(),
            "msg_1 claude-x tool_use 5 7 900 10 20 -",
            vec![text("a \"usage\": {"), call("t")],
        ),
        (
            Api::OpenaiChat,
            chat(),
            "chatcmpl-1 gpt-x tool_calls 60 9 40 - - 3",
            vec![text("a"), call("t")],
        ),
        (
            Api::OpenaiResponses,
            responses(),
            "resp_1 gpt-x completed 60 9 40 - - 3",
            vec![call("t")],
        ),
    ] {
        for (reply, is_streamed) in [(streamed, true), (whole, false)] {
            let read = summary(api, &reply, is_streamed);
            assert_eq!(line(&read), said, "{api:?}, streamed: {is_streamed}");
            assert_eq!(read.blocks, blocks, "{api:?}, streamed: {is_streamed}");
            assert!(read.usage.raw.unwrap().contains("output_tokens\":") || api == Api::OpenaiChat);
        }
    }
}

#[test]
fn of_a_reply_that_was_cut_off_what_there_is_is_read() {
    for (api, (streamed, _)) in [
        (Api::Anthropic, messages()),
        (Api::OpenaiChat, chat()),
        (Api::OpenaiResponses, responses()),
    ] {
        for end in 0..streamed.len() {
            let read = summary(api, &streamed.slice(..end), true);
            assert!(read.blocks.len() <= 2);
            assert!(end < 400 || read.id.is_some(), "{api:?} at {end}");
        }
        for nothing in ["", "<html>", "{", "null", "data: {\n\n"] {
            for streamed in [true, false] {
                let read = summary(api, &Bytes::from(nothing), streamed);
                assert_eq!(line(&read), "- - - - - - - - -", "{api:?} {nothing}");
            }
        }
    }
}

#[test]
fn the_count_of_embeddings_is_read() {
    let reply = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}"#;
    let read = summary(Api::OpenaiEmbeddings, &Bytes::from(reply), false);
    assert_eq!(line(&read), "- e - 8 - - - - -");
}

#[test]
fn the_pieces_of_a_request_are_its_blocks_by_their_places() {
    let text = PieceKind::Block(BlockKind::Text);
    let tool_call = PieceKind::Block(BlockKind::ToolCall);
    let tool_result = PieceKind::Block(BlockKind::ToolResult);
    for (api, body, pieces) in [
        (
            Api::Anthropic,
            r#"{"model":"m","max_tokens":1,"system":[{"type":"text","text":"s"}],"tools":[{"name":"ls"}],"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"b"},{"type":"tool_use","id":"t","name":"ls","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"c"}]}]}"#,
            vec![
                (PieceKind::System, "system", r#"{"type":"text","text":"s"}"#),
                (PieceKind::Tool, "", r#"{"name":"ls"}"#),
                (text, "user", r#""a""#),
                (text, "assistant", r#"{"type":"text","text":"b"}"#),
                (
                    tool_call,
                    "assistant",
                    r#"{"type":"tool_use","id":"t","name":"ls","input":{}}"#,
                ),
                (
                    tool_result,
                    "user",
                    r#"{"type":"tool_result","tool_use_id":"t","content":"c"}"#,
                ),
            ],
        ),
        (
            Api::OpenaiChat,
            r#"{"messages":[{"role":"system","content":"s"},{"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"ls","arguments":"{}"}}]},{"role":"tool","tool_call_id":"t","content":"c"}],"model":"m"}"#,
            vec![
                (text, "system", r#""s""#),
                (
                    tool_call,
                    "assistant",
                    r#"{"id":"t","type":"function","function":{"name":"ls","arguments":"{}"}}"#,
                ),
                (
                    tool_result,
                    "tool",
                    r#"{"role":"tool","tool_call_id":"t","content":"c"}"#,
                ),
            ],
        ),
        (
            Api::OpenaiResponses,
            r#"{"input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},{"type":"function_call","call_id":"t","name":"ls","arguments":"{}"}],"instructions":"s","model":"m"}"#,
            vec![
                (text, "user", r#"{"type":"input_text","text":"a"}"#),
                (
                    tool_call,
                    "assistant",
                    r#"{"type":"function_call","call_id":"t","name":"ls","arguments":"{}"}"#,
                ),
                (PieceKind::System, "system", r#""s""#),
            ],
        ),
        (
            Api::OpenaiEmbeddings,
            r#"{"input":["a","b"],"model":"m"}"#,
            vec![(text, "user", r#""a""#), (text, "user", r#""b""#)],
        ),
    ] {
        let found = api.pieces(body.as_bytes(), &Limits::default()).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|piece| (piece.kind, &*piece.role, &body[piece.range.clone()]))
            .collect();
        assert_eq!(found, pieces, "{api:?}");
    }
}
