//! Reads a reply as an SDK does, and says what is illegal about the order of its events.
//!
//! Shares no code with the crate.

use serde_json::{Value, json};

use crate::{
    dialect::{Content, Received},
    sse::events,
};

/// Puts a stream together, event by event.
pub(super) fn stream(bytes: &[u8]) -> Result<Received, String> {
    let mut reader = Reader::default();
    for (name, data) in events(bytes) {
        reader
            .take(&name, &data)
            .map_err(|what| format!("{what} at {name}: {data}"))?;
    }
    match reader.end {
        None => Err("the stream just stops".to_owned()),
        Some(End { response, failed }) => Ok(received(&response, failed)),
    }
}

/// Reads a whole reply.
pub(super) fn whole(body: &[u8]) -> Result<Received, String> {
    let response: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if !response["output"].is_array() {
        return Err("no output".to_owned());
    }
    Ok(received(&response, false))
}

fn received(response: &Value, failed: bool) -> Received {
    let fields = ["output", "status", "incomplete_details"];
    let fields = fields.map(|name| (name.to_owned(), response[name].clone()));
    let items = response["output"].as_array().into_iter().flatten();
    Received {
        choices: vec![items.flat_map(contents).collect()],
        body: fields.into_iter().collect(),
        failed,
    }
}

fn contents(item: &Value) -> Vec<Content> {
    let string = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let call = |name: &str, arguments: Value| {
        vec![Content::ToolCall {
            id: string("call_id"),
            name: name.to_owned(),
            arguments,
        }]
    };
    match item["type"].as_str().unwrap_or_default() {
        "message" => {
            let parts = item["content"].as_array().into_iter().flatten();
            parts.map(part).collect()
        }
        "function_call" => call(&string("name"), object_or_text(&string("arguments"))),
        "custom_tool_call" => call(&string("name"), object_or_text(&string("input"))),
        "local_shell_call" => call("local_shell", item["action"].clone()),
        "apply_patch_call" => call("apply_patch", item["operation"].clone()),
        "reasoning" => {
            let lists = ["summary", "content"].map(|name| item[name].as_array());
            let parts = lists.into_iter().flatten().flatten();
            let texts: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
            vec![Content::Thinking(texts.join("\n"))]
        }
        _ => vec![Content::Other(item.clone())],
    }
}

fn part(part: &Value) -> Content {
    match text_of(part) {
        Some(text) => Content::Text(text.to_owned()),
        None => Content::Other(part.clone()),
    }
}

fn text_of(part: &Value) -> Option<&str> {
    match part["type"].as_str()? {
        "output_text" => part["text"].as_str(),
        "refusal" => part["refusal"].as_str(),
        _ => None,
    }
}

fn object_or_text(text: &str) -> Value {
    let read = serde_json::from_str(text).ok().filter(Value::is_object);
    read.unwrap_or_else(|| json!(text))
}

#[derive(Default)]
struct Reader {
    begun: bool,
    /// The number that comes next; nothing where upstream counts nothing.
    sequence: Option<u64>,
    items: Vec<Item>,
    end: Option<End>,
}

struct End {
    response: Value,
    failed: bool,
}

struct Item {
    json: Value,
    done: bool,
    /// The finished texts and arguments, by the name of their event and their part.
    finished: Vec<(String, u64)>,
}

impl Reader {
    fn take(&mut self, name: &str, data: &str) -> Result<(), String> {
        let Ok(event) = serde_json::from_str::<Value>(data) else {
            return Ok(());
        };
        let known = name == "error" || name.starts_with("response.");
        if known && event["type"] != name {
            return Err("the event's name is not its type".to_owned());
        }
        let failed = ["error", "response.failed"].contains(&name);
        self.count(&event, known, failed)?;
        if !known {
            return Ok(());
        }
        if self.end.is_some() {
            return Err("something behind the end".to_owned());
        }
        let response = event["response"].clone();
        match name {
            "response.created" if self.begun => return Err("two beginnings".to_owned()),
            "response.created" | "response.in_progress" => self.begun = true,
            _ if failed => self.end = Some(End { response, failed }),
            _ if !self.begun => return Err("no beginning".to_owned()),
            "response.completed" | "response.incomplete" => {
                let items: Vec<&Value> = self.items.iter().map(|item| &item.json).collect();
                if self.items.iter().any(|item| !item.done) {
                    return Err("an item is open at the end".to_owned());
                }
                if response["output"] != json!(items) {
                    return Err(format!("the output is not {}", json!(items)));
                }
                self.end = Some(End { response, failed });
            }
            _ => self.item(name, &event)?,
        }
        Ok(())
    }

    /// Where held events were thrown away for an error of upstream's, its number is further on.
    fn count(&mut self, event: &Value, known: bool, failed: bool) -> Result<(), String> {
        let number = event["sequence_number"].as_u64();
        let first = !self.begun && self.sequence.is_none();
        let right = match (number, self.sequence) {
            (None, None) => true,
            (None, Some(_)) => !known,
            (Some(number), Some(next)) => number == next || (failed && number > next),
            (Some(number), None) => first && number == 0,
        };
        self.sequence = number.map(|number| number + 1).or(self.sequence);
        right
            .then_some(())
            .ok_or_else(|| "a gap in the numbers".to_owned())
    }

    fn item(&mut self, name: &str, event: &Value) -> Result<(), String> {
        let Some(index) = event["output_index"].as_u64() else {
            return Ok(());
        };
        let index = usize::try_from(index).unwrap();
        if name == "response.output_item.added" {
            if index != self.items.len() {
                return Err("the numbers of items do not ascend".to_owned());
            }
            self.items.push(Item {
                json: event["item"].clone(),
                done: false,
                finished: Vec::new(),
            });
            return Ok(());
        }
        let item = self
            .items
            .get_mut(index)
            .ok_or("an item that is not there")?;
        if item.done {
            return Err("an item that is done".to_owned());
        }
        item.take(name, event)
    }
}

impl Item {
    fn take(&mut self, name: &str, event: &Value) -> Result<(), String> {
        let of_part = ["content_part", "output_text.d", "refusal.d"];
        let of_part = of_part
            .iter()
            .any(|kind| name.starts_with(&format!("response.{kind}")));
        if of_part && self.json["type"] != "message" {
            return Err("a part of no message".to_owned());
        }
        let delta = event["delta"].as_str().unwrap_or_default();
        let at = event["content_index"].as_u64().unwrap_or_default();
        let part = usize::try_from(at).unwrap();
        let known = self.json["content"].as_array().map_or(0, Vec::len);
        if of_part && part >= known + usize::from(name == "response.content_part.added") {
            return Err("a part that is not there".to_owned());
        }
        match name {
            "response.output_item.done" => return self.finish(&event["item"]),
            "response.content_part.added" => {
                let content = self.json["content"].as_array_mut().ok_or("no content")?;
                let next = content.len() == part;
                content.push(event["part"].clone());
                return next
                    .then_some(())
                    .ok_or_else(|| "parts out of order".to_owned());
            }
            "response.content_part.done" => {
                let said = text_of(&self.json["content"][part]);
                if said.is_some() && said != text_of(&event["part"]) {
                    return Err("a part is not what its deltas said".to_owned());
                }
                self.json["content"][part] = event["part"].clone();
            }
            "response.output_text.delta" => append(&mut self.json["content"][part]["text"], delta),
            "response.refusal.delta" => append(&mut self.json["content"][part]["refusal"], delta),
            "response.function_call_arguments.delta" => append(&mut self.json["arguments"], delta),
            "response.custom_tool_call_input.delta" => append(&mut self.json["input"], delta),
            _ => {}
        }
        let (said, done) = match name {
            "response.output_text.done" => (&self.json["content"][part]["text"], &event["text"]),
            "response.refusal.done" => (&self.json["content"][part]["refusal"], &event["refusal"]),
            "response.function_call_arguments.done" => {
                (&self.json["arguments"], &event["arguments"])
            }
            "response.custom_tool_call_input.done" => (&self.json["input"], &event["input"]),
            _ => return self.go_on(name, at),
        };
        if said != done {
            return Err(format!("the deltas said {said}"));
        }
        self.finished.push((name.replace(".done", ".delta"), at));
        Ok(())
    }

    /// No delta follows the end of its text.
    fn go_on(&self, name: &str, at: u64) -> Result<(), String> {
        let over = self.finished.contains(&(name.to_owned(), at));
        (!over)
            .then_some(())
            .ok_or_else(|| "a text goes on".to_owned())
    }

    fn finish(&mut self, done: &Value) -> Result<(), String> {
        self.done = true;
        let old = std::mem::replace(&mut self.json, done.clone());
        let same = |name: &str| old[name] == done[name];
        let texts = |item: &Value| -> Vec<Option<String>> {
            let parts = item["content"].as_array().into_iter().flatten();
            parts.map(|part| text_of(part).map(str::to_owned)).collect()
        };
        let agrees = match done["type"].as_str().unwrap_or_default() {
            "message" => texts(&old) == texts(done),
            "function_call" => same("arguments") && same("call_id") && same("name"),
            "custom_tool_call" => same("input") && same("call_id") && same("name"),
            _ => true,
        };
        match agrees && same("type") && same("id") {
            true => Ok(()),
            false => Err(format!("the item was {old}")),
        }
    }
}

fn append(text: &mut Value, delta: &str) {
    *text = json!(text.as_str().unwrap_or_default().to_owned() + delta);
}

#[test]
fn the_reader_refuses_a_stream_out_of_order() {
    let event = |at: u64, name: &str, mut fields: Value| {
        fields["type"] = json!(name);
        fields["sequence_number"] = json!(at);
        format!("event: {name}\ndata: {fields}\n\n")
    };
    let item = |status: &str, content: Value| json!({ "type": "message", "id": "m", "status": status, "content": content });
    let text = |text: &str| json!({ "type": "output_text", "text": text });
    let done = item("completed", json!([text("x")]));
    let all = |skip: usize, output: Value, said: &str| {
        let events = [
            ("response.created", json!({ "response": { "output": [] } })),
            (
                "response.output_item.added",
                json!({ "output_index": 0, "item": item("in_progress", json!([])) }),
            ),
            (
                "response.content_part.added",
                json!({ "output_index": 0, "content_index": 0, "part": text("") }),
            ),
            (
                "response.output_text.delta",
                json!({ "output_index": 0, "content_index": 0, "delta": said }),
            ),
            (
                "response.output_text.done",
                json!({ "output_index": 0, "content_index": 0, "text": "x" }),
            ),
            (
                "response.content_part.done",
                json!({ "output_index": 0, "content_index": 0, "part": text("x") }),
            ),
            (
                "response.output_item.done",
                json!({ "output_index": 0, "item": done }),
            ),
            (
                "response.completed",
                json!({ "response": { "output": output, "status": "completed" } }),
            ),
        ];
        let kept = events.into_iter().enumerate().filter(|(at, _)| *at != skip);
        let numbered = (0..).zip(kept.map(|(_, event)| event));
        let bytes: String = numbered
            .map(|(at, (name, fields))| event(at, name, fields))
            .collect();
        stream(bytes.as_bytes())
    };
    assert!(all(9, json!([done]), "x").is_ok());
    assert!(all(9, json!([]), "x").is_err());
    assert!(all(9, json!([done]), "y").is_err());
    for needed in [0, 1, 2, 3, 6, 7] {
        assert!(all(needed, json!([done]), "x").is_err(), "{needed}");
    }
    let gap =
        event(0, "response.created", json!({})) + &event(2, "response.in_progress", json!({}));
    assert!(stream(gap.as_bytes()).is_err_and(|what| what.contains("gap")));
}
