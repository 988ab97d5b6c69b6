//! Drafts as the Messages API would send them.

use serde_json::{Value, json};

use crate::{
    generate::{Call, Dice, Draft, Element, MARK, Upstream, pieces},
    sse,
};

/// A content block: in a whole reply, in its start event, and what its deltas add.
struct Block {
    whole: Value,
    start: Value,
    deltas: Vec<Value>,
}

/// Tool calls last, stop reason accordingly.
pub(super) fn render(draft: &Draft) -> Option<Upstream> {
    let elements = || draft.choices.iter().flatten();
    let is_call = |element: &&Element| matches!(element, Element::Call(_));
    let prose = elements().filter(|element| !is_call(element));
    let blocks = prose.chain(elements().filter(is_call));
    let blocks: Vec<Block> = blocks
        .enumerate()
        .map(|(at, element)| block(element, at))
        .collect();
    let stop_reason = match (draft.cut, elements().any(|element| is_call(&element))) {
        (true, _) => "max_tokens",
        (_, false) => "end_turn",
        (_, true) => "tool_use",
    };
    (!blocks.is_empty()).then(|| written(&blocks, draft.dice.clone(), stop_reason))
}

fn block(element: &Element, at: usize) -> Block {
    match element {
        Element::Text { words, cited } => text(words, *cited),
        Element::Refusal(words) => text(words, false),
        Element::Thinking(words) => thinking(words),
        Element::Hosted { cuts } => tool("server_tool_use", "srvtoolu_1", "search", "q", *cuts),
        Element::Unknown => {
            let block = json!({ "type": "not_known_yet", "x": [1, { "y": null }] });
            Block {
                whole: block.clone(),
                start: block,
                deltas: Vec::new(),
            }
        }
        Element::Call(Call { command, cuts, .. }) => {
            let (id, name) = (format!("toolu_{MARK}{at}"), format!("{MARK}bash"));
            tool("tool_use", &id, &name, command, *cuts)
        }
    }
}

fn text(words: &[String], cited: bool) -> Block {
    let delta = |text: &String| json!({ "type": "text_delta", "text": text });
    let mut deltas: Vec<Value> = words.iter().map(delta).collect();
    let mut whole = json!({ "type": "text", "text": words.concat() });
    if cited {
        let citation = json!({ "type": "char_location", "cited_text": "c" });
        whole["citations"] = json!([citation]);
        deltas.insert(
            deltas.len() / 2,
            json!({ "type": "citations_delta", "citation": citation }),
        );
    }
    Block {
        whole,
        start: json!({ "type": "text", "text": "" }),
        deltas,
    }
}

fn thinking(words: &[String]) -> Block {
    let delta = |text: &String| json!({ "type": "thinking_delta", "thinking": text });
    let mut deltas: Vec<Value> = words.iter().map(delta).collect();
    deltas.push(json!({ "type": "signature_delta", "signature": "c2ln" }));
    Block {
        whole: json!({ "type": "thinking", "thinking": words.concat(), "signature": "c2ln" }),
        start: json!({ "type": "thinking", "thinking": "", "signature": "" }),
        deltas,
    }
}

fn tool(kind: &str, id: &str, name: &str, command: &str, cuts: usize) -> Block {
    let input = json!({ "command": command });
    let delta = |piece| json!({ "type": "input_json_delta", "partial_json": piece });
    let deltas = pieces(&input.to_string(), cuts).into_iter().map(delta);
    let block = |input| json!({ "type": kind, "id": id, "name": name, "input": input, "caller": { "type": "direct" } });
    Block {
        deltas: deltas.collect(),
        whole: block(input),
        start: block(json!({})),
    }
}

fn written(blocks: &[Block], mut dice: Dice, stop_reason: &str) -> Upstream {
    let mut stream = String::new();
    let mut event = |name: &str, mut data: Value| {
        data["type"] = json!(name);
        sse::write(&mut stream, name, &data, &mut dice);
        stream += match dice.roll(6) {
            0 => "event: ping\ndata: {\"type\": \"ping\"}\n\n",
            1 => "event: news\ndata: not json\n\n",
            _ => "",
        };
    };
    let head = json!({ "id": "msg_01", "type": "message", "role": "assistant", "model": "m", "new_field": 1.50 });
    let mut start = head.clone();
    start["content"] = json!([]);
    event("message_start", json!({ "message": start }));
    for (index, block) in blocks.iter().enumerate() {
        event(
            "content_block_start",
            json!({ "index": index, "content_block": block.start }),
        );
        for delta in &block.deltas {
            event(
                "content_block_delta",
                json!({ "index": index, "delta": delta }),
            );
        }
        event("content_block_stop", json!({ "index": index }));
    }
    let delta = json!({ "stop_reason": stop_reason, "stop_sequence": null });
    event(
        "message_delta",
        json!({ "delta": delta, "usage": { "output_tokens": 9 } }),
    );
    event("message_stop", json!({}));
    let mut whole = head;
    whole["content"] = blocks.iter().map(|block| block.whole.clone()).collect();
    whole["stop_reason"] = json!(stop_reason);
    Upstream {
        stream,
        whole: format!("{whole:#}\n"),
        choices: 1,
    }
}
