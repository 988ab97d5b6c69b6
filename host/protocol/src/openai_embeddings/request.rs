//! A request as a view over its body.
//!
//! All that is to be embedded is one message, an input a block.

mod draft;

use bytes::Bytes;

use self::draft::Content;
use crate::{
    Api, Block, EditError, Limits, RequestError, TextPlace,
    json::{Edit, Fault, Span},
    openai::WORDS,
    readable::Within,
    view::{Dialect, Prompt, Reader, Settled, View, Viewed, Words, check_block, illegal},
};

/// A request to the Embeddings API.
#[derive(Debug)]
pub struct Request {
    view: View<Embeddings>,
}

impl Request {
    /// Reads a body in one pass, which copies nothing.
    pub fn parse(body: Bytes, limits: &Limits) -> Result<Self, RequestError> {
        let view = View::parse(body, limits)?;
        Ok(Self { view })
    }
}

impl Viewed for Request {
    type Dialect = Embeddings;

    fn view(&self) -> &View<Embeddings> {
        &self.view
    }

    fn view_mut(&mut self) -> &mut View<Embeddings> {
        &mut self.view
    }
}

/// The Embeddings API.
#[derive(Debug)]
pub(crate) struct Embeddings;

/// Where the inputs stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs(Span);

impl Dialect for Embeddings {
    const API: Api = Api::OpenaiEmbeddings;
    const MESSAGES: &'static str = "input";
    const FIELDS: &'static [&'static str] = &["input", "model"];
    const REQUIRED: &'static [&'static str] = &["input"];
    const NULL_IS_ABSENT: bool = true;
    const WORDS: Words = WORDS;

    const BESIDE: &'static [(&'static str, Within)] = &[];

    type Message = Inputs;
    type Draft = Content;

    fn field(reader: &mut Reader<'_, Self>, name: &str) -> Result<Span, Fault> {
        if name == "model" {
            return reader.model();
        }
        reader.scattered(|cursor, found| {
            let value = match cursor.scanner.peek() {
                Some(b'[') => cursor.array(|cursor, _| cursor.unread().map(|_| ()))?,
                _ => cursor.scanner.value()?,
            };
            match value.bytes(cursor.text()).first() {
                Some(b'"' | b'[') => found.push(Inputs(value)),
                Some(b'n') => {}
                _ => cursor.wrong("input".to_owned(), "a string or an array is expected"),
            }
            Ok(value)
        })
    }

    fn whole(inputs: Inputs) -> Span {
        inputs.0
    }

    fn role(_: &[u8], _: Inputs) -> String {
        "user".to_owned()
    }

    fn texts(_: &[u8], inputs: Inputs) -> Option<(Span, Within)> {
        Some((inputs.0, Within::Said(TextPlace::Text)))
    }

    fn draft(body: &[u8], inputs: Inputs) -> Content {
        Content::new(body, inputs.0)
    }

    fn check(block: &Block, depth: usize) -> Result<(), EditError> {
        check_block(block, depth, |_| Err(illegal("only texts are embedded")))
    }

    fn append_system(_: &Settled<Self>, _: Option<&str>, _: &str) -> Result<Prompt, EditError> {
        Err(illegal("embeddings have no system prompt"))
    }

    fn tools_removed(_: &Settled<Self>, _: &str, _: &[bool]) -> Vec<Edit> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
