//! Drafts as the Responses API would send them.

use serde_json::{Value, json};

use crate::{
    generate::{Call, Dice, Draft, Element, Form, MARK, Upstream, pieces},
    sse,
};

/// An item, and the events that tell it, each with its name.
struct Item {
    done: Value,
    events: Vec<(String, Value)>,
}

/// All choices become one response.
pub(super) fn render(draft: &Draft) -> Option<Upstream> {
    let mut dice = draft.dice.clone();
    let mut elements: Vec<&Element> = draft.choices.iter().flatten().collect();
    let last = Element::Text {
        words: vec!["x".to_owned()],
        cited: false,
    };
    if let Some(Element::Thinking(_)) = elements.last() {
        elements.push(&last);
    }
    if elements.is_empty() {
        return None;
    }
    let count = elements.len();
    let items = elements.into_iter().enumerate();
    let items =
        items.map(|(at, element)| item(element, at, draft.cut && at + 1 == count, &mut dice));
    let items: Vec<Item> = items.collect();
    Some(Upstream {
        stream: stream(&items, draft.cut, &mut dice),
        whole: whole(&items, draft.cut, &mut dice),
        choices: 1,
    })
}

fn item(element: &Element, at: usize, cut: bool, dice: &mut Dice) -> Item {
    match element {
        Element::Text { words, cited } => message(at, words, *cited, dice),
        Element::Refusal(words) => refusal(at, words),
        Element::Thinking(words) => reasoning(at, words, dice),
        Element::Hosted { cuts } => hosted(at, *cuts),
        Element::Unknown if dice.roll(2) == 0 => unknown_part(at),
        Element::Unknown => unknown(at),
        Element::Call(call) => match call.form {
            Form::Function => function_call(at, call, cut, dice),
            Form::Custom => custom_call(at, call),
            Form::Shell => shell_call(at, call),
            Form::Legacy => patch_call(at, call),
        },
    }
}

fn event(name: &str, fields: Value) -> (String, Value) {
    (format!("response.{name}"), fields)
}

/// An item whose events are these, between its beginning and its end.
fn framed(added: Value, done: Value, events: Vec<(String, Value)>) -> Item {
    let mut all = vec![event("output_item.added", json!({ "item": added }))];
    all.extend(events);
    all.push(event("output_item.done", json!({ "item": done })));
    Item { done, events: all }
}

fn message_item(at: usize, status: &str, content: &[Value]) -> Value {
    json!({ "id": format!("msg_{at}"), "type": "message", "status": status, "role": "assistant", "content": content, "phase": null })
}

fn message(at: usize, words: &[String], cited: bool, dice: &mut Dice) -> Item {
    let id = format!("msg_{at}");
    let mut parts = vec![words.to_vec()];
    if dice.roll(3) == 0 {
        parts.push(vec!["more".to_owned(), " of it".to_owned()]);
    }
    let logprobs = dice.roll(3) == 0;
    let citation = json!({ "type": "url_citation", "start_index": 0, "end_index": 1, "url": "u" });
    let (mut content, mut events) = (Vec::new(), Vec::new());
    for (index, words) in parts.into_iter().enumerate() {
        let place = |mut fields: Value| {
            fields["item_id"] = json!(id);
            fields["content_index"] = json!(index);
            fields
        };
        let probability = |text: &str| match logprobs {
            true => json!([{ "token": text, "logprob": -0.5 }]),
            false => json!([]),
        };
        let text = words.concat();
        let part = |text: &str, annotations: Value| json!({ "type": "output_text", "annotations": annotations, "logprobs": probability(text), "text": text });
        events.push(event(
            "content_part.added",
            place(json!({ "part": part("", json!([])) })),
        ));
        for word in &words {
            let delta = json!({ "delta": word, "logprobs": probability(word), "obfuscation": "a" });
            events.push(event("output_text.delta", place(delta)));
        }
        let annotations = if cited { json!([citation]) } else { json!([]) };
        if cited {
            let added = json!({ "annotation_index": 0, "annotation": citation });
            events.insert(
                events.len() - 1,
                event("output_text.annotation.added", place(added)),
            );
        }
        let done = part(&text, annotations);
        events.push(event(
            "output_text.done",
            place(json!({ "text": text, "logprobs": probability(&text) })),
        ));
        events.push(event("content_part.done", place(json!({ "part": done }))));
        content.push(done);
    }
    framed(
        message_item(at, "in_progress", &[]),
        message_item(at, "completed", &content),
        events,
    )
}

fn refusal(at: usize, words: &[String]) -> Item {
    let id = format!("msg_{at}");
    let place = |mut fields: Value| {
        fields["item_id"] = json!(id);
        fields["content_index"] = json!(0);
        fields
    };
    let part = |text: &str| json!({ "type": "refusal", "refusal": text });
    let text = words.concat();
    let mut events = vec![event(
        "content_part.added",
        place(json!({ "part": part("") })),
    )];
    let delta = |word: &String| event("refusal.delta", place(json!({ "delta": word })));
    events.extend(words.iter().map(delta));
    events.push(event("refusal.done", place(json!({ "refusal": text }))));
    events.push(event(
        "content_part.done",
        place(json!({ "part": part(&text) })),
    ));
    let content = [part(&text)];
    framed(
        message_item(at, "in_progress", &[]),
        message_item(at, "completed", &content),
        events,
    )
}

fn reasoning(at: usize, words: &[String], dice: &mut Dice) -> Item {
    let id = format!("rs_{at}");
    let (list, index, kind, name) = match dice.roll(2) {
        0 => (
            "summary",
            "summary_index",
            "summary_text",
            "reasoning_summary_text",
        ),
        _ => (
            "content",
            "content_index",
            "reasoning_text",
            "reasoning_text",
        ),
    };
    let text = words.concat();
    let mut item =
        json!({ "id": id, "type": "reasoning", "encrypted_content": "gAAA", "summary": [] });
    let added = item.clone();
    item[list] = json!([{ "type": kind, "text": text }]);
    let mut events = Vec::new();
    let last = ("done", "text", &text);
    let deltas = words.iter().map(|word| ("delta", "delta", word));
    for (step, key, said) in deltas.chain([last]) {
        events.push(event(
            &format!("{name}.{step}"),
            json!({ "item_id": id, index: 0, key: said }),
        ));
    }
    framed(added, item, events)
}

fn hosted(at: usize, cuts: usize) -> Item {
    let item = |status: &str, arguments: &str| json!({ "id": format!("mcp_{at}"), "type": "mcp_call", "status": status, "name": "look", "server_label": "s", "arguments": arguments, "output": null });
    let arguments = r#"{"q":"é"}"#;
    let mut events = vec![event("mcp_call.in_progress", json!({}))];
    let delta = |piece: String| event("mcp_call_arguments.delta", json!({ "delta": piece }));
    events.extend(pieces(arguments, cuts).into_iter().map(delta));
    events.push(event(
        "mcp_call_arguments.done",
        json!({ "arguments": arguments }),
    ));
    events.push(event("mcp_call.completed", json!({})));
    framed(
        item("in_progress", ""),
        item("completed", arguments),
        events,
    )
}

fn unknown(at: usize) -> Item {
    let item =
        json!({ "id": format!("new_{at}"), "type": "not_known_yet", "x": [1, { "y": null }] });
    let events = vec![event(
        "not_known_yet.delta",
        json!({ "delta": { "x": 1.50 } }),
    )];
    framed(item.clone(), item, events)
}

/// A message with a part that is not known between two that are.
fn unknown_part(at: usize) -> Item {
    let text = |text: &str| json!({ "type": "output_text", "annotations": [], "text": text });
    let scent = |scent: &str| json!({ "type": "output_scent", "scent": scent });
    let of = |index: usize, name: &str, mut fields: Value| {
        fields["content_index"] = json!(index);
        event(name, fields)
    };
    let say = |index: usize, word: &str| {
        vec![
            of(index, "content_part.added", json!({ "part": text("") })),
            of(index, "output_text.delta", json!({ "delta": word })),
            of(index, "output_text.done", json!({ "text": word })),
            of(index, "content_part.done", json!({ "part": text(word) })),
        ]
    };
    let mut events = say(0, "hm");
    events.push(of(1, "content_part.added", json!({ "part": scent("") })));
    events.push(of(1, "output_scent.delta", json!({ "delta": "rose" })));
    events.push(of(1, "content_part.done", json!({ "part": scent("rose") })));
    events.extend(say(2, "well"));
    let content = [text("hm"), scent("rose"), text("well")];
    framed(
        message_item(at, "in_progress", &[]),
        message_item(at, "completed", &content),
        events,
    )
}

fn function_call(at: usize, call: &Call, cut: bool, dice: &mut Dice) -> Item {
    let id = format!("fc_{at}");
    let mut said = pieces(&json!({ "command": call.command }).to_string(), call.cuts);
    let mut status = "completed";
    if cut && call.cuts > 1 {
        said.pop();
        status = "incomplete";
    }
    let item = |status: &str, arguments: &str| json!({ "id": id, "type": "function_call", "status": status, "arguments": arguments, "call_id": format!("call_{MARK}{at}"), "name": format!("{MARK}bash") });
    let delta = |piece: &String| {
        event(
            "function_call_arguments.delta",
            json!({ "item_id": id, "delta": piece }),
        )
    };
    let mut events: Vec<_> = said.iter().map(delta).collect();
    let arguments = said.concat();
    if dice.roll(4) > 0 {
        events.push(event(
            "function_call_arguments.done",
            json!({ "item_id": id, "arguments": arguments }),
        ));
    }
    framed(item("in_progress", ""), item(status, &arguments), events)
}

fn custom_call(at: usize, call: &Call) -> Item {
    let item = |status: &str, input: &str| json!({ "id": format!("ctc_{at}"), "type": "custom_tool_call", "status": status, "input": input, "call_id": format!("call_{MARK}{at}"), "name": format!("{MARK}patch") });
    let delta = |piece: String| event("custom_tool_call_input.delta", json!({ "delta": piece }));
    let mut events: Vec<_> = pieces(&call.command, call.cuts)
        .into_iter()
        .map(delta)
        .collect();
    events.push(event(
        "custom_tool_call_input.done",
        json!({ "input": call.command }),
    ));
    framed(
        item("in_progress", ""),
        item("completed", &call.command),
        events,
    )
}

fn shell_call(at: usize, call: &Call) -> Item {
    let item = |status: &str| json!({ "id": format!("lsh_{at}"), "type": "local_shell_call", "status": status, "call_id": format!("call_{MARK}{at}"), "action": { "type": "exec", "command": [call.command], "env": {} } });
    framed(item("in_progress"), item("completed"), Vec::new())
}

fn patch_call(at: usize, call: &Call) -> Item {
    let item = |status: &str, diff: &str| json!({ "id": format!("apc_{at}"), "type": "apply_patch_call", "status": status, "call_id": format!("call_{MARK}{at}"), "operation": { "type": "update_file", "path": "a", "diff": diff } });
    let delta = |piece: String| {
        event(
            "apply_patch_call_operation_diff.delta",
            json!({ "delta": piece }),
        )
    };
    let mut events: Vec<_> = pieces(&call.command, call.cuts)
        .into_iter()
        .map(delta)
        .collect();
    events.push(event(
        "apply_patch_call_operation_diff.done",
        json!({ "diff": call.command }),
    ));
    framed(
        item("in_progress", ""),
        item("completed", &call.command),
        events,
    )
}

fn response(items: &[Item], status: &str, cut: bool) -> Value {
    let output: Vec<&Value> = items.iter().map(|item| &item.done).collect();
    let details = if cut {
        json!({ "reason": "max_output_tokens" })
    } else {
        Value::Null
    };
    json!({ "id": "resp_01", "object": "response", "status": status, "background": false, "error": null, "incomplete_details": details, "model": "m", "new_field": 1.50, "output": output, "previous_response_id": "resp_00", "store": true, "usage": null })
}

/// Each item's events in a row, or those of two items by turns.
fn order(items: &[Item], dice: &mut Dice) -> Vec<(String, Value)> {
    let numbered = items.iter().enumerate().map(|(at, item)| {
        let events = item.events.iter().map(move |(name, fields)| {
            let mut fields = fields.clone();
            fields["output_index"] = json!(at);
            (name.clone(), fields)
        });
        events.collect::<Vec<_>>()
    });
    let mut ordered = Vec::new();
    let mut queues: Vec<_> = numbered.collect();
    queues.reverse();
    while let Some(mut events) = queues.pop() {
        // A stop in its middle would find the other on the wire already, and not so in a whole reply.
        let mixed = events.iter().any(|(name, _)| name.contains("output_scent"));
        let other = match dice.roll(5) {
            0 if !mixed => queues.pop(),
            _ => None,
        };
        let mut others = other.unwrap_or_default().into_iter();
        ordered.push(events.remove(0));
        for event in events {
            if dice.roll(2) == 0 {
                ordered.extend(others.next());
            }
            ordered.push(event);
        }
        ordered.extend(others);
    }
    ordered
}

fn stream(items: &[Item], cut: bool, dice: &mut Dice) -> String {
    let start = json!({ "response": response(&[], "in_progress", false) });
    let mut events = vec![event("created", start.clone()), event("in_progress", start)];
    events.extend(order(items, dice));
    let status = if cut { "incomplete" } else { "completed" };
    events.push(event(
        status,
        json!({ "response": response(items, status, cut) }),
    ));
    let numbered = dice.roll(5) > 0;
    let mut stream = String::new();
    let mut number = 0;
    for (name, mut fields) in events {
        fields["type"] = json!(name);
        if numbered {
            fields["sequence_number"] = json!(number);
            number += 1;
        }
        sse::write(&mut stream, &name, &fields, dice);
        let last = name.ends_with(status);
        match dice.roll(8) {
            0 if numbered && !last => {
                let beat = json!({ "type": "keepalive", "sequence_number": number });
                number += 1;
                sse::write(&mut stream, "keepalive", &beat, dice);
            }
            1 => stream += "event: news\ndata: not json\n\n",
            _ => {}
        }
    }
    stream
}

fn whole(items: &[Item], cut: bool, dice: &mut Dice) -> String {
    let status = if cut { "incomplete" } else { "completed" };
    let whole = response(items, status, cut);
    match dice.roll(2) {
        0 => whole.to_string(),
        _ => format!("{whole:#}\n"),
    }
}
