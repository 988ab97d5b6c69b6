//! What holds for bytes of any kind: one function for each fuzz target.
//!
//! Each takes the fuzzer's bytes and panics where an invariant is broken. What comes after the first NUL
//! is not part of the request or reply: it says what policies want, what they rule and how the bytes are
//! cut, so that a recorded reply is an input as it is. Nothing here is random or remembered.

mod arguments;
mod calls;
mod choices;
mod decoder;
mod drive;
mod reply;
mod request;

use sluice_protocol::Api;

/// Server-sent events: any split gives the same frames, and all of them in a row are the input.
pub fn sse_decoder(data: &[u8]) {
    decoder::check(data);
}

/// Arguments of tool calls: whatever they are, clients' readings of them come to an end, and what a strict
/// reader takes is the first of them.
pub fn arguments(data: &[u8]) {
    arguments::check(data);
}

/// Requests to Anthropic Messages: see [`request_openai_chat`].
pub fn request_anthropic(data: &[u8]) {
    request::check(Api::Anthropic, data);
}

/// Requests to `OpenAI` Chat Completions: one that nobody edits is the same bytes, and one that was edited
/// reads back as it was edited.
pub fn request_openai_chat(data: &[u8]) {
    request::check(Api::OpenaiChat, data);
}

/// Requests to `OpenAI` Responses: see [`request_openai_chat`].
pub fn request_openai_responses(data: &[u8]) {
    request::check(Api::OpenaiResponses, data);
}

/// Requests to `OpenAI` Embeddings: see [`request_openai_chat`].
pub fn request_openai_embeddings(data: &[u8]) {
    request::check(Api::OpenaiEmbeddings, data);
}

/// Replies of Anthropic Messages: see [`stream_openai_chat`].
pub fn stream_anthropic(data: &[u8]) {
    reply::check(Api::Anthropic, data);
}

/// Replies of `OpenAI` Chat Completions, streamed or, where they begin like an object, whole: what is kept
/// leaves as it came, any split gives the same steps, and no tool call leaves unjudged.
pub fn stream_openai_chat(data: &[u8]) {
    reply::check(Api::OpenaiChat, data);
}

/// Replies of `OpenAI` Responses: see [`stream_openai_chat`].
pub fn stream_openai_responses(data: &[u8]) {
    reply::check(Api::OpenaiResponses, data);
}
