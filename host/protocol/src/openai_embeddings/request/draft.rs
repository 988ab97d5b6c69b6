//! The inputs while some of them are replaced.

use crate::{
    Block, EditError,
    json::{Edit, Span, quote, unescape},
    view::{Draft, List, illegal},
};

/// The inputs as they are going to be.
#[derive(Debug)]
pub(crate) struct Content {
    inputs: List,
}

impl Content {
    /// The inputs as they stand in the body: a text, a list of texts, the tokens of one, a list of such.
    pub(super) fn new(body: &[u8], input: Span) -> Self {
        let list = input.bytes(body).strip_prefix(b"[").unwrap_or_default();
        let is_tokens = matches!(list.trim_ascii_start(), [b'-' | b'0'..=b'9', ..]);
        Self {
            inputs: match is_tokens {
                true => List::one(input),
                false => List::new(body, Some(input)),
            },
        }
    }
}

impl Draft for Content {
    fn count(&self) -> usize {
        self.inputs.count()
    }

    fn block(&self, body: &[u8], at: usize) -> Option<Block> {
        let json = self.inputs.json(body, at)?;
        Some(match json.as_bytes() {
            [b'"', inner @ .., b'"'] => Block::Text(unescape(inner)),
            _ => Block::Other(json.to_owned()),
        })
    }

    fn span(&self, at: usize) -> Option<Span> {
        self.inputs.span(at)
    }

    /// Another number of inputs would be another number of vectors than the caller expects.
    fn replace(&mut self, body: &[u8], at: usize, blocks: &[Block]) -> Result<(), EditError> {
        let [Block::Text(text)] = blocks else {
            return Err(illegal("in the place of an input stands one text"));
        };
        if self.block(body, at).as_ref() != blocks.first() {
            self.inputs.set(at, quote(text));
        }
        Ok(())
    }

    fn is_changed(&self) -> bool {
        self.inputs.is_changed()
    }

    fn edits(&self, _: &[u8]) -> Vec<Edit> {
        self.inputs.edits()
    }
}
