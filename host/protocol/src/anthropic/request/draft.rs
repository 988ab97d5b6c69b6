//! The content of one message while its blocks are replaced.

use crate::{
    Block, BlockAddress, EditError,
    anthropic::content::{read, rewrite, write},
    compose::is_blank,
    json::{self, Edit, Span, elements, quote, removals},
};

/// A message's content as it is going to be.
#[derive(Debug)]
pub(super) struct Draft {
    content: Span,
    /// The blocks that the body has; none where its content is one string.
    elements: Vec<Span>,
    parts: Vec<Part>,
    /// Whether the content still is one string.
    plain: bool,
}

#[derive(Clone, Debug)]
struct Part {
    /// The element in whose place this stands.
    element: usize,
    /// Its JSON, where it is not as it was.
    written: Option<String>,
}

/// Whether a policy may put `block` into a request; its JSON may take `depth` levels.
pub(super) fn check(block: &Block, depth: usize) -> Result<(), EditError> {
    let illegal = |what: &str| Err(EditError::Illegal(what.to_owned()));
    let depth_of = |json: &str, levels: usize| {
        let checked = json::check(json, depth.saturating_sub(levels));
        checked.map_err(|fault| EditError::NotJson(fault.to_string()))
    };
    match block {
        Block::Text(text) if is_blank(text) => illegal("a text block must not be blank"),
        Block::Text(_) => Ok(()),
        Block::Thinking(_) => illegal("thinking is signed by the provider and can't be made"),
        Block::ToolCall(call) if call.id.is_empty() => illegal("a tool call needs an id"),
        Block::ToolCall(call) if call.name.is_empty() => illegal("a tool call needs a name"),
        Block::ToolCall(call) if !json::is_object(&call.arguments) => {
            illegal("the arguments of a tool call must be a JSON object")
        }
        Block::ToolCall(call) => depth_of(&call.arguments, 1),
        Block::ToolResult(result) if result.call_id.is_empty() => {
            illegal("a tool result needs the id of its call")
        }
        Block::ToolResult(_) => Ok(()),
        Block::Other(json) if json::is_object(json) => depth_of(json, 0),
        Block::Other(_) => illegal("a block must be a JSON object"),
    }
}

/// There is no such block.
pub(super) fn not_found(at: BlockAddress) -> EditError {
    EditError::NotFound(format!("messages.{}.content.{}", at.message, at.block))
}

impl Draft {
    /// The content as it stands in the body.
    pub(super) fn new(body: &[u8], content: Span) -> Self {
        let inside = content.bytes(body);
        let plain = inside.starts_with(b"\"");
        let spans = elements(inside).into_iter();
        let elements: Vec<Span> = spans.map(|span| span.shifted(content.start)).collect();
        let count = if plain { 1 } else { elements.len() };
        let part = |element| Part {
            element,
            written: None,
        };
        Self {
            content,
            elements,
            parts: (0..count).map(part).collect(),
            plain,
        }
    }

    /// Whether it is not as in the body.
    pub(super) fn is_changed(&self) -> bool {
        let whole = self.parts.len() >= self.elements.len();
        !whole || self.parts.iter().any(|part| part.written.is_some())
    }

    /// The blocks as they are now.
    pub(super) fn blocks(&self, body: &[u8]) -> Vec<Block> {
        let parts = self.parts.iter();
        parts.map(|part| self.block(body, part)).collect()
    }

    /// Puts `blocks` in the place of the block at `at`.
    pub(super) fn replace(
        &mut self,
        body: &[u8],
        at: BlockAddress,
        blocks: &[Block],
    ) -> Result<(), EditError> {
        let illegal = |what: &str| Err(EditError::Illegal(what.to_owned()));
        let place = at.block as usize;
        let Some(old) = self.parts.get(place) else {
            return Err(not_found(at));
        };
        if blocks.is_empty() && self.parts.len() == 1 {
            return illegal("a message must have content");
        }
        if matches!(self.block(body, old), Block::Thinking(_)) {
            return illegal("thinking is signed by the provider and can't be replaced");
        }
        let written = match blocks {
            [Block::Text(text)] if self.plain => vec![quote(text)],
            [block] if !self.plain => {
                let kept = rewrite(self.json(body, old), block);
                vec![kept.unwrap_or_else(|| write(block))]
            }
            _ => {
                self.plain = false;
                blocks.iter().map(write).collect()
            }
        };
        let element = old.element;
        let part = |json| Part {
            element,
            written: Some(json),
        };
        self.parts
            .splice(place..=place, written.into_iter().map(part));
        Ok(())
    }

    /// The edits of the body that make the content so.
    pub(super) fn edits(&self) -> Vec<Edit> {
        if self.elements.is_empty() {
            let json = self.parts.iter().filter_map(|part| part.written.as_deref());
            let json: Vec<&str> = json.collect();
            let with = match (self.plain, json.is_empty()) {
                (_, true) => return Vec::new(),
                (true, _) => json.concat(),
                (false, _) => format!("[{}]", json.join(",")),
            };
            let span = self.content;
            return vec![Edit { span, with }];
        }
        let mut left = vec![false; self.elements.len()];
        let mut edits = Vec::new();
        for group in self
            .parts
            .chunk_by(|one, other| one.element == other.element)
        {
            let element = group[0].element;
            left[element] = true;
            let json: Vec<&str> = group
                .iter()
                .filter_map(|part| part.written.as_deref())
                .collect();
            if !json.is_empty() {
                edits.push(Edit {
                    span: self.elements[element],
                    with: json.join(","),
                });
            }
        }
        edits.extend(removals(&self.elements, |at| !left[at]));
        edits
    }

    fn block(&self, body: &[u8], part: &Part) -> Block {
        let json = self.json(body, part);
        match json.as_bytes() {
            [b'"', inner @ .., b'"'] => Block::Text(json::unescape(inner)),
            _ => read(json),
        }
    }

    fn json<'a>(&'a self, body: &'a [u8], part: &'a Part) -> &'a str {
        let span = self.elements.get(part.element).unwrap_or(&self.content);
        part.written.as_deref().unwrap_or_else(|| span.text(body))
    }
}
