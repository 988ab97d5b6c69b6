//! Content blocks in the one pass: only that no key of them that is read stands twice.

use super::super::Messages;
use crate::{
    json::{Fault, Span},
    view::{Dialect as _, Reader},
};

const CONTENT: u32 = 1 << 7;

/// The keys of a content block that are read, each a bit in a set of those seen.
fn block_key(name: &[u8]) -> u32 {
    match name {
        b"type" => 1,
        b"text" => 1 << 1,
        b"thinking" => 1 << 2,
        b"id" => 1 << 3,
        b"name" => 1 << 4,
        b"input" => 1 << 5,
        b"tool_use_id" => 1 << 6,
        b"content" => CONTENT,
        b"is_error" => 1 << 8,
        _ => 0,
    }
}

impl Reader<'_, Messages> {
    /// The content of the message at `at`.
    pub(super) fn message_content(&mut self, at: usize) -> Result<Span, Fault> {
        let words = Messages::WORDS;
        match self.scanner.peek() {
            Some(b'[') => self.array(|reader, block| {
                if reader.scanner.peek() != Some(b'{') {
                    reader.wrong_in(at, ".content", block, words.object);
                    return reader.scanner.value().map(|_| ());
                }
                if reader.block()? {
                    reader.wrong_in(at, ".content", block, words.twice);
                }
                Ok(())
            }),
            Some(b'"') => self.scanner.value(),
            _ => {
                self.wrong_at(at, ".content", words.content);
                self.scanner.value()
            }
        }
    }

    /// The system prompt: a list of blocks, or something else that upstream may judge.
    pub(in super::super) fn system(&mut self) -> Result<Span, Fault> {
        let (span, twice) = self.objects(Self::block)?;
        if twice {
            self.wrong("system", Messages::WORDS.twice);
        }
        Ok(span)
    }

    /// A content block; whether a key of it that is read stands twice. What a tool gave back has blocks
    /// of its own.
    fn block(&mut self) -> Result<bool, Fault> {
        self.once(block_key, |reader, bit| match bit {
            CONTENT => Ok(reader.objects(Self::part)?.1),
            _ => reader.unread(),
        })
    }

    fn part(&mut self) -> Result<bool, Fault> {
        self.once(block_key, |reader, _| reader.unread())
    }
}
