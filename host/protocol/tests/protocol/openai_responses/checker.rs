//! What the Responses API allows of a finished response, written down a second time.

use serde_json::{Value, json};

/// Whether a response may stand in a conversation that goes on.
pub(super) fn response(body: &Value) -> Result<(), String> {
    let output = body["output"].as_array().ok_or("no output")?;
    let complete = body["status"] == "completed";
    if complete && output.last().is_none_or(|item| item["type"] == "reasoning") {
        return Err("nothing at the end".to_owned());
    }
    let mut ids = Vec::new();
    let mut call_ids = Vec::new();
    for item in output {
        ids.push(text(&item["id"], "an item's id")?);
        let kind = text(&item["type"], "an item's type")?;
        match kind.as_str() {
            // One that a stop or the limit of tokens cut off.
            "message" | "function_call" if item["status"] == "incomplete" => {}
            "message" => message(item)?,
            "function_call" | "custom_tool_call" | "local_shell_call" | "apply_patch_call" => {
                call_ids.push(text(&item["call_id"], "a call's id")?);
                call(item, complete)?;
            }
            _ => {}
        }
    }
    unique(ids)?;
    unique(call_ids)
}

fn message(item: &Value) -> Result<(), String> {
    let content = item["content"]
        .as_array()
        .ok_or("a message without content")?;
    if content.is_empty() {
        return Err("an empty message".to_owned());
    }
    for part in content {
        let said = match part["type"].as_str().ok_or("a part without a type")? {
            "output_text" => &part["text"],
            "refusal" => &part["refusal"],
            _ => continue,
        };
        if said.as_str().is_none_or(|text| text.trim().is_empty()) {
            return Err("a blank text".to_owned());
        }
    }
    Ok(())
}

fn call(item: &Value, complete: bool) -> Result<(), String> {
    if item["type"] == "function_call" {
        text(&item["name"], "a call's name")?;
        let arguments = text(&item["arguments"], "a call's arguments")?;
        let read = serde_json::from_str::<Value>(&arguments);
        if complete && !read.is_ok_and(|arguments| arguments.is_object()) {
            return Err(format!("the arguments {arguments}"));
        }
    }
    Ok(())
}

fn text(value: &Value, what: &str) -> Result<String, String> {
    let text = value.as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| format!("no {what}"))
}

fn unique(mut ids: Vec<String>) -> Result<(), String> {
    let count = ids.len();
    ids.sort();
    ids.dedup();
    match ids.len() == count {
        true => Ok(()),
        false => Err("two of one id".to_owned()),
    }
}

#[test]
fn the_checker_refuses_what_the_api_refuses() {
    let check =
        |output: Value| response(&json!({ "output": output, "status": "completed" })).is_ok();
    let message = |id: &str, text: &str| json!({ "type": "message", "id": id, "content": [{ "type": "output_text", "text": text }] });
    let call = |id: &str, arguments: &str| json!({ "type": "function_call", "id": format!("fc_{id}"), "call_id": id, "name": "n", "arguments": arguments });
    let reasoning = json!({ "type": "reasoning", "id": "rs", "summary": [] });
    assert!(check(json!([
        reasoning,
        message("m", "x"),
        call("a", "{}"),
        call("b", "{}")
    ])));
    assert!(!check(json!([])));
    assert!(!check(json!([reasoning])));
    assert!(!check(json!([message("m", " ")])));
    assert!(!check(json!([message("m", "x"), message("m", "y")])));
    assert!(!check(json!([call("a", "{}"), call("a", "{}")])));
    assert!(!check(json!([call("a", "{")])));
    assert!(!check(
        json!([{ "type": "message", "id": "m", "content": [] }])
    ));
}
