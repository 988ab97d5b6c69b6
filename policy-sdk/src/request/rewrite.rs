//! Rewrites the texts of a request, wherever they are.

#[cfg(test)]
mod tests;

use crate::{EditError, Request, json};

/// Takes the place of a text that would be left blank, because APIs refuse blank texts.
const REMOVED: &str = "[removed]";

/// Where a text of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextAt {
    /// The kind of content that holds it.
    pub place: Place,
    /// Whether the caller added it since the last reply.
    pub is_news: bool,
}

/// The kind of content that holds a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The system prompt.
    System,
    /// A text block.
    Text,
    /// What a tool gave back, whoever ran it.
    ToolResult,
    /// The arguments of a tool call in an earlier reply: each string in them.
    ToolCall,
    /// A document, a search result, a citation, a block of an unknown kind.
    Document,
}

/// A text as its source holds it. The text of a tool call is JSON.
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
    /// Shows every text to `rewrite`, in order, and replaces it by what `rewrite` returns. `None`
    /// leaves the text as it is. Returns how many texts were rewritten; all arguments of a tool
    /// call count as one.
    ///
    /// The texts are everything that the API documents as content to read, however it is nested:
    /// results within results, documents, search results, citations. Media (images, sound, files)
    /// is never shown, but a file is if its media type says that it is text. Thinking is left out,
    /// because providers sign it, and so are ids, names and URLs.
    ///
    /// Callers send the whole conversation each time, so what was removed from one request is back
    /// in the history of the next. A text that would be left blank becomes `[removed]`, except for
    /// those of tools, which may be blank.
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

    /// Rewrites the texts of a message, or of the fields besides the messages.
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
