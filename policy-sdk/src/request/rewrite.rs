//! Rewrites the texts of a request, wherever they stand.

#[cfg(test)]
mod tests;

use crate::{EditError, Request, json};

/// What stands in the place of a text that would be left blank: APIs refuse those.
const REMOVED: &str = "[removed]";

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
    /// What a tool gave back, whoever ran it.
    ToolResult,
    /// The arguments of a tool call of an earlier reply: each string in them.
    ToolCall,
    /// A document, a search result, a citation, a block of an unknown kind.
    Document,
}

/// A text as the source of a request has it: that of a tool call is JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlacedText {
    pub(crate) place: Place,
    pub(crate) text: String,
}

/// Some texts of a message, in order, and whether there may be more.
#[derive(Debug, Default)]
pub(crate) struct TextPage {
    pub(crate) texts: Vec<PlacedText>,
    pub(crate) has_more: bool,
}

impl Request {
    /// Shows every text to `rewrite`, in order, and puts what it returns in its place; `None`
    /// leaves the text as it is. Returns how many were rewritten; the arguments of a tool call are
    /// one.
    ///
    /// Texts are all that the API documents as content to read, however it is nested: results within
    /// results, documents, search results, citations. Media (images, sound, files) never gets here,
    /// whatever its size; a file whose media type says that it is text does. Thinking is left out, as
    /// providers sign it, and so are ids, names and URLs.
    ///
    /// Callers send the whole conversation each time: what was taken out of the news of one request
    /// is back in the history of the next. A text that would be left blank becomes `[removed]`, but
    /// for those of tools, which may be.
    pub fn rewrite(
        &mut self,
        mut rewrite: impl FnMut(TextAt, &str) -> Option<String>,
    ) -> Result<usize, EditError> {
        let first_new = self.first_new();
        let beside = self.rewrite_part(None, |place, text| {
            let is_news = false;
            rewrite(TextAt { place, is_news }, text)
        });
        let mut rewritten = beside?;
        for message in 0..self.message_count() {
            let is_news = first_new <= message;
            rewritten += self.rewrite_part(Some(message), |place, text| {
                rewrite(TextAt { place, is_news }, text)
            })?;
        }
        Ok(rewritten)
    }

    /// Rewrites the texts of a message, or of what stands beside the messages.
    fn rewrite_part(
        &mut self,
        message: Option<u32>,
        mut rewrite: impl FnMut(Place, &str) -> Option<String>,
    ) -> Result<usize, EditError> {
        let (mut start, mut rewritten) = (0, 0);
        loop {
            let TextPage { texts, has_more } = self.0.texts(message, start);
            let next = start + texts.len() as u32;
            let numbered = (start..).zip(texts);
            let new = numbered.filter_map(|(number, PlacedText { place, text })| {
                Some((number, rewrite_text(place, &text, &mut rewrite)?))
            });
            let new: Vec<(u32, String)> = new.collect();
            if !new.is_empty() {
                self.0.replace_texts(message, &new)?;
                rewritten += new.len();
            }
            if !has_more {
                return Ok(rewritten);
            }
            start = next;
        }
    }
}

fn rewrite_text(
    place: Place,
    text: &str,
    rewrite: &mut impl FnMut(Place, &str) -> Option<String>,
) -> Option<String> {
    match place {
        Place::ToolCall => json::rewrite_strings(text, |text| rewrite(place, text)),
        Place::ToolResult => rewrite(place, text),
        Place::System | Place::Text | Place::Document => rewrite(place, text).map(not_blank),
    }
}

fn not_blank(text: String) -> String {
    match text.trim().is_empty() {
        true => REMOVED.to_owned(),
        false => text,
    }
}
