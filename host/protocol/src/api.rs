//! Which wire dialects there are. It knows none of their code: `dispatch` does.

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
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Anthropic,
        Self::OpenaiChat,
        Self::OpenaiResponses,
        Self::OpenaiEmbeddings,
    ];

    /// The name used in logs, in recordings and towards policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenaiChat => "openai-chat",
            Self::OpenaiResponses => "openai-responses",
            Self::OpenaiEmbeddings => "openai-embeddings",
        }
    }

    /// The API of such a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api| api.as_str() == name)
    }

    /// The response header that names an exchange.
    pub fn request_id_header(self) -> &'static str {
        match self {
            Self::Anthropic => "request-id",
            Self::OpenaiChat | Self::OpenaiResponses | Self::OpenaiEmbeddings => "x-request-id",
        }
    }
}
