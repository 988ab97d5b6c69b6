//! A request as a view over its body.

mod draft;
mod index;
mod result;

use bytes::Bytes;

use self::{
    draft::{Content, text_part},
    index::MessageSpans,
};
use crate::{
    Api, Block, EditError, Limits, RequestError, TextPlace, ToolCall,
    json::{self, Edit, Fault, Span, quote, set_fields, splice},
    openai::{
        WORDS,
        tools::{self, Declared},
    },
    readable::{Within, place_of_role},
    view::{Dialect, Prompt, Reader, Settled, View, Viewed, Words, appended, check_block, illegal},
};

/// A request to the Chat Completions API.
#[derive(Debug)]
pub struct Request {
    view: View<Chat>,
}

impl Request {
    /// Reads a body in one pass, which copies nothing.
    pub fn parse(body: Bytes, limits: &Limits) -> Result<Self, RequestError> {
        let view = View::parse(body, limits)?;
        Ok(Self { view })
    }
}

impl Viewed for Request {
    type Dialect = Chat;

    fn view(&self) -> &View<Chat> {
        &self.view
    }

    fn view_mut(&mut self) -> &mut View<Chat> {
        &mut self.view
    }
}

/// The Chat Completions API.
#[derive(Debug)]
pub(crate) struct Chat;

/// The roles whose messages tell the model what to do.
const SYSTEM: [&str; 2] = ["system", "developer"];

const TOOLS: [Declared; 2] = [
    Declared {
        list: "tools",
        choice: "tool_choice",
        more: &["parallel_tool_calls"],
    },
    Declared {
        list: "functions",
        choice: "function_call",
        more: &[],
    },
];

impl Dialect for Chat {
    const API: Api = Api::OpenaiChat;
    const MESSAGES: &'static str = "messages";
    const FIELDS: &'static [&'static str] = &[
        "messages",
        "model",
        "stream",
        "tools",
        "tool_choice",
        "functions",
        "function_call",
        "parallel_tool_calls",
        "prediction",
    ];
    // Some servers know the model by their address.
    const REQUIRED: &'static [&'static str] = &["messages"];
    const NULL_IS_ABSENT: bool = true;
    const CHOICES: Option<&'static str> = Some("/n");
    const WORDS: Words = WORDS;

    const BESIDE: &'static [(&'static str, Within)] =
        &[("prediction", Within::Holds(TextPlace::Document))];

    type Message = MessageSpans;
    type Draft = Content;

    fn field(reader: &mut Reader<'_, Self>, name: &str) -> Result<Span, Fault> {
        match name {
            "model" => reader.model(),
            "stream" => reader.stream(),
            "messages" => reader.messages(MessageSpans::read),
            "tools" | "functions" => tools::declarations(reader, name),
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
        Content::new(body, message)
    }

    fn check(block: &Block, depth: usize) -> Result<(), EditError> {
        check_block(block, depth, check_call)
    }

    /// Such a prompt is the first message that is one; where there is none, one goes ahead of all.
    fn append_system(
        body: &Settled<Self>,
        ahead: Option<&str>,
        text: &str,
    ) -> Result<Prompt, EditError> {
        if let Some(ahead) = ahead {
            return Ok(Prompt::Ahead(longer(ahead, text)?));
        }
        let mut messages = body.index().messages.iter().copied();
        let prompt = messages.find(|message| {
            let role = Self::role(body.text(), *message);
            SYSTEM.contains(&role.as_str())
        });
        let Some(prompt) = prompt else {
            let text = quote(text);
            let message = format!(r#"{{"role":"system","content":{text}}}"#);
            return Ok(Prompt::Ahead(message));
        };
        let with = longer(prompt.whole.text(body.text()), text)?;
        let span = prompt.whole;
        Ok(Prompt::Edit(Edit { span, with }))
    }

    fn tools_removed(body: &Settled<Self>, name: &str, gone: &[bool]) -> Vec<Edit> {
        tools::removed(body, &TOOLS, name, gone)
    }
}

/// A message with more text at the end of its content.
fn longer(message: &str, text: &str) -> Result<String, EditError> {
    let json = message.as_bytes();
    let [content] = json::fields(json, ["content"]).unwrap_or_default();
    let Some(content) = content else {
        let set = set_fields(message, [("content", Some(quote(text)))]);
        return set.map_err(|fault| illegal(&fault.to_string()));
    };
    match appended(json, content, text, &text_part(text)) {
        Some(edit) => Ok(String::from_utf8_lossy(&splice(json, vec![edit])).into_owned()),
        None => Err(illegal("the content of a system prompt is no text")),
    }
}

/// A legacy call has no id; where another one needs it, its message says so.
fn check_call(call: &ToolCall) -> Result<(), EditError> {
    if call.name.is_empty() {
        return Err(illegal("a tool call needs a name"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
