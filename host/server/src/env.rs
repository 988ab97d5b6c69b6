//! What is read from the environment besides the flags' own variables, which clap reads.

/// Which log lines are wanted, in the words of `tracing_subscriber`: `SLUICE_LOG`, else `RUST_LOG`.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub fn log_filter() -> Option<String> {
    let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    read("SLUICE_LOG").or_else(|| read("RUST_LOG"))
}
