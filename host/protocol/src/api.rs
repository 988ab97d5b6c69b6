//! Which wire dialects there are, and the one place that leads from a dialect to its code.

use bytes::Bytes;

use crate::{
    Block, Limits, Reply, Request, RequestError, Wants, anthropic, openai, openai_chat,
    openai_embeddings, openai_responses,
    reply::{
        Streamed,
        passing::{PassingBody, PassingStream},
        watching::Watch,
    },
};

/// Which wire dialect a caller speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// Anthropic Messages.
    Anthropic,
    /// `OpenAI` Chat Completions.
    OpenaiChat,
    /// `OpenAI` Responses.
    OpenaiResponses,
    /// `OpenAI` Embeddings, of which only requests have blocks.
    OpenaiEmbeddings,
}

/// What Sluice itself tells a caller who gets no reply.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, and what to do about it.
    pub message: &'a str,
    /// Whether a policy refused the request.
    pub refused: bool,
    /// The id of the exchange, where it has one.
    pub request_id: Option<&'a str>,
}

impl Api {
    /// The name used in logs, in recordings and towards policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenaiChat => "openai-chat",
            Self::OpenaiResponses => "openai-responses",
            Self::OpenaiEmbeddings => "openai-embeddings",
        }
    }

    /// The response header that names an exchange.
    pub fn request_id_header(self) -> &'static str {
        match self {
            Self::Anthropic => "request-id",
            Self::OpenaiChat | Self::OpenaiResponses | Self::OpenaiEmbeddings => "x-request-id",
        }
    }

    /// Reads the body of a request.
    pub fn request(self, body: Bytes, limits: &Limits) -> Result<Box<dyn Request>, RequestError> {
        Ok(match self {
            Self::Anthropic => Box::new(anthropic::Request::parse(body, limits)?),
            Self::OpenaiChat => Box::new(openai_chat::Request::parse(body, limits)?),
            Self::OpenaiResponses => Box::new(openai_responses::Request::parse(body, limits)?),
            Self::OpenaiEmbeddings => Box::new(openai_embeddings::Request::parse(body, limits)?),
        })
    }

    /// A streamed reply of which policies want to see what `wants` says; nothing where replies have no blocks.
    pub fn stream(self, wants: Wants, limits: Limits) -> Option<Box<dyn Reply>> {
        Some(self.streamed(wants, limits)?)
    }

    /// The same, where each frame is read, even one like the frame before. What comes out is the same, bytes that go out in a
    /// row taken together: a test can hold the one against the other.
    pub fn stream_reading_each_frame(self, wants: Wants, limits: Limits) -> Option<Box<dyn Reply>> {
        let mut stream = self.streamed(wants, limits)?;
        stream.read_each_frame();
        Some(stream)
    }

    fn streamed(self, wants: Wants, limits: Limits) -> Option<Box<dyn Streamed>> {
        let passes = wants == Wants::NOTHING;
        Some(match self {
            Self::Anthropic if passes => passing(anthropic::Watch::default(), &limits),
            Self::Anthropic => Box::new(anthropic::stream(wants, limits)),
            Self::OpenaiChat if passes => passing(openai_chat::Watch::default(), &limits),
            Self::OpenaiChat => Box::new(openai_chat::stream(wants, limits)),
            Self::OpenaiResponses if passes => passing(openai_responses::Watch::default(), &limits),
            Self::OpenaiResponses => Box::new(openai_responses::stream(wants, limits)),
            Self::OpenaiEmbeddings => return None,
        })
    }

    /// A whole reply of which policies want to see what `wants` says; nothing where replies have no blocks.
    pub fn whole(self, wants: Wants, limits: Limits) -> Option<Box<dyn Reply>> {
        Some(match self {
            Self::OpenaiEmbeddings => return None,
            _ if wants == Wants::NOTHING => Box::new(PassingBody::default()),
            Self::Anthropic => Box::new(anthropic::whole(wants, limits)),
            Self::OpenaiChat => Box::new(openai_chat::whole(wants, limits)),
            Self::OpenaiResponses => Box::new(openai_responses::whole(wants, limits)),
        })
    }

    /// A legal reply of these texts and tool calls: a whole body, or a complete stream; nothing where replies have no
    /// blocks.
    ///
    /// Blank texts are left out, every tool call gets an id of the host's making, and other kinds of
    /// block are left out. `id_seed` names the reply; one per exchange keeps ids apart within a conversation.
    pub fn answer(
        self,
        model: &str,
        id_seed: &str,
        blocks: &[Block],
        streaming: bool,
    ) -> Option<Bytes> {
        match self {
            Self::Anthropic => Some(anthropic::answer(model, id_seed, blocks, streaming)),
            Self::OpenaiChat => Some(openai_chat::answer(model, id_seed, blocks, streaming)),
            Self::OpenaiResponses => {
                Some(openai_responses::answer(model, id_seed, blocks, streaming))
            }
            Self::OpenaiEmbeddings => None,
        }
    }

    /// The body of an HTTP error.
    pub fn error_body(self, problem: &Problem<'_>) -> Bytes {
        match self {
            Self::Anthropic => {
                let kind = anthropic::ErrorType::for_status(problem.status);
                anthropic::error_body(kind, problem.message, problem.request_id)
            }
            Self::OpenaiChat | Self::OpenaiResponses | Self::OpenaiEmbeddings => {
                openai::error_body(problem)
            }
        }
    }
}

fn passing(watch: impl Watch + 'static, limits: &Limits) -> Box<dyn Streamed> {
    Box::new(PassingStream::new(watch, limits))
}
