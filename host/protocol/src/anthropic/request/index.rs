//! Messages, tools and the system prompt in the one pass.

mod content;

use super::Messages;
use crate::{
    json::{Fault, Span},
    view::{Dialect as _, Reader, ToolSpans},
};

/// Where a message stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageSpans {
    pub(super) whole: Span,
    pub(super) role: Span,
    pub(super) content: Span,
}

impl Reader<'_, Messages> {
    /// The message at `at`.
    pub(super) fn message(&mut self, at: usize) -> Result<(), Fault> {
        let words = Messages::WORDS;
        let (mut role, mut content) = (None, None);
        let whole = self.object(|reader, key| {
            let name = key.name(reader.scanner.text());
            let twice = match &*name {
                b"role" => role.replace(reader.scanner.value()?).map(|_| ".role"),
                b"content" => content
                    .replace(reader.message_content(at)?)
                    .map(|_| ".content"),
                _ => {
                    reader.scanner.value()?;
                    None
                }
            };
            if let Some(field) = twice {
                reader.wrong_at(at, field, words.twice);
            }
            Ok(())
        })?;
        match (role, content) {
            (Some(role), Some(content)) => {
                if !role.bytes(self.scanner.text()).starts_with(b"\"") {
                    self.wrong_at(at, ".role", words.string);
                }
                self.found(MessageSpans {
                    whole,
                    role,
                    content,
                });
            }
            (None, _) => self.wrong_at(at, ".role", words.required),
            (_, None) => self.wrong_at(at, ".content", words.required),
        }
        Ok(())
    }

    pub(super) fn tools(&mut self) -> Result<Span, Fault> {
        let words = Messages::WORDS;
        if self.scanner.peek() != Some(b'[') {
            return self.scanner.value();
        }
        self.array(|reader, _| {
            if reader.scanner.peek() != Some(b'{') {
                reader.wrong("tools", words.object);
                return reader.scanner.value().map(|_| ());
            }
            let mut name = None;
            let whole = reader.object(|reader, key| {
                let is_name = *key.name(reader.scanner.text()) == *b"name";
                let value = reader.scanner.value()?;
                if is_name && name.replace(value).is_some() {
                    reader.wrong("tools", words.twice);
                }
                Ok(())
            })?;
            reader.declared(ToolSpans { whole, name });
            Ok(())
        })
    }
}
