//! An item of the input while its blocks are replaced.

use super::index::{ItemSpans, Kind};
use crate::{
    Block, EditError, ToolResult,
    json::{Edit, Span, elements, fields, quote, set_fields, unescape},
    openai::items::{read_call, read_reasoning, read_text, set_call, set_text},
    view::{Draft, List, illegal, joined, rejoined},
};

/// An item as it is going to be.
#[derive(Debug)]
pub(crate) struct Content {
    kind: Kind,
    role: String,
    /// The content of a message, or the item itself.
    blocks: List,
}

/// A part of a message's content that says a text.
pub(super) fn text_part(role: &str, text: &str) -> String {
    let text = quote(text);
    match role {
        "assistant" => format!(r#"{{"type":"output_text","text":{text},"annotations":[]}}"#),
        _ => format!(r#"{{"type":"input_text","text":{text}}}"#),
    }
}

impl Content {
    /// The item as it stands in the body.
    pub(super) fn new(body: &[u8], item: ItemSpans) -> Self {
        let kind = item.kind(body);
        let blocks = match kind {
            Kind::Message => item.content,
            _ => Some(item.whole),
        };
        Self {
            kind,
            role: item.role(body),
            blocks: List::new(body, blocks),
        }
    }

    fn read(&self, json: &str) -> Block {
        let other = || Block::Other(json.to_owned());
        match (self.kind, json.as_bytes()) {
            (Kind::Input | Kind::Message, [b'"', inner @ .., b'"']) => Block::Text(unescape(inner)),
            (Kind::Message, _) => read_text(json).map_or_else(other, Block::Text),
            (Kind::Call, _) => read_call(json).map_or_else(other, Block::ToolCall),
            (Kind::Output, _) => read_output(json).map_or_else(other, Block::ToolResult),
            (Kind::Reasoning, _) => Block::Thinking(read_reasoning(json)),
            (Kind::Input | Kind::Other, _) => other(),
        }
    }

    fn replace_part(&mut self, body: &[u8], at: usize, blocks: &[Block]) -> Result<(), EditError> {
        if blocks.is_empty() && self.blocks.count() == 1 {
            return Err(illegal("a message must have content"));
        }
        let made = |block: &Block| match block {
            Block::Text(text) => Ok(text_part(&self.role, text)),
            Block::Other(json) => Ok(json.clone()),
            _ => Err(illegal("a tool call and its result are items of their own")),
        };
        let made = blocks.iter().map(made).collect::<Result<Vec<_>, _>>()?;
        let old = self.blocks.json(body, at).unwrap_or_default();
        match blocks {
            [block] if self.read(old) == *block => {}
            [Block::Text(text)] if self.blocks.is_plain() => self.blocks.set(at, quote(text)),
            [Block::Text(text)] if read_text(old).is_some() => {
                let with = set_text(old, text);
                self.blocks.set(at, with);
            }
            _ => self.blocks.put(at, made),
        }
        Ok(())
    }

    /// An item stays one of its kind.
    fn replace_item(&mut self, body: &[u8], blocks: &[Block]) -> Result<(), EditError> {
        let [block] = blocks else {
            return Err(illegal("in the place of an item stands one of its kind"));
        };
        let old = self.blocks.json(body, 0).unwrap_or_default();
        let now = self.read(old);
        let with = match (&now, block) {
            (now, block) if now == block => return Ok(()),
            (Block::Text(_), Block::Text(text)) => quote(text),
            (Block::ToolCall(_), Block::ToolCall(call)) => set_call(old, call),
            (Block::ToolResult(_), Block::ToolResult(result)) => set_output(old, result)?,
            (Block::Other(_), Block::Other(json)) => json.clone(),
            _ => return Err(illegal("in the place of an item stands one of its kind")),
        };
        self.blocks.set(0, with);
        Ok(())
    }
}

impl Draft for Content {
    fn count(&self) -> usize {
        self.blocks.count()
    }

    fn block(&self, body: &[u8], at: usize) -> Option<Block> {
        Some(self.read(self.blocks.json(body, at)?))
    }

    fn span(&self, at: usize) -> Option<Span> {
        self.blocks.span(at)
    }

    fn replace(&mut self, body: &[u8], at: usize, blocks: &[Block]) -> Result<(), EditError> {
        match self.kind {
            Kind::Message => self.replace_part(body, at, blocks),
            _ => self.replace_item(body, blocks),
        }
    }

    fn is_changed(&self) -> bool {
        self.blocks.is_changed()
    }

    fn edits(&self, _: &[u8]) -> Vec<Edit> {
        self.blocks.edits()
    }
}

/// What a call gave back; nothing where it is no text, such as a screenshot.
fn read_output(json: &str) -> Option<ToolResult> {
    let text = json.as_bytes();
    let [call_id, id, output] = fields(text, ["call_id", "id", "output"]).ok()?;
    let output = output.filter(|output| is_text(text, *output))?;
    let string = |span: Option<Span>| span.and_then(|span| span.string(text));
    Some(ToolResult {
        // A `local_shell_call_output` may have the one or the other.
        call_id: string(call_id).or_else(|| string(id)).unwrap_or_default(),
        content: joined(text, output, read_text),
        is_error: false,
    })
}

fn is_text(text: &[u8], output: Span) -> bool {
    let inside = output.bytes(text);
    let mut parts = elements(inside).into_iter();
    inside.starts_with(b"\"") || parts.any(|part| read_text(part.text(inside)).is_some())
}

fn set_output(json: &str, result: &ToolResult) -> Result<String, EditError> {
    if result.is_error {
        return Err(illegal("the API has no word for a tool that failed"));
    }
    let text = json.as_bytes();
    let found = fields(text, ["call_id", "output"]).unwrap_or_default();
    let [call_id, output] = found;
    let old = read_output(json).unwrap_or_else(|| result.clone());
    let key = if call_id.is_some() { "call_id" } else { "id" };
    let id = (old.call_id != result.call_id).then(|| quote(&result.call_id));
    let output = output.map(|output| output.text(text)).unwrap_or_default();
    let written = match output.starts_with('[') {
        true => rejoined(output, read_text, |part| match part {
            Some(part) => set_text(part, &result.content),
            None => text_part("tool", &result.content),
        }),
        false => quote(&result.content),
    };
    let written = (old.content != result.content).then_some(written);
    set_fields(json, [(key, id), ("output", written)]).map_err(|fault| illegal(&fault.to_string()))
}
