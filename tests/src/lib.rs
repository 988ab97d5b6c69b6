//! What the end-to-end tests stand on: a Sluice in this process, a scripted upstream, real policies.

pub mod client;
pub mod conversation;
pub mod host;
pub mod policies;
pub mod upstream;

pub use host::TestHost;
pub use upstream::{Act, Script, Upstream};

/// A recorded-shape stream of the protocol crate, by its dialect and its name: `anthropic/text`.
///
/// # Panics
///
/// Where there is none of that name.
pub fn fixture(name: &str) -> String {
    let path = format!(
        "{}/../host/protocol/fixtures/{name}.sse",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
