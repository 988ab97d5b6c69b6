//! Replies as upstream might send them, and what policies might rule, made at random.

use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};
use sluice_protocol::{Block, Delivery, PieceRuling, Ruling, ToolCall, Wants};

use crate::drive::Judge;

/// A legal reply of upstream's, in both forms.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) stream: String,
    pub(crate) whole: String,
}

/// Rulings, taken one after the other and over again.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    blocks: Vec<Ruling>,
    pieces: Vec<PieceRuling>,
    added: Vec<String>,
    at: usize,
}

impl Judge for Script {
    fn block(&mut self, block: &Block) -> Ruling {
        self.at += 1;
        let mut ruling = self.blocks[self.at % self.blocks.len()].clone();
        if let (Ruling::Replace(blocks), Block::ToolCall(judged)) = (&mut ruling, block) {
            for block in blocks {
                if let Block::ToolCall(call) = block
                    && call.id == "same"
                {
                    call.id.clone_from(&judged.id);
                }
            }
        }
        ruling
    }

    fn piece(&mut self, _text: &str, _last: bool) -> PieceRuling {
        self.at += 1;
        self.pieces[self.at % self.pieces.len()].clone()
    }

    fn end(&mut self, _stop_reason: &str) -> Vec<String> {
        self.added.clone()
    }
}

#[derive(Clone, Debug)]
struct Content {
    block: Value,
    start: Value,
    deltas: Vec<Value>,
}

/// Any wants.
pub(crate) fn wants() -> impl Strategy<Value = Wants> {
    let pieces = [
        Delivery::None,
        Delivery::Observe,
        Delivery::Whole,
        Delivery::Pieces,
    ];
    let kind = || select(&[Delivery::None, Delivery::Observe, Delivery::Whole][..]);
    (
        select(pieces.to_vec()),
        kind(),
        kind(),
        kind(),
        any::<bool>(),
    )
        .prop_map(|(text, thinking, tool_call, other, end)| Wants {
            text,
            thinking,
            tool_call,
            other,
            end,
        })
}

/// Any rulings on blocks, pieces and the end.
pub(crate) fn script() -> impl Strategy<Value = Script> {
    let text = || select(vec!["", " \n", "a", "several words"]).prop_map(str::to_owned);
    let call = select(vec!["", "same", "other"]).prop_map(|id| {
        Block::ToolCall(ToolCall {
            id: id.to_owned(),
            name: "made".to_owned(),
            arguments: r#"{"made":"\u00e9"}"#.to_owned(),
        })
    });
    let made = prop_oneof![text().prop_map(Block::Text), call];
    let block = prop_oneof![
        4 => Just(Ruling::Keep),
        4 => prop::collection::vec(made, 0..4).prop_map(Ruling::Replace),
        2 => text().prop_map(|notice| Ruling::Drop { notice }),
        1 => text().prop_map(|notice| Ruling::Stop { notice }),
    ];
    let piece = prop_oneof![
        8 => Just(PieceRuling::Keep),
        8 => text().prop_map(PieceRuling::Send),
        1 => text().prop_map(|notice| PieceRuling::Stop { notice }),
    ];
    let blocks = prop::collection::vec(block, 1..6);
    let pieces = prop::collection::vec(piece, 1..6);
    let added = prop::collection::vec(text(), 0..3);
    (blocks, pieces, added).prop_map(|(blocks, pieces, added)| Script {
        blocks,
        pieces,
        added,
        at: 0,
    })
}

/// A legal reply of any blocks: tool calls last, no blank text, stop reason accordingly.
pub(crate) fn upstream() -> impl Strategy<Value = Upstream> {
    let prose = prop::collection::vec(
        prop_oneof![thinking(), text(), server_tool(), unknown()],
        0..4,
    );
    let calls = prop::collection::vec(tool_call(), 0..4);
    let noise = prop::collection::vec(0..6_usize, 1..8);
    let tokens = any::<bool>();
    (prose, calls, noise, tokens).prop_filter_map("no content", |(prose, calls, noise, tokens)| {
        let stop_reason = match (tokens, calls.is_empty()) {
            (true, _) => "max_tokens",
            (_, true) => "end_turn",
            (_, false) => "tool_use",
        };
        let mut content: Vec<Content> = prose.into_iter().chain(calls).collect();
        for (at, block) in content.iter_mut().enumerate() {
            if block.block["type"] == "tool_use" {
                let id = json!(format!("toolu_{at}"));
                block.block["id"] = id.clone();
                block.start["id"] = id;
            }
        }
        (!content.is_empty()).then(|| render(&content, &noise, stop_reason))
    })
}

fn content(block: Value, start: Value, deltas: Vec<Value>) -> Content {
    Content {
        block,
        start,
        deltas,
    }
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-c \n\"é]{0,5}", 0..5).prop_map(|mut words| {
        words.insert(words.len() / 2, "x".to_owned());
        words
    })
}

fn text() -> impl Strategy<Value = Content> {
    (words(), any::<bool>()).prop_map(|(words, cited)| {
        let delta = |text: &String| json!({ "type": "text_delta", "text": text });
        let mut deltas: Vec<Value> = words.iter().map(delta).collect();
        let mut block = json!({ "type": "text", "text": words.concat() });
        if cited {
            let citation = json!({ "type": "char_location", "cited_text": "c" });
            block["citations"] = json!([citation]);
            deltas.insert(
                deltas.len() / 2,
                json!({ "type": "citations_delta", "citation": citation }),
            );
        }
        content(block, json!({ "type": "text", "text": "" }), deltas)
    })
}

fn thinking() -> impl Strategy<Value = Content> {
    words().prop_map(|words| {
        let delta = |text: &String| json!({ "type": "thinking_delta", "thinking": text });
        let mut deltas: Vec<Value> = words.iter().map(delta).collect();
        deltas.push(json!({ "type": "signature_delta", "signature": "c2ln" }));
        content(
            json!({ "type": "thinking", "thinking": words.concat(), "signature": "c2ln" }),
            json!({ "type": "thinking", "thinking": "", "signature": "" }),
            deltas,
        )
    })
}

fn call(kind: &str, command: &str, cuts: usize) -> Content {
    let input = json!({ "command": command });
    let json = input.to_string();
    let letters: Vec<char> = json.chars().collect();
    let pieces = letters.chunks(letters.len().div_ceil(cuts));
    let delta = |piece: &[char]| {
        let piece: String = piece.iter().collect();
        json!({ "type": "input_json_delta", "partial_json": piece })
    };
    let block = |input| json!({ "type": kind, "id": "srvtoolu_1", "name": "bash", "input": input, "caller": { "type": "direct" } });
    content(block(input), block(json!({})), pieces.map(delta).collect())
}

fn tool_call() -> impl Strategy<Value = Content> {
    ("[a-c \"\\\\é]{0,6}", 1..4_usize).prop_map(|(command, cuts)| call("tool_use", &command, cuts))
}

fn server_tool() -> impl Strategy<Value = Content> {
    (1..4_usize).prop_map(|cuts| call("server_tool_use", "q", cuts))
}

fn unknown() -> impl Strategy<Value = Content> {
    Just(json!({ "type": "not_known_yet", "x": [1, { "y": null }] }))
        .prop_map(|block| content(block.clone(), block, Vec::new()))
}

fn render(blocks: &[Content], noise: &[usize], stop_reason: &str) -> Upstream {
    let mut stream = String::new();
    let mut frames = 0;
    let mut event = |name: &str, mut data: Value| {
        data["type"] = json!(name);
        stream += &match noise[frames % noise.len()] {
            0 => format!("event: {name}\r\ndata: {data}\r\n\r\n"),
            1 => format!(
                "event: {name}\ndata: {data}\n\nevent: ping\ndata: {{\"type\": \"ping\"}}\n\n"
            ),
            2 => {
                format!("event: {name}\ndata: {data}\n\nevent: news\ndata: not json\n\n: note\n\n")
            }
            3 => format!(
                "id: 7\nevent: {name}\ndata: {}\n\n",
                format!("{data:#}").replace('\n', "\ndata: ")
            ),
            _ => format!("event: {name}\ndata: {data}\n\n"),
        };
        frames += 1;
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
    whole["content"] = blocks.iter().map(|block| block.block.clone()).collect();
    whole["stop_reason"] = json!(stop_reason);
    Upstream {
        stream,
        whole: format!("{whole:#}\n"),
    }
}
