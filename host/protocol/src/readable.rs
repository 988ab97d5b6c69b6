//! Which strings of a request are texts, and which are not.
//!
//! The APIs nest content within content and have few names for it, so one table of keys serves all
//! dialects, and blocks of kinds that are newer than it. A key that the table does not have holds no
//! text: ids, signatures, what is encrypted, and media (images, sound, files), of whatever size.
//!
//! Does not say what a message is: the dialects do, and `view` keeps what is read and replaced.

mod coding;
mod walk;

use crate::json::{MAX_DEPTH, Scanner, Span};

pub(crate) use self::coding::Coding;
pub(crate) use self::walk::{Found, Texts};

/// What a text of a request stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextPlace {
    /// The system prompt.
    System,
    /// A text block of a message.
    Text,
    /// The arguments of a tool call. Its text is JSON.
    ToolCall,
    /// What a tool gave back, whoever ran it.
    ToolResult,
    /// A document, a search result, a citation, or a block of an unknown kind.
    Document,
}

/// A text of a request, and what it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedText {
    /// What it stands in.
    pub place: TextPlace,
    /// The text. In the place of a tool call it is JSON: the arguments.
    pub text: String,
}

/// Some texts of a message, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextPage {
    /// The texts.
    pub texts: Vec<PlacedText>,
    /// Whether there may be more behind them.
    pub has_more: bool,
}

/// What a value of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    /// A string here is a text; an object or a list holds texts.
    Said(TextPlace),
    /// A string here is none; an object or a list holds texts.
    Holds(TextPlace),
    /// A message, whose place is known: an object that holds texts.
    Message(TextPlace),
    /// An object of which each value is a text or holds some.
    Each(TextPlace),
    /// The arguments of a call.
    Call,
    /// A string that says a text in another way.
    Coded(TextPlace, Coding),
    /// Nothing to read.
    Nothing,
}

/// An object that holds texts, as far as its own fields say how to read it.
#[derive(Clone, Copy, Debug)]
struct Object {
    place: TextPlace,
    /// How `data` says a text, where it is no media.
    data: Option<Coding>,
    /// What spells the text out once more, token by token.
    logprobs: Option<Span>,
}

impl Object {
    fn plain(place: TextPlace) -> Self {
        Self {
            place,
            data: Some(Coding::Plain),
            logprobs: None,
        }
    }

    /// The object that begins at `at`, within something of this place. `None` if none of it is to be
    /// read.
    fn at(body: &[u8], at: usize, outer: TextPlace) -> Option<Self> {
        let inside = body.get(at..).unwrap_or_default();
        let mut scanner = Scanner::new(inside, MAX_DEPTH);
        let Ok([kind, media, logprobs]) = scanner.fields(["type", "media_type", "logprobs"]) else {
            // One of them stands there twice. What might be a text is one then.
            return Some(Self::plain(outer));
        };
        let string = |span: Option<Span>| span.and_then(|span| span.string(inside));
        let kind = string(kind).unwrap_or_default();
        let media = string(media).unwrap_or_default();
        Some(Self {
            place: place_of(&kind, outer)?,
            data: data_of(&kind, &media),
            logprobs: logprobs.map(|span| span.shifted(at)),
        })
    }

    /// What the value of a key is.
    fn value(&self, key: &[u8]) -> Within {
        let place = self.place;
        match key {
            b"text" | b"content" | b"output" | b"outputs" | b"results" | b"refusal" => {
                Within::Said(place)
            }
            b"stdout" | b"stderr" | b"logs" | b"lines" | b"transcript" => Within::Said(place),
            b"reason" | b"error" | b"message" | b"error_message" | b"revised_prompt" => {
                Within::Said(place)
            }
            b"title" | b"context" | b"cited_text" | b"document_title" => {
                Within::Said(TextPlace::Document)
            }
            b"source" | b"citations" | b"annotations" | b"document" => {
                Within::Holds(TextPlace::Document)
            }
            b"file" | b"resource" | b"function" | b"custom" | b"tool_calls" | b"function_call" => {
                Within::Holds(place)
            }
            b"input" | b"arguments" | b"action" | b"actions" | b"operation" => Within::Call,
            b"code" | b"query" | b"queries" => Within::Call,
            b"variables" => Within::Each(TextPlace::Document),
            b"file_data" => Within::Coded(TextPlace::Document, Coding::DataUrl),
            b"data" => match self.data {
                Some(coding) => Within::Coded(place, coding),
                None => Within::Nothing,
            },
            _ => Within::Nothing,
        }
    }
}

/// What the texts of a message stand in, by its role.
pub(crate) fn place_of_role(role: &str) -> TextPlace {
    match role {
        "system" | "developer" => TextPlace::System,
        "tool" | "function" => TextPlace::ToolResult,
        _ => TextPlace::Text,
    }
}

/// What stands in a block of this kind. `None` if the provider signs it, so that nobody may change it.
pub(crate) fn place_of(kind: &str, outer: TextPlace) -> Option<TextPlace> {
    let is_outermost = matches!(outer, TextPlace::System | TextPlace::Text);
    Some(match kind {
        "thinking" | "redacted_thinking" | "reasoning" | "reasoning_text" | "summary_text" => {
            return None;
        }
        "document" | "search_result" => TextPlace::Document,
        "" | "text" | "input_text" | "output_text" | "refusal" => outer,
        "message" | "content" | "function" | "custom" => outer,
        _ if !is_outermost => outer,
        _ if ["_result", "_output", "_call"]
            .iter()
            .any(|end| kind.ends_with(end)) =>
        {
            TextPlace::ToolResult
        }
        _ => TextPlace::Document,
    })
}

/// How `data` says a text, in an object of this kind.
fn data_of(kind: &str, media: &str) -> Option<Coding> {
    match kind {
        "base64" => coding::is_text(media).then_some(Coding::Base64),
        "image" | "audio" | "video" | "file" | "input_audio" => None,
        _ => Some(Coding::Plain),
    }
}
