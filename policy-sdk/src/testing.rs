//! Runs a policy natively, in `cargo test`.

pub(crate) mod ears;

pub use ears::{Heard, take as heard};
