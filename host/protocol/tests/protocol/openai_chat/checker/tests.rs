//! The checker itself, checked.

use serde_json::{Value, json};

use super::{body, stream};

#[test]
fn the_checker_refuses_what_the_api_refuses() {
    let check = |says: Value, finish_reason: &str| {
        let mut message = json!({ "role": "assistant" });
        message
            .as_object_mut()
            .unwrap()
            .extend(says.as_object().unwrap().clone());
        let choice = json!({ "index": 0, "message": message, "finish_reason": finish_reason });
        body(&json!({ "choices": [choice] })).is_ok()
    };
    let call = |id: &str| json!({ "id": id, "type": "function", "function": { "name": "n", "arguments": "{}" } });
    assert!(check(json!({ "content": "x" }), "stop"));
    assert!(check(json!({ "refusal": "x" }), "stop"));
    assert!(check(
        json!({ "content": "x", "tool_calls": [call("a"), call("b")] }),
        "tool_calls"
    ));
    assert!(check(
        json!({ "function_call": { "name": "n", "arguments": "{}" } }),
        "function_call"
    ));
    assert!(!check(json!({}), "stop"));
    assert!(!check(json!({ "content": " " }), "stop"));
    assert!(!check(json!({ "content": "x" }), "tool_calls"));
    assert!(!check(json!({ "content": "x" }), "function_call"));
    assert!(!check(json!({ "tool_calls": [call("a")] }), "stop"));
    assert!(!check(
        json!({ "tool_calls": [call("a"), call("a")] }),
        "tool_calls"
    ));
    assert!(!check(json!({ "tool_calls": [call("")] }), "tool_calls"));
    let cut =
        json!({ "id": "a", "type": "function", "function": { "name": "n", "arguments": "{" } });
    assert!(!check(json!({ "tool_calls": [cut] }), "tool_calls"));
    assert!(check(json!({ "tool_calls": [cut] }), "length"));
}

#[test]
fn the_checker_refuses_chunks_out_of_order() {
    let chunk = |delta: Value, finish_reason: Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish_reason });
        format!("data: {}\n\n", json!({ "id": "c", "choices": [choice] }))
    };
    let first = chunk(json!({ "role": "assistant", "content": "x" }), Value::Null);
    let more = chunk(json!({ "content": "y" }), Value::Null);
    let end = chunk(json!({}), json!("stop"));
    let usage = "data: {\"id\":\"c\",\"choices\":[],\"usage\":{}}\n\n".to_owned();
    let other = "data: {\"id\":\"d\",\"choices\":[]}\n\n".to_owned();
    let done = "data: [DONE]\n\n".to_owned();
    let call = |index: u64| {
        let call =
            json!({ "index": index, "id": "a", "type": "function", "function": { "name": "n" } });
        chunk(json!({ "tool_calls": [call] }), Value::Null)
    };
    let ok = |chunks: &[&String]| {
        let bytes: String = chunks.iter().map(|chunk| chunk.as_str()).collect();
        stream(bytes.as_bytes()).is_ok()
    };
    assert!(ok(&[&first, &more, &end, &usage, &done]));
    assert!(ok(&[&first, &call(0), &end]));
    assert!(!ok(&[&first, &more]));
    assert!(!ok(&[&first, &done]));
    assert!(!ok(&[&more, &end, &done]));
    assert!(!ok(&[&first, &end, &more, &done]));
    assert!(!ok(&[&first, &end, &end, &done]));
    assert!(!ok(&[&first, &usage, &end, &done]));
    assert!(!ok(&[&first, &end, &done, &usage]));
    assert!(!ok(&[&first, &other, &end, &done]));
    assert!(!ok(&[&first, &call(1), &end]));
}
