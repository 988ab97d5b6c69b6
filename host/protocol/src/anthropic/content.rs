//! Content blocks as JSON: read, written, and rewritten with all fields kept that are not changed.

use crate::{
    Block, BlockKind, ToolCall, ToolResult,
    block::arguments,
    json::{self, Span, fields, quote, set_fields},
    view::{joined, rejoined},
};

/// The kind that a block's `type` stands for.
pub(super) fn kind_of(block_type: &str) -> BlockKind {
    match block_type {
        "text" => BlockKind::Text,
        "thinking" => BlockKind::Thinking,
        "tool_use" => BlockKind::ToolCall,
        "tool_result" => BlockKind::ToolResult,
        _ => BlockKind::Other,
    }
}

/// The block that a JSON object says. A string that is missing reads as empty: whether upstream takes
/// such a block is upstream's to say.
pub(super) fn read(json: &str) -> Block {
    let text = json.as_bytes();
    let names = ["type", "text", "thinking", "id", "name", "input"];
    let Ok([kind, plain, thinking, id, name, input]) = fields(text, names) else {
        return Block::Other(json.to_owned());
    };
    let string = |span: Option<Span>| {
        let string = span.and_then(|span| span.string(text));
        string.unwrap_or_default()
    };
    match kind_of(&string(kind)) {
        BlockKind::Text => Block::Text(string(plain)),
        BlockKind::Thinking => Block::Thinking(string(thinking)),
        BlockKind::ToolCall => Block::ToolCall(ToolCall {
            id: string(id),
            name: string(name),
            arguments: input.map_or_else(|| "{}".to_owned(), |input| arguments(input.text(text))),
        }),
        BlockKind::ToolResult => Block::ToolResult(tool_result(text)),
        BlockKind::Other => Block::Other(json.to_owned()),
    }
}

/// A block as a JSON object of our own making.
pub(super) fn write(block: &Block) -> String {
    match block {
        Block::Text(text) => format!(r#"{{"type":"text","text":{}}}"#, quote(text)),
        Block::Thinking(text) => format!(
            r#"{{"type":"thinking","thinking":{},"signature":""}}"#,
            quote(text)
        ),
        Block::ToolCall(call) => tool_use(call, &call.arguments),
        Block::ToolResult(result) => format!(
            r#"{{"type":"tool_result","tool_use_id":{},"content":{},"is_error":{}}}"#,
            quote(&result.call_id),
            quote(&result.content),
            result.is_error
        ),
        Block::Other(json) => json.clone(),
    }
}

/// A tool call as a JSON object with this input.
pub(super) fn tool_use(call: &ToolCall, input: &str) -> String {
    format!(
        r#"{{"type":"tool_use","id":{},"name":{},"input":{input}}}"#,
        quote(&call.id),
        quote(&call.name),
    )
}

/// The JSON of a tool call with another name and input; its other fields stay.
pub(super) fn set_call(json: &str, call: &ToolCall, input: &str) -> String {
    let changed = set_fields(
        json,
        [
            ("id", Some(quote(&call.id))),
            ("name", Some(quote(&call.name))),
            ("input", Some(input.to_owned())),
        ],
    );
    changed.unwrap_or_else(|_| tool_use(call, input))
}

/// `json` changed to say what `block` says, where both are of one kind; its other fields, such as
/// `cache_control`, stay. `None` where it must be written anew.
pub(super) fn rewrite(json: &str, block: &Block) -> Option<String> {
    let old = read(json);
    if old == *block {
        return Some(json.to_owned());
    }
    let changed = match (&old, block) {
        (Block::Text(_), Block::Text(text)) => set_fields(json, [("text", Some(quote(text)))]),
        (Block::ToolCall(_), Block::ToolCall(call)) => Ok(set_call(json, call, &call.arguments)),
        (Block::ToolResult(old), Block::ToolResult(new)) => rewrite_result(json, old, new),
        _ => return None,
    };
    changed.ok()
}

fn tool_result(text: &[u8]) -> ToolResult {
    let [id, content, is_error] =
        fields(text, ["tool_use_id", "content", "is_error"]).unwrap_or_default();
    ToolResult {
        call_id: id.and_then(|id| id.string(text)).unwrap_or_default(),
        content: content
            .map(|content| joined(text, content, part_text))
            .unwrap_or_default(),
        is_error: is_error.is_some_and(|flag| flag.bytes(text) == b"true"),
    }
}

/// The text of a text part; nothing where it is another kind.
fn part_text(part: &str) -> Option<String> {
    let part = part.as_bytes();
    let [kind, text] = fields(part, ["type", "text"]).ok()?;
    let kind = kind?.string(part)?;
    (kind == "text").then(|| text.and_then(|text| text.string(part)).unwrap_or_default())
}

fn rewrite_result(json: &str, old: &ToolResult, new: &ToolResult) -> Result<String, json::Fault> {
    let text = json.as_bytes();
    let [content] = fields(text, ["content"])?;
    let written = match content.map(|content| content.text(text)) {
        _ if old.content == new.content => None,
        Some(parts) if parts.starts_with('[') => Some(rewrite_parts(parts, &new.content)),
        _ => Some(quote(&new.content)),
    };
    set_fields(
        json,
        [
            (
                "tool_use_id",
                (old.call_id != new.call_id).then(|| quote(&new.call_id)),
            ),
            ("content", written),
            (
                "is_error",
                (old.is_error != new.is_error).then(|| new.is_error.to_string()),
            ),
        ],
    )
}

fn rewrite_parts(parts: &str, content: &str) -> String {
    let text = Block::Text(content.to_owned());
    rejoined(parts, part_text, |old| {
        let kept = old.and_then(|old| rewrite(old, &text));
        kept.unwrap_or_else(|| write(&text))
    })
}

#[cfg(test)]
mod tests;
