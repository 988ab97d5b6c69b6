//! Every path that Sluice serves, in one table.
//!
//! The proxy serves by it, `passthrough` never lets through what it lists, and the tests walk it, so none of these
//! can forget a path that policies judge. A path that is not in it is refused unless the operator lists it under
//! `passthrough`. It does not say how a path is served.
//!
//! Paths that carry content in a shape that no dialect reads are left out on purpose: batches, files, audio,
//! images, stored conversations, legacy completions, Codex's `memories/trace_summarize`. Agents go on without
//! them.

mod path;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use http::Method;
use sluice_protocol::Api;

pub use path::{below_v1, ends_as_judged, find, is_plain_letter, model_in, reads_as_judged};

/// A path, and what Sluice does with it.
#[derive(Debug)]
pub struct Route {
    /// The methods that it takes.
    pub methods: &'static [Method],
    /// The path. `{id}` stands for one segment.
    pub path: &'static str,
    /// The dialect of the path. `None` if both providers have it and the caller's headers decide.
    pub api: Option<Api>,
    /// What policies see of an exchange on it.
    pub judged: Judged,
}

/// What policies see of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The request and the reply. A policy may answer in upstream's place.
    Exchange,
    /// The request and the reply, which is the conversation in short form: no policy can answer it.
    Compaction,
    /// The request. The reply is a number, a vector, or what the agent sends on in its next request.
    Request,
    /// The reply. The request is an id.
    Reply,
    /// Nothing: neither side carries content.
    Nothing,
    /// Nothing: Sluice answers itself.
    Own,
}

/// The result of looking up a request in the table.
#[derive(Debug)]
pub enum Found<'a> {
    /// The path is served, under this path of the table.
    Route(&'static Route, Cow<'a, str>),
    /// The path is in the table, with these methods alone.
    OtherMethods(Vec<&'static str>),
    /// The path would be in the table, but a server might read this segment of it in another way than Sluice does.
    Odd(&'a str),
    /// The path is not in the table.
    Nothing,
}

const fn anthropic(method: &'static [Method], path: &'static str, judged: Judged) -> Route {
    of(Some(Api::Anthropic), method, path, judged)
}

const fn chat(method: &'static [Method], path: &'static str, judged: Judged) -> Route {
    of(Some(Api::OpenaiChat), method, path, judged)
}

const fn responses(method: &'static [Method], path: &'static str, judged: Judged) -> Route {
    of(Some(Api::OpenaiResponses), method, path, judged)
}

const fn of(
    api: Option<Api>,
    methods: &'static [Method],
    path: &'static str,
    judged: Judged,
) -> Route {
    Route {
        methods,
        path,
        api,
        judged,
    }
}

const POST: &[Method] = &[Method::POST];
const GET: &[Method] = &[Method::GET];
const LOOK: &[Method] = &[Method::GET, Method::HEAD];
const DELETE: &[Method] = &[Method::DELETE];

/// The path at which anybody can ask whether the process is alive.
pub const HEALTH: &str = "/health";

/// The table.
pub const ROUTES: &[Route] = &[
    anthropic(POST, "/v1/messages", Judged::Exchange),
    anthropic(POST, "/v1/messages/count_tokens", Judged::Request),
    chat(POST, "/v1/chat/completions", Judged::Exchange),
    chat(GET, "/v1/chat/completions/{id}", Judged::Reply),
    chat(DELETE, "/v1/chat/completions/{id}", Judged::Nothing),
    responses(POST, "/v1/responses", Judged::Exchange),
    responses(POST, "/v1/responses/compact", Judged::Compaction),
    responses(POST, "/v1/responses/input_tokens", Judged::Request),
    responses(GET, "/v1/responses/{id}", Judged::Reply),
    responses(DELETE, "/v1/responses/{id}", Judged::Nothing),
    responses(POST, "/v1/responses/{id}/cancel", Judged::Reply),
    // The web search of Codex sends the conversation along. What it finds comes back in the next request.
    responses(POST, "/v1/alpha/search", Judged::Request),
    of(
        Some(Api::OpenaiEmbeddings),
        POST,
        "/v1/embeddings",
        Judged::Request,
    ),
    // What the SDKs' clients for Azure call.
    chat(
        POST,
        "/openai/deployments/{id}/chat/completions",
        Judged::Exchange,
    ),
    of(
        Some(Api::OpenaiEmbeddings),
        POST,
        "/openai/deployments/{id}/embeddings",
        Judged::Request,
    ),
    responses(POST, "/openai/responses", Judged::Exchange),
    responses(GET, "/openai/responses/{id}", Judged::Reply),
    responses(DELETE, "/openai/responses/{id}", Judged::Nothing),
    responses(POST, "/openai/responses/{id}/cancel", Judged::Reply),
    of(None, LOOK, "/v1/models", Judged::Nothing),
    of(None, LOOK, "/v1/models/{id}", Judged::Nothing),
    // Names of models such as `org/model`.
    of(None, LOOK, "/v1/models/{id}/{id}", Judged::Nothing),
    // Claude Code asks these before it has a key, to learn whether somebody is there.
    of(Some(Api::Anthropic), LOOK, "/api/hello", Judged::Own),
    of(Some(Api::Anthropic), &[Method::HEAD], "/", Judged::Own),
    of(None, GET, HEALTH, Judged::Own),
];

impl Route {
    /// Whether policies see anything of it.
    pub fn is_judged(&self) -> bool {
        !matches!(self.judged, Judged::Nothing | Judged::Own)
    }

    /// Whether policies see its requests.
    pub fn judges_requests(&self) -> bool {
        matches!(
            self.judged,
            Judged::Exchange | Judged::Compaction | Judged::Request
        )
    }

    /// Whether policies see its replies.
    pub fn judges_replies(&self) -> bool {
        matches!(
            self.judged,
            Judged::Exchange | Judged::Compaction | Judged::Reply
        )
    }
}
