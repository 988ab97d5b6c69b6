//! Drafts as Chat Completions would send them.

use serde_json::{Map, Value, json};

use crate::{
    generate::{Call, Dice, Draft, Element, Form, MARK, Upstream, pieces},
    sse,
};

/// A choice: what it says in a whole reply, and in which steps a stream tells it.
struct Choice {
    message: Map<String, Value>,
    deltas: Vec<Map<String, Value>>,
    finish_reason: &'static str,
    logprobs: bool,
}

/// What an element adds to a message comes in the order of the message's fields.
pub(super) fn render(draft: &Draft) -> Upstream {
    let mut dice = draft.dice.clone();
    let choices = draft.choices.iter().enumerate();
    let choices: Vec<Choice> = choices
        .map(|(at, elements)| choice(at, elements, draft.cut, &mut dice))
        .collect();
    Upstream {
        stream: stream(&choices, &mut dice),
        whole: whole(&choices, &mut dice),
        choices: choices.len(),
    }
}

fn choice(at: usize, elements: &[Element], cut: bool, dice: &mut Dice) -> Choice {
    let words = |pick: fn(&Element) -> Option<&Vec<String>>| -> Vec<String> {
        elements
            .iter()
            .filter_map(pick)
            .flatten()
            .cloned()
            .collect()
    };
    let mut calls: Vec<&Call> = Vec::new();
    for element in elements {
        if let Element::Call(call) = element {
            calls.push(call);
        }
    }
    let thinking = words(|element| match element {
        Element::Thinking(words) => Some(words),
        _ => None,
    });
    let mut text = words(|element| match element {
        Element::Text { words, .. } => Some(words),
        _ => None,
    });
    let refusal = words(|element| match element {
        Element::Refusal(words) => Some(words),
        _ => None,
    });
    if text.is_empty() && refusal.is_empty() && calls.is_empty() {
        text.push("x".to_owned());
    }
    let mut choice = Choice {
        message: object(json!({ "role": "assistant" })),
        deltas: vec![object(match dice.roll(3) {
            0 => json!({ "role": "assistant", "content": "", "refusal": null }),
            1 => json!({ "role": "assistant", "content": null }),
            _ => json!({ "role": "assistant" }),
        })],
        finish_reason: "stop",
        logprobs: elements
            .iter()
            .any(|element| matches!(element, Element::Text { cited: true, .. })),
    };
    choice.say(
        ["reasoning_content", "reasoning"][dice.roll(2)],
        &thinking,
        dice,
    );
    choice.say("content", &text, dice);
    choice.say("refusal", &refusal, dice);
    choice.call(at, &calls, cut, dice);
    if cut {
        choice.finish_reason = "length";
    }
    for element in elements {
        let (name, value) = match element {
            Element::Hosted { cuts } => ("executed_tools", json!([{ "index": cuts }])),
            Element::Unknown => (
                "annotations",
                json!([{ "type": "not_known_yet", "x": [1, null] }]),
            ),
            _ => continue,
        };
        choice.message.insert(name.to_owned(), value.clone());
        let place = 1 + dice.roll(choice.deltas.len());
        choice.deltas.insert(place, object(json!({ name: value })));
    }
    choice.merge(dice);
    choice
}

impl Choice {
    /// A field that comes in pieces; where it says nothing it may be there all the same.
    fn say(&mut self, name: &str, words: &[String], dice: &mut Dice) {
        if !words.is_empty() {
            self.message.insert(name.to_owned(), json!(words.concat()));
        } else if dice.roll(2) == 0 {
            self.message.insert(name.to_owned(), Value::Null);
        }
        for word in words {
            self.deltas.push(object(json!({ name: word })));
        }
    }

    fn call(&mut self, choice: usize, calls: &[&Call], cut: bool, dice: &mut Dice) {
        let old = calls.first().is_some_and(|call| call.form == Form::Legacy);
        // What was never said of the last call's arguments.
        let calls = if old { &calls[..1] } else { calls };
        let said = |at: usize, call: &Call| {
            let arguments = json!({ "command": call.command }).to_string();
            let mut pieces = pieces(&arguments, call.cuts);
            if cut && at + 1 == calls.len() {
                pieces.truncate(call.cuts - 1);
            }
            pieces
        };
        if old {
            let (name, pieces) = (format!("{MARK}old_{choice}"), said(0, calls[0]));
            let call = |arguments: &str| json!({ "name": name, "arguments": arguments });
            self.message
                .insert("function_call".to_owned(), call(&pieces.concat()));
            self.deltas
                .push(object(json!({ "function_call": call("") })));
            for piece in pieces {
                let piece = json!({ "function_call": { "arguments": piece } });
                self.deltas.push(object(piece));
            }
            self.finish_reason = "function_call";
            return;
        }
        let mut wholes = Vec::new();
        let mut queues: Vec<Vec<Value>> = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            let (kind, arguments) = match call.form {
                Form::Custom => ("custom", "input"),
                _ => ("function", "arguments"),
            };
            let said = said(at, call);
            let (id, name) = (
                format!("call_{MARK}{choice}_{at}"),
                format!("{MARK}{choice}_{at}"),
            );
            let element = |with: &str| json!({ "id": id, "type": kind, kind: { "name": name, arguments: with } });
            wholes.push(element(&said.concat()));
            let mut start = element("");
            start["index"] = json!(at);
            let piece = |piece: &String| json!({ "index": at, kind: { arguments: piece } });
            let mut queue = vec![start];
            queue.extend(said.iter().map(piece));
            queues.push(queue);
        }
        for piece in queues.into_iter().flatten() {
            self.deltas.push(object(json!({ "tool_calls": [piece] })));
        }
        if !wholes.is_empty() {
            self.message.insert("tool_calls".to_owned(), json!(wholes));
            self.finish_reason = "tool_calls";
        } else if dice.roll(3) == 0 {
            self.message.insert("tool_calls".to_owned(), Value::Null);
        }
    }

    /// Puts some of the deltas into one chunk with the one before.
    fn merge(&mut self, dice: &mut Dice) {
        let mut merged: Vec<Map<String, Value>> = Vec::new();
        for delta in std::mem::take(&mut self.deltas) {
            let index = |delta: &Map<String, Value>| {
                delta
                    .get("tool_calls")
                    .map(|calls| calls[0]["index"].clone())
            };
            if dice.roll(4) == 0
                && let Some(last) = merged.last_mut()
            {
                let fresh = delta
                    .keys()
                    .all(|name| last.get(name).is_none_or(Value::is_null));
                if fresh {
                    last.extend(delta);
                    continue;
                }
                let one_each = last
                    .get("tool_calls")
                    .and_then(Value::as_array)
                    .is_some_and(|calls| calls.len() == 1);
                if let (true, Some(more)) = (one_each && delta.len() == 1, delta.get("tool_calls"))
                    && index(last) != index(&delta)
                {
                    let more = more[0].clone();
                    last["tool_calls"].as_array_mut().unwrap().push(more);
                    continue;
                }
            }
            merged.push(delta);
        }
        self.deltas = merged;
    }

    /// A choice of a chunk.
    fn chunk(&self, at: usize, step: usize, dice: &Dice) -> Value {
        let delta = self.deltas.get(step).cloned().unwrap_or_default();
        let logprobs = match delta.get("content").and_then(Value::as_str) {
            Some(text) if self.logprobs => {
                json!({ "content": [{ "token": text }], "refusal": null })
            }
            _ => Value::Null,
        };
        let last = self.steps(dice) == step + 1;
        let finish_reason = if last {
            json!(self.finish_reason)
        } else {
            Value::Null
        };
        json!({ "index": at, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason })
    }

    /// In how many chunks it comes; the finish reason may have one of its own.
    fn steps(&self, dice: &Dice) -> usize {
        self.deltas.len() + usize::from(!dice.first().is_multiple_of(3))
    }
}

fn stream(choices: &[Choice], dice: &mut Dice) -> String {
    let mut stream = String::new();
    let mut head = json!({ "id": "chatcmpl-01", "object": "chat.completion.chunk", "created": 1, "model": "m", "new_field": 1.50 });
    if dice.roll(4) == 0 {
        let filtered = json!({ "id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": [{ "prompt_index": 0 }] });
        sse::write(&mut stream, "", &filtered, dice);
    }
    let usage = dice.roll(2) == 0;
    if usage {
        head["usage"] = Value::Null;
    }
    let mut steps = vec![0; choices.len()];
    loop {
        let open = (0..choices.len()).filter(|at| steps[*at] < choices[*at].steps(dice));
        let open: Vec<usize> = open.collect();
        if open.is_empty() {
            break;
        }
        let at = open[dice.roll(open.len())];
        let mut chunk = head.clone();
        let mut parts = vec![choices[at].chunk(at, steps[at], dice)];
        steps[at] += 1;
        let other = open[dice.roll(open.len())];
        if other != at && dice.roll(3) == 0 {
            parts.push(choices[other].chunk(other, steps[other], dice));
            steps[other] += 1;
        }
        chunk["choices"] = json!(parts);
        sse::write(&mut stream, "", &chunk, dice);
        if dice.roll(8) == 0 {
            stream += ": PROCESSING\n\n";
        }
    }
    if usage {
        head["choices"] = json!([]);
        head["usage"] = json!({ "total_tokens": 9 });
        sse::write(&mut stream, "", &head, dice);
    }
    if dice.roll(4) > 0 {
        stream += "data: [DONE]\n\n";
    }
    stream
}

fn whole(choices: &[Choice], dice: &mut Dice) -> String {
    let choices = choices.iter().enumerate().map(|(at, choice)| {
        let text = choice.message.get("content").and_then(Value::as_str);
        let logprobs = match text {
            Some(text) if choice.logprobs => json!({ "content": [{ "token": text }], "refusal": null }),
            _ => Value::Null,
        };
        json!({ "index": at, "message": choice.message, "logprobs": logprobs, "finish_reason": choice.finish_reason })
    });
    let choices: Vec<Value> = choices.collect();
    let whole = json!({ "id": "chatcmpl-01", "object": "chat.completion", "created": 1, "model": "m", "new_field": 1.50, "choices": choices, "usage": { "total_tokens": 9 } });
    match dice.roll(2) {
        0 => whole.to_string(),
        _ => format!("{whole:#}\n"),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
