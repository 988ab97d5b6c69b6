//! Content blocks in the one pass: only that no key of them that is read stands twice.

use super::{super::Messages, WORDS};
use crate::{
    json::{Fault, Span},
    view::{Cursor, Dialect as _},
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

/// The content of the message at `at`.
pub(super) fn message_content(cursor: &mut Cursor<'_>, at: usize) -> Result<Span, Fault> {
    let path = |block| Messages::message_path(at, &Messages::element(".content", block));
    match cursor.scanner.peek() {
        Some(b'[') => cursor.array(|cursor, at| {
            if cursor.scanner.peek() != Some(b'{') {
                cursor.wrong(path(at), WORDS.object);
                return cursor.scanner.value().map(|_| ());
            }
            if block(cursor)? {
                cursor.wrong(path(at), WORDS.twice);
            }
            Ok(())
        }),
        Some(b'"') => cursor.scanner.value(),
        _ => {
            cursor.wrong(Messages::message_path(at, ".content"), WORDS.content);
            cursor.scanner.value()
        }
    }
}

/// The system prompt: a list of blocks, or something else that upstream may judge.
pub(in super::super) fn system(cursor: &mut Cursor<'_>) -> Result<Span, Fault> {
    let (span, twice) = cursor.objects(block)?;
    if twice {
        cursor.wrong("system".to_owned(), WORDS.twice);
    }
    Ok(span)
}

/// A content block; whether a key of it that is read stands twice. What a tool gave back has blocks
/// of its own.
fn block(cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
    cursor.once(block_key, |cursor, bit| match bit {
        CONTENT => Ok(cursor.objects(part)?.1),
        _ => cursor.unread(),
    })
}

fn part(cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
    cursor.once(block_key, |cursor, _| cursor.unread())
}
