//! A request as a view over its body.
//!
//! Each item of `input` is a message; an `input` that is one string is one too, and so is each text in the
//! `commands` of a search.

mod draft;
mod index;

use bytes::Bytes;

use self::{draft::Content, index::ItemSpans};
use crate::{
    Api, Block, EditError, Limits, RequestError, TextPlace, ToolCall,
    json::{Edit, Fault, Span, quote},
    openai::{
        WORDS,
        tools::{self, Declared},
    },
    readable::Within,
    view::{Dialect, Prompt, Reader, Settled, View, Viewed, Words, appended, check_block, illegal},
};

/// A request to the Responses API.
#[derive(Debug)]
pub struct Request {
    view: View<Responses>,
}

impl Request {
    /// Reads a body in one pass, which copies nothing.
    pub fn parse(body: Bytes, limits: &Limits) -> Result<Self, RequestError> {
        let view = View::parse(body, limits)?;
        Ok(Self { view })
    }
}

impl Viewed for Request {
    type Dialect = Responses;

    fn view(&self) -> &View<Responses> {
        &self.view
    }

    fn view_mut(&mut self) -> &mut View<Responses> {
        &mut self.view
    }
}

/// The Responses API.
#[derive(Debug)]
pub(crate) struct Responses;

const TOOLS: [Declared; 1] = [Declared {
    list: "tools",
    choice: "tool_choice",
    more: &["parallel_tool_calls"],
}];

impl Dialect for Responses {
    const API: Api = Api::OpenaiResponses;
    const MESSAGES: &'static str = "input";
    const FIELDS: &'static [&'static str] = &[
        "input",
        "model",
        "stream",
        "instructions",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "previous_response_id",
        "commands",
        "prompt",
    ];
    // A `prompt` that upstream stores can stand for all of them.
    const REQUIRED: &'static [&'static str] = &[];
    const NULL_IS_ABSENT: bool = true;
    const WORDS: Words = WORDS;

    const BESIDE: &'static [(&'static str, Within)] = &[
        ("instructions", Within::Said(TextPlace::System)),
        ("prompt", Within::Holds(TextPlace::Document)),
    ];

    type Message = ItemSpans;
    type Draft = Content;

    fn field(reader: &mut Reader<'_, Self>, name: &str) -> Result<Span, Fault> {
        match name {
            "model" => reader.model(),
            "stream" => reader.stream(),
            "input" => reader.input(),
            "commands" => reader.scattered(index::commands),
            "tools" => tools::declarations(reader, name),
            _ => reader.cursor.scanner.value(),
        }
    }

    fn whole(item: ItemSpans) -> Span {
        item.whole
    }

    fn role(body: &[u8], item: ItemSpans) -> String {
        item.role(body)
    }

    fn texts(body: &[u8], item: ItemSpans) -> Option<(Span, Within)> {
        Some((item.whole, item.within(body)?))
    }

    fn draft(body: &[u8], item: ItemSpans) -> Content {
        Content::new(body, item)
    }

    fn check(block: &Block, depth: usize) -> Result<(), EditError> {
        check_block(block, depth, check_call)
    }

    fn append_system(
        body: &Settled<Self>,
        _: Option<&str>,
        text: &str,
    ) -> Result<Prompt, EditError> {
        let Some(instructions) = body.field("instructions") else {
            return Ok(Prompt::Edit(body.field_set("instructions", &quote(text))));
        };
        let part = draft::text_part("system", text);
        match appended(body.text(), instructions.value, text, &part) {
            Some(edit) => Ok(Prompt::Edit(edit)),
            None => Err(illegal("instructions: a string is expected")),
        }
    }

    fn tools_removed(body: &Settled<Self>, name: &str, gone: &[bool]) -> Vec<Edit> {
        tools::removed(body, &TOOLS, name, gone)
    }
}

fn check_call(call: &ToolCall) -> Result<(), EditError> {
    if call.id.is_empty() {
        return Err(illegal("a tool call needs an id"));
    }
    if call.name.is_empty() {
        return Err(illegal("a tool call needs a name"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
