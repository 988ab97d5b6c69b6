//! The one place that prints.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::error::ErrorKind;

use crate::history::Letters;

/// Prints the answer of a command.
pub(super) fn answer(text: impl Display) {
    // A reader that has seen enough (`| head`) is no failure of ours.
    let _ = write!(io::stdout().lock(), "{text}");
}

/// Whether somebody reads what was written. A reader that has seen enough (`| head`) is no failure of ours; a full disk is
/// one.
pub(super) fn is_read(written: io::Result<()>) -> anyhow::Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("write to the standard output"),
    }
}

/// A long answer of foreign text, which is printed piece by piece. What a terminal obeys is taken out of it if a terminal
/// shows it; elsewhere each byte goes out as it is.
pub(super) struct Pieces {
    is_shown: bool,
    letters: Letters,
}

impl Default for Pieces {
    fn default() -> Self {
        Self {
            is_shown: io::stdout().is_terminal(),
            letters: Letters::default(),
        }
    }
}

impl Pieces {
    /// Prints a piece. Fails if nobody reads any more.
    pub(super) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match self.is_shown {
            false => out.write_all(piece),
            true => {
                let text = self.letters.push(piece);
                let text = text.unwrap_or_else(|| String::from_utf8_lossy(piece).into_owned());
                out.write_all(harmless(text).as_bytes())
            }
        }
    }
}

fn harmless(text: String) -> String {
    let is_obeyed = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    match text.contains(is_obeyed) {
        true => text.replace(is_obeyed, "\u{fffd}"),
        false => text,
    }
}

/// Prints a part of a long answer. Returns whether anybody still reads.
pub(super) fn goes_on(text: impl Display) -> bool {
    let mut out = io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).is_ok()
}

/// Prints what went wrong.
pub(super) fn problem(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints what is wrong with the command line.
pub(super) fn misused(fault: impl Display) -> ExitCode {
    problem(fault);
    ExitCode::from(2)
}

/// Prints what is wrong with the command line on one line, or the help if the person needs that.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return misused(one_line(&error.render().to_string()));
    }
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Returns clap's text without the usage, which `--help` prints in full.
pub(super) fn one_line(text: &str) -> String {
    let paragraphs = text.split("\n\n");
    let told = paragraphs.take_while(|text| {
        !text.starts_with("Usage:") && !text.starts_with("For more information")
    });
    told.flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ")
}
