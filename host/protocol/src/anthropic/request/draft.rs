//! The content of one message while its blocks are replaced.

use crate::{
    Block, EditError,
    anthropic::content::{read, rewrite, write},
    json::{Edit, Span, quote, unescape},
    view::{Draft, List, illegal},
};

/// A message's content as it is going to be.
#[derive(Debug)]
pub(crate) struct Content {
    blocks: List,
}

impl Content {
    /// The content as it stands in the body.
    pub(super) fn new(body: &[u8], content: Span) -> Self {
        Self {
            blocks: List::new(body, Some(content)),
        }
    }
}

impl Draft for Content {
    fn count(&self) -> usize {
        self.blocks.count()
    }

    fn block(&self, body: &[u8], at: usize) -> Option<Block> {
        let json = self.blocks.json(body, at)?;
        Some(match json.as_bytes() {
            [b'"', inner @ .., b'"'] => Block::Text(unescape(inner)),
            _ => read(json),
        })
    }

    fn span(&self, at: usize) -> Option<Span> {
        self.blocks.span(at)
    }

    fn replace(&mut self, body: &[u8], at: usize, blocks: &[Block]) -> Result<(), EditError> {
        if blocks.is_empty() && self.blocks.count() == 1 {
            return Err(illegal("a message must have content"));
        }
        match blocks {
            [Block::Text(text)] if self.blocks.is_plain() => self.blocks.set(at, quote(text)),
            [block] if !self.blocks.is_plain() => {
                let old = self.blocks.json(body, at).unwrap_or_default();
                let kept = rewrite(old, block);
                self.blocks.set(at, kept.unwrap_or_else(|| write(block)));
            }
            _ => self.blocks.put(at, blocks.iter().map(write).collect()),
        }
        Ok(())
    }

    fn is_changed(&self) -> bool {
        self.blocks.is_changed()
    }

    fn edits(&self, _: &[u8]) -> Vec<Edit> {
        self.blocks.edits()
    }
}
