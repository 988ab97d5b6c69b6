//! The basis of the end-to-end tests: a Sluice in this process, a scripted upstream, real policies.

pub mod client;
pub mod dialect;
pub mod frames;
pub mod host;
pub mod live;
pub mod policies;
pub mod record;
pub mod turn;
pub mod upstream;

use std::path::PathBuf;

pub use dialect::Dialect;
pub use host::TestHost;
pub use upstream::{Act, Script, Upstream};

/// Reads a stream from the protocol crate by its dialect and name: `anthropic/text`.
///
/// # Panics
///
/// If there is none of that name.
pub fn fixture(name: &str) -> String {
    let path = fixtures().join(name).with_extension("sse");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fixtures() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../host/protocol/fixtures"
    ))
}
