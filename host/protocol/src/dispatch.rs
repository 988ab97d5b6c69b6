//! The one place that leads from an [`Api`] to the code of its dialect.

use bytes::Bytes;

use crate::{
    Api, Block, Limits, Problem, Reply, Request, RequestError, Wants, anthropic, openai,
    openai_chat, openai_embeddings, openai_responses,
    reply::{
        Streamed,
        passing::{PassingBody, PassingStream},
        watching::Watch,
    },
    summary::{self, Piece, Summary},
    view::pieces,
};

impl Api {
    /// Reads the body of a request.
    pub fn request(self, body: Bytes, limits: &Limits) -> Result<Box<dyn Request>, RequestError> {
        Ok(match self {
            Self::Anthropic => Box::new(anthropic::Request::parse(body, limits)?),
            Self::OpenaiChat => Box::new(openai_chat::Request::parse(body, limits)?),
            Self::OpenaiResponses => Box::new(openai_responses::Request::parse(body, limits)?),
            Self::OpenaiEmbeddings => Box::new(openai_embeddings::Request::parse(body, limits)?),
        })
    }

    /// Starts reading a streamed reply. `wants` says which blocks the policies ask for. Returns `None` if this API's
    /// replies have no blocks.
    pub fn stream(self, wants: Wants, limits: Limits) -> Option<Box<dyn Reply>> {
        Some(self.streamed(wants, limits)?)
    }

    /// Does the same, but parses every frame, also those that repeat the one before. What comes out is the same if bytes
    /// that go out in a row are taken together, so a test can compare the two.
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

    /// Starts reading a whole reply. `wants` says which blocks the policies ask for. Returns `None` if this API's replies
    /// have no blocks.
    pub fn whole(self, wants: Wants, limits: Limits) -> Option<Box<dyn Reply>> {
        Some(match self {
            Self::OpenaiEmbeddings => return None,
            _ if wants == Wants::NOTHING => Box::new(PassingBody::default()),
            Self::Anthropic => Box::new(anthropic::whole(wants, limits)),
            Self::OpenaiChat => Box::new(openai_chat::whole(wants, limits)),
            Self::OpenaiResponses => Box::new(openai_responses::whole(wants, limits)),
        })
    }

    /// Writes a legal reply of these texts and tool calls: a whole body, or a complete stream. Returns `None` if this API's
    /// replies have no blocks.
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

    /// Finds the blocks of a request's body, in the order in which they stand there.
    pub fn pieces(self, body: &[u8], limits: &Limits) -> Result<Vec<Piece>, RequestError> {
        match self {
            Self::Anthropic => pieces::<anthropic::Messages>(body, limits),
            Self::OpenaiChat => pieces::<openai_chat::Chat>(body, limits),
            Self::OpenaiResponses => pieces::<openai_responses::Responses>(body, limits),
            Self::OpenaiEmbeddings => pieces::<openai_embeddings::Embeddings>(body, limits),
        }
    }

    /// Reads a complete reply, or what there is of one that was cut off. `streamed` says in which form it came.
    pub fn summary(self, reply: &Bytes, streamed: bool, limits: Limits) -> Summary {
        let reader = match streamed {
            true => self.stream(summary::ALL, limits),
            false => self.whole(summary::ALL, limits),
        };
        let read = match self {
            Self::Anthropic => summary::read::<anthropic::Account>,
            Self::OpenaiResponses => summary::read::<openai_responses::Account>,
            Self::OpenaiChat | Self::OpenaiEmbeddings => summary::read::<openai_chat::Account>,
        };
        read(reply, streamed, reader, limits.frame)
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
