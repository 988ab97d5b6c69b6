//! `OpenAI` Embeddings (`POST /v1/embeddings`), of which only requests have blocks.

mod request;

pub(crate) use request::Embeddings;
pub use request::Request;
