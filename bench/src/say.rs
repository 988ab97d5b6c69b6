//! The one place that prints.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints a line of the result to standard output.
pub(crate) fn line(text: impl Display) {
    // A closed reader is not a failure.
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints progress to standard error.
pub(crate) fn progress(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints why the program ended.
pub(crate) fn error(error: &anyhow::Error) {
    progress(format_args!("error: {error:#}"));
}
