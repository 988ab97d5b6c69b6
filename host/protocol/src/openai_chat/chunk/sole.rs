//! What most chunks are: one piece of one block.

use super::Chunk;
use crate::json::Span;

impl Chunk {
    /// The choice of its piece, and where that is written, if it has just one and finishes nothing.
    pub(in crate::openai_chat) fn sole_piece(&self) -> Option<(u64, Option<Span>)> {
        let [entry] = &self.choices[..] else {
            return None;
        };
        let rest = !entry.parts.is_empty()
            || entry.function_call.is_some()
            || entry.finish_reason.is_some();
        if rest {
            return None;
        }
        let texts = [entry.thinking, entry.content, entry.refusal];
        let mut said = texts.into_iter().flatten();
        let value = match (said.next(), said.next(), &entry.calls[..]) {
            (text, None, []) => text,
            (None, None, [call]) => call.arguments,
            _ => return None,
        };
        Some((entry.index, value))
    }
}
