//! Which texts of a request are shown, and that everything else stays as it is.

use serde_json::{Value, json};

use super::{Place, TextAt};
use crate::{Request, request::model::Model};

fn request(body: Value) -> Request {
    Request(Model {
        body,
        context: Value::Null,
    })
}

fn conversation() -> Value {
    json!({
        "system": [{"type": "text", "text": "sys x", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": "one x"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm x", "signature": "s"},
                {"type": "text", "text": "two x"},
                {"type": "tool_use", "id": "t", "name": "Bash", "input": {"x": ["three x", 1]}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": "four x"},
                {"type": "document", "source": {
                    "type": "text", "media_type": "text/x", "data": "five x"}},
                {"type": "image", "source": {"type": "base64", "data": "x".repeat(2000)}},
            ]},
        ],
    })
}

#[test]
fn every_text_is_shown_in_order() {
    let mut seen = Vec::new();
    let rewritten = request(conversation()).rewrite(|at, text| {
        seen.push((at.place, at.is_news, text.to_owned()));
        None
    });
    assert_eq!(rewritten, Ok(0));
    let expected = [
        (Place::System, false, "sys x"),
        (Place::Text, false, "one x"),
        (Place::Text, false, "two x"),
        (Place::ToolCall, false, "three x"),
        (Place::ToolResult, true, "four x"),
        (Place::Document, true, "five x"),
    ];
    let expected = expected.map(|(place, is_news, text)| (place, is_news, text.to_owned()));
    assert_eq!(seen, expected);
}

#[test]
fn what_is_returned_stands_in_the_place() {
    let mut request = request(conversation());
    let rewritten = request.rewrite(|_, text| Some(text.replace('x', "y")));
    assert_eq!(rewritten, Ok(6));
    let body: Value = serde_json::from_str(&request.body()).expect("JSON");
    let mut expected = conversation();
    expected["system"][0]["text"] = json!("sys y");
    expected["messages"][0]["content"] = json!("one y");
    expected["messages"][1]["content"][1]["text"] = json!("two y");
    expected["messages"][1]["content"][2]["input"]["x"][0] = json!("three y");
    expected["messages"][2]["content"][0]["content"] = json!("four y");
    expected["messages"][2]["content"][1]["source"]["data"] = json!("five y");
    assert_eq!(body, expected);
}

#[test]
fn a_text_block_is_never_left_blank() {
    let mut request = request(json!({"messages": [{"role": "user", "content": "x"}]}));
    let blank = |_: TextAt, _: &str| Some(" ".to_owned());
    assert_eq!(request.rewrite(blank), Ok(1));
    assert_eq!(request.get("/messages/0/content"), Some(json!("[removed]")));
}

#[test]
fn a_system_prompt_is_one_wherever_an_api_has_it() {
    for body in [
        json!({"system": "x"}),
        json!({"instructions": "x"}),
        json!({"messages": [{"role": "system", "content": "x"}]}),
        json!({"messages": [{"role": "developer", "content": "x"}]}),
    ] {
        let mut seen = Vec::new();
        let shown = request(body).rewrite(|at, text| {
            seen.push((at.place, text.to_owned()));
            None
        });
        assert_eq!(shown, Ok(0));
        assert_eq!(seen, [(Place::System, "x".to_owned())]);
    }
}

/// One example for each API. `host/protocol` has more.
fn examples() -> Vec<(String, Value)> {
    let file = include_str!("../../../../host/protocol/tests/protocol/readable.json");
    let all: serde_json::Map<String, Value> = serde_json::from_str(file).expect("JSON");
    all.into_iter().collect()
}

/// Returns every string in a value.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_text_of_every_api_is_read_in_its_place_as_the_host_reads_it() {
    for (api, body) in examples() {
        let readable = strings(&body).join("\n");
        let coded = readable.matches("UkVBRCBk").count();
        let count = readable.matches("READ ").count() + coded;
        let mut numbers = Vec::new();
        let shown = request(body).rewrite(|at, text| {
            if let Some(mark) = text.strip_prefix("READ ") {
                let (place, number) = mark.split_once(' ').expect("a place and a number");
                let expected = match at.place {
                    Place::System => "system",
                    Place::Text => "text",
                    Place::ToolCall => "tool-call",
                    Place::ToolResult => "tool-result",
                    Place::Document => "document",
                };
                assert_eq!(place, expected, "{api}: {text}");
                numbers.push(number.parse::<usize>().expect("a number"));
            } else {
                assert_eq!(at.place, Place::ToolCall, "{api}: {text}");
            }
            None
        });
        assert_eq!(shown, Ok(0));
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "{api}");
    }
}

#[test]
fn what_is_rewritten_in_an_api_leaves_the_rest_of_it_alone() {
    for (api, body) in examples() {
        let mut request = request(body.clone());
        let rewritten = request.rewrite(|_, text| Some(text.replace("READ", "DONE")));
        assert!(rewritten.is_ok(), "{api}");
        let expected = body.to_string().replace("READ", "DONE");
        let expected = expected.replace("UkVBRCBk", "RE9ORSBk");
        let expected: Value = serde_json::from_str(&expected).expect("JSON");
        let body: Value = serde_json::from_str(&request.body()).expect("JSON");
        assert_eq!(body, expected, "{api}");
    }
}
