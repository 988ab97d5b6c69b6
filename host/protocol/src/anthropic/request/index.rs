//! Messages, tools and the system prompt in the one pass.

mod content;

use super::Messages;
use crate::{
    json::{Fault, Span},
    view::{Bounded, Cursor, Dialect as _, ToolSpans, Words},
};

pub(super) use content::system;

use content::message_content;

const WORDS: Words = Messages::WORDS;

/// Where a message stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageSpans {
    pub(super) whole: Span,
    pub(super) role: Span,
    pub(super) content: Span,
}

impl MessageSpans {
    /// Reads the message at `at`.
    pub(super) fn read(
        cursor: &mut Cursor<'_>,
        at: usize,
        found: &mut Bounded<Self>,
    ) -> Result<(), Fault> {
        let (mut role, mut content) = (None, None);
        let whole = cursor.object(|cursor, key| {
            let name = key.name(cursor.text());
            let twice = match &*name {
                b"role" => role.replace(cursor.scanner.value()?).map(|_| ".role"),
                b"content" => content
                    .replace(message_content(cursor, at)?)
                    .map(|_| ".content"),
                _ => {
                    cursor.scanner.value()?;
                    None
                }
            };
            if let Some(field) = twice {
                cursor.wrong(Messages::message_path(at, field), WORDS.twice);
            }
            Ok(())
        })?;
        let missing = match (role, content) {
            (Some(role), Some(content)) => {
                if !role.bytes(cursor.text()).starts_with(b"\"") {
                    cursor.wrong(Messages::message_path(at, ".role"), WORDS.string);
                }
                found.push(Self {
                    whole,
                    role,
                    content,
                });
                return Ok(());
            }
            (None, _) => ".role",
            (_, None) => ".content",
        };
        cursor.wrong(Messages::message_path(at, missing), WORDS.required);
        Ok(())
    }
}

/// A tool.
pub(super) fn tool(cursor: &mut Cursor<'_>, _: usize) -> Result<ToolSpans, Fault> {
    let mut name = None;
    let whole = cursor.object(|cursor, key| {
        let is_name = *key.name(cursor.text()) == *b"name";
        let value = cursor.scanner.value()?;
        if is_name && name.replace(value).is_some() {
            cursor.wrong("tools".to_owned(), WORDS.twice);
        }
        Ok(())
    })?;
    Ok(ToolSpans { whole, name })
}
