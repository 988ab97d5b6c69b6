//! Prints xtask's messages. Nothing else here prints.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where output belongs"
)]

use std::fmt::Display;
use std::process::Command;

/// One line.
pub(crate) fn line(text: impl Display) {
    println!("{text}");
}

/// The line that ends a failed run.
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

/// Formats a command as it would be typed.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Prints the heading of the next step.
pub(crate) fn heading(text: &str) {
    println!("\n== {text}");
}
