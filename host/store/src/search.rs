//! The search index: which words stand in which block.
//!
//! Texts are parted into words here, so that both databases index the same words and nothing that a person types can
//! be a syntax error. Each block is indexed once, however many exchanges have it. The index holds no texts; the
//! snippets of what was found are made here too.

mod among;
mod index;
mod loaded;
mod query;
mod snippet;
mod statements;
mod tokens;

#[cfg(test)]
pub(crate) use statements::{ALL as STATEMENTS, add as insert};

pub use snippet::Snippet;

pub(crate) use among::Among;
pub(crate) use index::{Index, Source, Words, add, rebuild, remove};
pub(crate) use loaded::load;
pub(crate) use query::Query;
