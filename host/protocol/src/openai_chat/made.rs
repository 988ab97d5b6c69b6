//! Chunks of our own making, and what they share with upstream's.

use super::chunk::{Chunk, Form};
use crate::{
    ToolCall,
    json::{Edit, Span, quote},
    openai::calls::write_call,
    sse::Frame,
};

/// What all chunks of a reply say alike, each a JSON text.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    id: String,
    created: String,
    model: String,
}

impl Default for Envelope {
    fn default() -> Self {
        Self {
            id: quote(""),
            created: "0".to_owned(),
            model: quote(""),
        }
    }
}

impl Envelope {
    /// For a reply of our own.
    pub(super) fn new(id: &str, model: &str) -> Self {
        Self {
            id: quote(id),
            model: quote(model),
            ..Self::default()
        }
    }

    /// Takes over what the latest of upstream's chunks says. True where any of it is new.
    pub(super) fn follow(&mut self, data: &[u8], chunk: &Chunk) -> bool {
        let is_new = [
            adopt(&mut self.id, data, chunk.id),
            adopt(&mut self.created, data, chunk.created),
            adopt(&mut self.model, data, chunk.model),
        ];
        is_new.contains(&true)
    }

    /// The id of the reply.
    pub(super) fn id(&self) -> String {
        let whole = Span {
            start: 0,
            end: self.id.len(),
        };
        whole.string(self.id.as_bytes()).unwrap_or_default()
    }

    /// A chunk of another reply as one of this: with what this says, as far as that is known.
    pub(super) fn named(&self, frame: Frame) -> Frame {
        let Ok(chunk) = Chunk::parse(frame.data(), Form::Delta) else {
            return frame;
        };
        let Self { id, created, model } = Self::default();
        let told = [
            (chunk.id, &self.id, id),
            (chunk.created, &self.created, created),
            (chunk.model, &self.model, model),
        ];
        let edits = told.into_iter().filter_map(|(span, ours, unknown)| {
            let span = span.filter(|span| *ours != unknown && span.text(frame.data()) != ours)?;
            let with = ours.clone();
            Some(Edit { span, with })
        });
        let edits = edits.collect();
        frame.edited(edits)
    }

    /// A chunk of one choice, whose delta has these fields.
    pub(super) fn chunk(&self, choice: u64, delta: &str, finish_reason: Option<&str>) -> Frame {
        let Self { id, created, model } = self;
        let finish_reason = finish_reason.map_or_else(|| "null".to_owned(), quote);
        let data = format!(
            r#"{{"id":{id},"object":"chat.completion.chunk","created":{created},"model":{model},"choices":[{{"index":{choice},"delta":{{{delta}}},"logprobs":null,"finish_reason":{finish_reason}}}]}}"#
        );
        Frame::new("", &data)
    }

    /// What this says, and what of it a chunk says itself.
    pub(super) fn of(&self, data: &[u8], chunk: &Chunk) -> Self {
        let mut envelope = self.clone();
        envelope.follow(data, chunk);
        envelope
    }

    /// A chunk or a body with these choices, and other fields behind them.
    pub(super) fn object(&self, object: &str, choices: &str, others: &str) -> String {
        let Self { id, created, model } = self;
        format!(
            r#"{{"id":{id},"object":"{object}","created":{created},"model":{model},"choices":[{choices}]{others}}}"#
        )
    }

    /// A whole message.
    pub(super) fn completion(&self, message: &str, finish_reason: &str) -> String {
        let Self { id, created, model } = self;
        format!(
            r#"{{"id":{id},"object":"chat.completion","created":{created},"model":{model},"choices":[{{"index":0,"message":{message},"logprobs":null,"finish_reason":"{finish_reason}"}}],"usage":{{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}}}"#
        )
    }
}

/// The frame that ends a stream.
pub(super) fn done() -> Frame {
    Frame::new("", "[DONE]")
}

/// A tool call as an element of a delta's `tool_calls`.
pub(super) fn numbered_call(number: u64, call: &ToolCall) -> String {
    format!(r#"{{"index":{number},{}"#, &write_call(call)[1..])
}

fn adopt(ours: &mut String, data: &[u8], theirs: Option<Span>) -> bool {
    let theirs = theirs.map(|theirs| theirs.text(data));
    let Some(theirs) = theirs.filter(|theirs| !theirs.contains('\n')) else {
        return false;
    };
    let is_new = theirs != ours;
    if is_new {
        theirs.clone_into(ours);
    }
    is_new
}
