//! What was recorded, as people read it.
//!
//! Reads the store and nothing else. Who may read it is up to those who ask.

mod markdown;

pub use markdown::Markdown;
