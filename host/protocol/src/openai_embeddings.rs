//! `OpenAI` Embeddings (`POST /v1/embeddings`), of which only requests have blocks.

mod request;

pub use request::Request;
