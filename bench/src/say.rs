//! The one place that prints.

use std::fmt::Display;
use std::io::{self, Write as _};

/// A line of the answer, on the standard output.
pub(crate) fn line(text: impl Display) {
    // A reader that has seen enough is no failure of ours.
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// What is going on, on the standard error.
pub(crate) fn progress(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Why it ended.
pub(crate) fn error(error: &anyhow::Error) {
    progress(format_args!("error: {error:#}"));
}
