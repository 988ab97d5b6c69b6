//! Shows how far a long export is, to a person who watches and only to one: the standard error is a terminal, and what
//! is exported goes elsewhere.
//!
//! How much is still to come nobody knows before it is read, so this is no bar that fills but a count that grows.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::env;

/// How long an export runs before anything is shown of it, and how often that changes.
const EVERY: Duration = Duration::from_millis(250);
/// What goes to and fro beside the count. One that stands still would look the same as one that hangs.
const BAR: [&str; 6] = ["[=   ]", "[ =  ]", "[  = ]", "[   =]", "[  = ]", "[ =  ]"];

/// What is known of an export.
pub(super) struct Progress {
    begun: Instant,
    shown: Option<Instant>,
    bytes: u64,
    step: usize,
    has_colour: bool,
}

impl Progress {
    /// Begins, if somebody watches.
    pub(super) fn on_a_terminal() -> Option<Self> {
        let watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        watched.then(|| Self::new(env::variable("NO_COLOR").is_none()))
    }

    fn new(has_colour: bool) -> Self {
        Self {
            begun: Instant::now(),
            shown: None,
            bytes: 0,
            step: 0,
            has_colour,
        }
    }

    /// Notes bytes that were written.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        let now = Instant::now();
        if now.duration_since(self.shown.unwrap_or(self.begun)) >= EVERY {
            self.shown = Some(now);
            self.step += 1;
            let line = self.line(now.duration_since(self.begun));
            let _ = write!(io::stderr().lock(), "\r{line}\u{1b}[K");
        }
    }

    fn line(&self, time: Duration) -> String {
        let bar = BAR[self.step % BAR.len()];
        let bar = match self.has_colour {
            true => format!("\u{1b}[36m{bar}\u{1b}[0m"),
            false => bar.to_owned(),
        };
        format!(
            "{bar} exported {} in {} s",
            size(self.bytes),
            time.as_secs()
        )
    }
}

impl Drop for Progress {
    /// Leaves the terminal as it was.
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

/// A number of bytes as people read it.
fn size(bytes: u64) -> String {
    #[allow(
        clippy::cast_precision_loss,
        reason = "one digit behind the point is shown"
    )]
    let mib = bytes as f64 / f64::from(1 << 20);
    match bytes {
        0..=1_048_575 => format!("{} KiB", bytes >> 10),
        _ => format!("{mib:.1} MiB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_one_line_that_people_can_read_with_and_without_colour() {
        let mut progress = Progress::new(false);
        progress.bytes = 5 << 19;
        let line = progress.line(Duration::from_millis(61_500));
        assert_eq!(line, "[=   ] exported 2.5 MiB in 61 s");
        progress.has_colour = true;
        progress.bytes = 2048;
        let line = progress.line(Duration::ZERO);
        assert_eq!(line, "\u{1b}[36m[=   ]\u{1b}[0m exported 2 KiB in 0 s");
    }
}
