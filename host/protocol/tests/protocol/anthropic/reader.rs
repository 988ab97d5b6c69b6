//! The calls that clients find in a stream of the Messages API.

use crate::readers::{Call, Input, Json, Kind, Place, Reader};

#[derive(Default)]
struct Block {
    index: Option<usize>,
    kind: String,
    name: String,
    start: String,
    deltas: String,
}

pub(super) fn calls(stream: &[u8], reader: &Reader) -> Vec<Call> {
    let mut blocks: Vec<Block> = Vec::new();
    for (name, event) in reader.events(stream) {
        let get = |key| event.get(key, reader.keys);
        let kind = match reader.kind {
            Kind::Name => name,
            Kind::Type | Kind::Keys => get("type").text().unwrap_or_default().to_owned(),
        };
        let is = |of: &str| reader.kind == Kind::Keys || kind == of;
        if is("message_start") {
            let content = get("message").get("content", reader.keys);
            blocks.extend(
                content
                    .elements()
                    .iter()
                    .map(|json| block(None, json, reader)),
            );
        }
        let index = get("index").index();
        if is("content_block_start") && get("content_block").is_there() {
            blocks.push(block(index, get("content_block"), reader));
        }
        if is("content_block_delta") {
            let at = match (reader.place, index) {
                (Place::Position, Some(index)) => Some(index),
                (Place::Index, Some(_)) => blocks.iter().rposition(|block| block.index == index),
                (Place::Latest, _) => blocks.len().checked_sub(1),
                _ => None,
            };
            let input = get("delta").get("partial_json", reader.keys).text();
            if let (Some(block), Some(input)) = (at.and_then(|at| blocks.get_mut(at)), input) {
                block.deltas += input;
            }
        }
    }
    let calls = blocks.into_iter().filter(|block| block.kind == "tool_use");
    let calls = calls.map(|block| match (reader.input, block.deltas.is_empty()) {
        (_, true) => (block.name, block.start),
        (Input::Deltas, false) => (block.name, block.deltas),
        (Input::Both, false) => {
            let start = if block.start == "{}" {
                String::new()
            } else {
                block.start
            };
            (block.name, start + &block.deltas)
        }
    });
    calls.collect()
}

pub(super) fn calls_of_whole(body: &Json, reader: &Reader) -> Vec<Call> {
    let content = body.get("content", reader.keys).elements().iter();
    let blocks = content.map(|json| block(None, json, reader));
    let calls = blocks.filter(|block| block.kind == "tool_use");
    calls.map(|block| (block.name, block.start)).collect()
}

fn block(index: Option<usize>, json: &Json, reader: &Reader) -> Block {
    let text = |key| {
        json.get(key, reader.keys)
            .text()
            .unwrap_or_default()
            .to_owned()
    };
    let input = json.get("input", reader.keys);
    Block {
        index,
        kind: text("type"),
        name: text("name"),
        start: if input.is_there() {
            input.written()
        } else {
            "{}".to_owned()
        },
        deltas: String::new(),
    }
}
