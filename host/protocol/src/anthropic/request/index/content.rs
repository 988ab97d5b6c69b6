//! Content blocks in the one pass: only that no key of them that is read stands twice.

use super::{OBJECT, Reader, TWICE};
use crate::json::{Fault, Span};

/// The keys of a content block that are read, each a bit in a set of those seen.
fn block_key(name: &[u8]) -> u16 {
    match name {
        b"type" => 1,
        b"text" => 1 << 1,
        b"thinking" => 1 << 2,
        b"id" => 1 << 3,
        b"name" => 1 << 4,
        b"input" => 1 << 5,
        b"tool_use_id" => 1 << 6,
        b"content" => 1 << 7,
        b"is_error" => 1 << 8,
        _ => 0,
    }
}

impl Reader<'_> {
    /// The content of the message at `at`.
    pub(super) fn message_content(&mut self, at: usize) -> Result<Span, Fault> {
        match self.scanner.peek() {
            Some(b'[') => self.array(|reader, block| {
                if reader.scanner.peek() != Some(b'{') {
                    reader.wrong_at(at, &format!(".content.{block}"), OBJECT);
                    return reader.scanner.value().map(|_| ());
                }
                let twice = reader.block()?;
                if twice {
                    reader.wrong_at(at, &format!(".content.{block}"), TWICE);
                }
                Ok(())
            }),
            Some(b'"') => self.scanner.value(),
            _ => {
                self.wrong_at(at, ".content", "Input should be a valid string or list");
                self.scanner.value()
            }
        }
    }

    /// A list of blocks, or something else that upstream may judge.
    pub(super) fn content(&mut self, path: &str) -> Result<Span, Fault> {
        if self.scanner.peek() != Some(b'[') {
            return self.scanner.value();
        }
        let mut twice = false;
        let span = self.array(|reader, _| {
            if reader.scanner.peek() == Some(b'{') {
                twice |= reader.block()?;
                return Ok(());
            }
            reader.scanner.value().map(|_| ())
        })?;
        if twice {
            self.wrong(path, TWICE);
        }
        Ok(span)
    }

    /// A content block; whether a key of it that is read stands twice. What a tool gave back has blocks
    /// of its own.
    fn block(&mut self) -> Result<bool, Fault> {
        let (mut seen, mut twice) = (0, false);
        self.object(|reader, key| {
            let name = key.name(reader.scanner.text());
            let bit = block_key(&name);
            twice |= seen & bit != 0;
            seen |= bit;
            if bit == block_key(b"content") && reader.scanner.peek() == Some(b'[') {
                reader.array(|reader, _| {
                    if reader.scanner.peek() == Some(b'{') {
                        twice |= reader.part()?;
                        return Ok(());
                    }
                    reader.scanner.value().map(|_| ())
                })?;
                return Ok(());
            }
            reader.scanner.value().map(|_| ())
        })?;
        Ok(twice)
    }

    fn part(&mut self) -> Result<bool, Fault> {
        let (mut seen, mut twice) = (0, false);
        self.object(|reader, key| {
            let bit = block_key(&key.name(reader.scanner.text()));
            twice |= seen & bit != 0;
            seen |= bit;
            reader.scanner.value().map(|_| ())
        })?;
        Ok(twice)
    }
}
