//! What must be true of any bytes: one function for each fuzz target.
//!
//! Each takes the fuzzer's bytes, and panics if an invariant is broken. The bytes behind the first
//! NUL are not part of the request or reply. They decide what policies want, how they rule, and how
//! the bytes are cut. So a recorded reply is a valid input. Nothing here is random or remembered.

mod arguments;
mod calls;
mod choices;
mod decoder;
mod drive;
mod reply;
mod request;

use sluice_protocol::Api;

/// Server-sent events: any split gives the same frames, and the frames joined are the input.
pub fn sse_decoder(data: &[u8]) {
    decoder::check(data);
}

/// Arguments of tool calls: reading them always ends, and what a strict reader accepts is the first
/// reading.
pub fn arguments(data: &[u8]) {
    arguments::check(data);
}

/// Requests to Anthropic Messages: see [`request_openai_chat`].
pub fn request_anthropic(data: &[u8]) {
    request::check(Api::Anthropic, data);
}

/// Requests to `OpenAI` Chat Completions: an unedited request has the same bytes, and an edited one
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

/// Replies of `OpenAI` Chat Completions, streamed, or whole if they begin like an object. What is
/// kept leaves as it came, any split gives the same steps, and no tool call leaves unjudged.
pub fn stream_openai_chat(data: &[u8]) {
    reply::check(Api::OpenaiChat, data);
}

/// Replies of `OpenAI` Responses: see [`stream_openai_chat`].
pub fn stream_openai_responses(data: &[u8]) {
    reply::check(Api::OpenaiResponses, data);
}
