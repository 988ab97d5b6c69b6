//! The log: for people on a terminal, JSON lines elsewhere.
//!
//! Writes to the standard error, because the standard output belongs to the answer of a command. Below `info` it
//! writes only lines of Sluice's own crates, whatever the filter says: HTTP libraries write headers, and with them
//! keys, to their debug logs.

mod tally;

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::env;

pub(crate) use tally::Tally;

const DEFAULT_FILTER: &str = "info";
/// The longest text from outside in a field, in characters.
const MAX_FIELD: usize = 256;

/// Starts the log. Call it once in a process.
///
/// # Errors
///
/// Returns an error if the filter of the environment can't be read.
pub fn init() -> anyhow::Result<()> {
    let filter = env::log_filter().unwrap_or_else(|| DEFAULT_FILTER.to_owned());
    let filter = EnvFilter::try_new(&filter)
        .with_context(|| format!("read the log filter `{filter}` of SLUICE_LOG or RUST_LOG"))?
        // Without the hint nobody knows before asking that debug lines are not wanted, and a compiler
        // writes millions.
        .and(filter_fn(may_be_heard).with_max_level_hint(LevelFilter::TRACE));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = if io::stderr().is_terminal() {
        lines.with_target(false).boxed()
    } else {
        lines.json().flatten_event(true).with_ansi(false).boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .context("begin to log")
}

fn may_be_heard(event: &Metadata<'_>) -> bool {
    *event.level() <= Level::INFO || event.target().starts_with("sluice")
}

/// Makes a text from outside fit for the log and for errors: cut at 256 characters, with unprintable characters
/// escaped. So nobody can write log lines of their own, commands for a terminal, or megabytes.
pub fn clip(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_FIELD && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut clipped = String::new();
    let mut room = MAX_FIELD;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let escaped = escape(character);
        let taken = escaped.chars().count();
        let is_last = rest.as_str().is_empty();
        // Where more follows, one is kept for the mark that it is missing.
        if taken > room || (taken == room && !is_last) {
            clipped.push('…');
            break;
        }
        room -= taken;
        clipped.push_str(&escaped);
    }
    Cow::Owned(clipped)
}

/// Whether a character is printable, by the rules of the standard library: no control character, none that changes
/// the direction of a line, none without width.
fn is_plain(character: char) -> bool {
    matches!(character, '"' | '\'') || character.escape_debug().len() == 1
}

fn escape(character: char) -> String {
    match is_plain(character) {
        true => character.to_string(),
        false => character.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::clip;

    #[test]
    fn a_plain_text_stays_as_it_is() {
        for text in ["", "claude-sonnet-4-5", "/v1/files/été?\"x\" 'y'"] {
            assert_eq!(clip(text), text);
        }
        for fits in ["x".repeat(256), "é".repeat(256)] {
            assert_eq!(clip(&fits), fits);
        }
    }

    #[test]
    fn a_long_text_is_cut_at_256_characters() {
        for text in [
            "x".repeat(10_240),
            "é".repeat(10_240),
            "\u{1b}".repeat(10_240),
        ] {
            let clipped = clip(&text);
            assert!(clipped.chars().count() <= 256, "{clipped}");
            assert!(clipped.ends_with('…'));
        }
    }

    #[test]
    fn what_is_not_printable_is_escaped() {
        let clipped = clip("a\nb\u{1b}[31m\u{202e}\u{2028}\0\\");
        assert_eq!(clipped, r"a\nb\u{1b}[31m\u{202e}\u{2028}\0\\");
    }
}
