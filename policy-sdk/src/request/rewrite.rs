//! Rewrites the texts of a request, wherever they stand.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::{Block, EditError, PlacedBlock, Request, ToolResult, json};

/// What stands in the place of a text that would be left blank: APIs refuse those.
const REMOVED: &str = "[removed]";

/// The fields in which a user's documents, and what tools gave back, carry readable text.
const READABLE: [&str; 7] = [
    "text", "data", "title", "context", "output", "stdout", "stderr",
];

/// Where the system prompt stands, by API; in others it is a message.
const SYSTEM: [&str; 2] = ["/system", "/instructions"];

/// The roles of such a message.
const SYSTEM_ROLES: [&str; 2] = ["system", "developer"];

/// Where a text of a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextAt {
    /// In what.
    pub place: Place,
    /// Whether the caller added it since the last reply.
    pub is_news: bool,
}

/// What a text of a request stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The system prompt.
    System,
    /// A text block.
    Text,
    /// A tool's result.
    ToolResult,
    /// The arguments of a tool call of an earlier reply: each string in them.
    ToolCall,
    /// A document of the user's, or a result of a tool that is not plain text.
    Document,
}

impl Request {
    /// Shows every text to `rewrite`, in order, and puts what it returns in its place; `None`
    /// leaves the text as it is. Returns how many were rewritten.
    ///
    /// Callers send the whole conversation each time: what was taken out of the news of one request
    /// is back in the history of the next. Thinking is left out, as providers sign it. A text block
    /// that would be left blank becomes `[removed]`.
    pub fn rewrite(
        &mut self,
        mut rewrite: impl FnMut(TextAt, &str) -> Option<String>,
    ) -> Result<usize, EditError> {
        let mut rewritten = self.rewrite_system(|text| {
            let at = TextAt {
                place: Place::System,
                is_news: false,
            };
            rewrite(at, text).map(not_blank)
        })?;
        let news = self.news().first().map(|placed| placed.at.message);
        for message in 0..self.message_count() {
            let is_news = news.is_some_and(|first| first <= message);
            for PlacedBlock { at, role, block } in self.message(message) {
                let rewrite = |place, text: &str| rewrite(TextAt { place, is_news }, text);
                if let Some(new) = rewrite_block(&role, block, rewrite) {
                    self.replace(at, vec![new])?;
                    rewritten += 1;
                }
            }
        }
        Ok(rewritten)
    }

    fn rewrite_system(
        &mut self,
        mut rewrite: impl FnMut(&str) -> Option<String>,
    ) -> Result<usize, EditError> {
        let texts: Vec<(String, String)> = SYSTEM
            .iter()
            .flat_map(|pointer| self.texts_at(pointer))
            .collect();
        let mut rewritten = 0;
        for (pointer, text) in texts {
            if let Some(new) = rewrite(&text) {
                self.set(&pointer, &Value::from(new))?;
                rewritten += 1;
            }
        }
        Ok(rewritten)
    }

    /// A string, or the texts of a list of parts, each with its JSON Pointer.
    fn texts_at(&self, pointer: &str) -> Vec<(String, String)> {
        match self.get(pointer) {
            Some(Value::String(text)) => vec![(pointer.to_owned(), text)],
            Some(Value::Array(parts)) => {
                let text = |(part, index): (&Value, usize)| {
                    let text = part["text"].as_str()?.to_owned();
                    Some((format!("{pointer}/{index}/text"), text))
                };
                parts.iter().zip(0..).filter_map(text).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn rewrite_block(
    role: &str,
    block: Block,
    mut rewrite: impl FnMut(Place, &str) -> Option<String>,
) -> Option<Block> {
    match block {
        Block::Text(text) => {
            let place = match SYSTEM_ROLES.contains(&role) {
                true => Place::System,
                false => Place::Text,
            };
            rewrite(place, &text).map(|new| Block::Text(not_blank(new)))
        }
        Block::Thinking(_) => None,
        Block::ToolResult(result) => {
            let content = rewrite(Place::ToolResult, &result.content)?;
            Some(Block::ToolResult(ToolResult { content, ..result }))
        }
        Block::ToolCall(mut call) => {
            let rewritten = call.rewrite(|text| rewrite(Place::ToolCall, text));
            rewritten.then_some(Block::ToolCall(call))
        }
        // Those of the assistant are the provider's own, and may be checked there.
        Block::Other(json) if role == "user" || role == "tool" => {
            let string = |key: &str, text: &str| match READABLE.contains(&key) && is_prose(text) {
                true => rewrite(Place::Document, text).map(not_blank),
                false => None,
            };
            json::rewrite_strings(&json, string).map(Block::Other)
        }
        Block::Other(_) => None,
    }
}

/// Whether a text is not the base64 of an image or a file.
fn is_prose(text: &str) -> bool {
    text.len() < 1024 || text.contains(char::is_whitespace)
}

fn not_blank(text: String) -> String {
    match text.trim().is_empty() {
        true => REMOVED.to_owned(),
        false => text,
    }
}
