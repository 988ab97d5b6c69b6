//! A request as a view over its body.

mod draft;
mod index;

use bytes::Bytes;

use self::{
    draft::Content,
    index::{MessageSpans, system, tool},
};
use super::content::write;
use crate::{
    Api, Block, BlockAddress, EditError, Limits, RequestError, TextPlace, ToolCall,
    json::{self, Edit, Fault, Span, quote, removals},
    readable::{Within, place_of_role},
    view::{Dialect, Prompt, Reader, Settled, View, Viewed, Words, appended, check_block, illegal},
};

/// A request to the Messages API.
#[derive(Debug)]
pub struct Request {
    view: View<Messages>,
}

impl Request {
    /// Reads a body in one pass, which copies nothing.
    pub fn parse(body: Bytes, limits: &Limits) -> Result<Self, RequestError> {
        let view = View::parse(body, limits)?;
        Ok(Self { view })
    }
}

impl Viewed for Request {
    type Dialect = Messages;

    fn view(&self) -> &View<Messages> {
        &self.view
    }

    fn view_mut(&mut self) -> &mut View<Messages> {
        &mut self.view
    }
}

/// The Messages API.
#[derive(Debug)]
pub(crate) struct Messages;

impl Dialect for Messages {
    const API: Api = Api::Anthropic;
    const MESSAGES: &'static str = "messages";
    const FIELDS: &'static [&'static str] = &[
        "model",
        "messages",
        "system",
        "tools",
        "stream",
        "tool_choice",
    ];
    const REQUIRED: &'static [&'static str] = &["model", "messages"];
    const NULL_IS_ABSENT: bool = false;
    const WORDS: Words = Words {
        required: "Field required",
        twice: "Field stands twice",
        string: "Input should be a valid string",
        filled: "String should have at least 1 character",
        boolean: "Input should be a valid boolean",
        object: "Input should be a valid dictionary",
        list: "Input should be a valid list",
        content: "Input should be a valid string or list",
    };

    const BESIDE: &'static [(&'static str, Within)] =
        &[("system", Within::Said(TextPlace::System))];

    type Message = MessageSpans;
    type Draft = Content;

    fn field(reader: &mut Reader<'_, Self>, name: &str) -> Result<Span, Fault> {
        match name {
            "model" => reader.model(),
            "stream" => reader.stream(),
            "messages" => reader.messages(MessageSpans::read),
            "tools" => reader.tools(|_| "tools".to_owned(), tool),
            "system" => system(&mut reader.cursor),
            _ => reader.cursor.scanner.value(),
        }
    }

    fn whole(message: MessageSpans) -> Span {
        message.whole
    }

    fn role(body: &[u8], message: MessageSpans) -> String {
        message.role.string(body).unwrap_or_default()
    }

    fn texts(body: &[u8], message: MessageSpans) -> Option<(Span, Within)> {
        let place = place_of_role(&Self::role(body, message));
        Some((message.whole, Within::Message(place)))
    }

    fn draft(body: &[u8], message: MessageSpans) -> Content {
        Content::new(body, message.content)
    }

    fn check(block: &Block, depth: usize) -> Result<(), EditError> {
        check_block(block, depth, check_call)
    }

    fn append_system(
        body: &Settled<Self>,
        _: Option<&str>,
        text: &str,
    ) -> Result<Prompt, EditError> {
        let Some(system) = body.field("system") else {
            return Ok(Prompt::Edit(body.field_set("system", &quote(text))));
        };
        let part = write(&Block::Text(text.to_owned()));
        match appended(body.text(), system.value, text, &part) {
            Some(edit) => Ok(Prompt::Edit(edit)),
            None => Err(illegal("system: Input should be a valid string or list")),
        }
    }

    fn tools_removed(body: &Settled<Self>, name: &str, gone: &[bool]) -> Vec<Edit> {
        if !gone.contains(&false) {
            // The API refuses a choice where there are no tools.
            return body.without(&["tools", "tool_choice"]);
        }
        let wholes: Vec<Span> = body.index().tools.iter().map(|tool| tool.whole).collect();
        let mut edits = removals(&wholes, |at| gone[at]);
        if chooses(body, name) {
            edits.extend(body.without(&["tool_choice"]));
        }
        edits
    }

    fn element(list: &str, at: usize) -> String {
        format!("{list}.{at}")
    }

    fn block_path(at: BlockAddress) -> String {
        format!("messages.{}.content.{}", at.message, at.block)
    }
}

fn check_call(call: &ToolCall) -> Result<(), EditError> {
    if call.id.is_empty() {
        return Err(illegal("a tool call needs an id"));
    }
    if call.name.is_empty() {
        return Err(illegal("a tool call needs a name"));
    }
    if !json::is_object(&call.arguments) {
        return Err(illegal(
            "the arguments of a tool call must be a JSON object",
        ));
    }
    Ok(())
}

/// Whether `tool_choice` asks for the tool of that name.
fn chooses(body: &Settled<Messages>, name: &str) -> bool {
    let Some(choice) = body.field("tool_choice") else {
        return false;
    };
    let chosen = json::step(body.text(), choice.value, "name");
    let chosen = chosen.and_then(|chosen| chosen.string(body.text()));
    chosen.as_deref() == Some(name)
}

#[cfg(test)]
mod tests;
