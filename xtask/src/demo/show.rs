//! Puts both sides of Sluice beside each other.

use std::io::{self, IsTerminal as _};
use std::process::{Command, Stdio};
use std::{env, iter};

use super::reply::{Block, Reply};
use super::scene::{Outcome, Scene};
use super::sluice::Sluice;
use crate::say;

const MARGIN: &str = "  ";
const BETWEEN: &str = " │ ";

/// Shows an exchange and answers how much of it was not as it should have been.
pub(super) fn scene(scene: &Scene, outcome: &Outcome) -> usize {
    let style = Style::detect();
    say::line(format_args!("\n{}", style.bold(scene.title)));
    let asked = &outcome.upstream.asked;
    style.beside(
        ("the caller sent", &scene.request),
        ("upstream received", asked),
    );
    let sent = lines(&outcome.upstream.reply);
    let delivered = lines(&outcome.delivered);
    style.beside(
        ("upstream sent (simulated)", &sent),
        ("the caller received", &delivered),
    );
    let mut faults = 0;
    for (what, holds) in scene.judge(outcome) {
        faults += usize::from(!holds);
        let mark = if holds {
            style.green("✓")
        } else {
            style.red("✗ expected:")
        };
        say::line(format_args!("{MARGIN}{mark} {what}"));
    }
    faults
}

/// Says how to try it oneself.
pub(super) fn invitation(sluice: &Sluice) {
    let style = Style::detect();
    let address = sluice.address();
    say::line(format_args!(
        "\n{}",
        style.bold("Sluice stays up. Point a client at it:")
    ));
    say::line(format_args!(
        "{MARGIN}ANTHROPIC_BASE_URL=http://{address} claude"
    ));
    say::line(format_args!(
        "{MARGIN}The upstream is simulated: no model answers, any API key will do."
    ));
    say::line(format_args!(
        "{MARGIN}policies: {}",
        sluice.policy_file().display()
    ));
    say::line(format_args!("{MARGIN}log:      {}", sluice.log().display()));
    say::line(format_args!("{MARGIN}Ctrl-C ends it."));
}

/// A reply, a line for each block.
fn lines(reply: &Reply) -> String {
    let blocks = reply.blocks.iter().map(|block| match block {
        Block::Text(text) => text.clone(),
        Block::ToolCall(name, arguments) => format!("→ run {name} {arguments}"),
    });
    blocks
        .chain(iter::once(format!("({})", reply.stop_reason)))
        .collect::<Vec<_>>()
        .join("\n")
}

struct Style {
    coloured: bool,
    /// Of one column.
    width: usize,
}

impl Style {
    fn detect() -> Self {
        let coloured = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
        let width = terminal_width().unwrap_or(120).clamp(60, 160);
        Self {
            coloured,
            width: (width - MARGIN.len() - 3) / 2,
        }
    }

    fn beside(&self, left: (&str, &str), right: (&str, &str)) {
        let column = |text: &str| wrap(text, self.width);
        let row = |left: &str, right: &str| {
            let padding = " ".repeat(self.width.saturating_sub(left.chars().count()));
            (format!("{left}{padding}"), right.to_owned())
        };
        let (head_left, head_right) = row(left.0, right.0);
        let heads = (self.dim(&head_left), self.dim(&head_right));
        say::line(format_args!("{MARGIN}{}{BETWEEN}{}", heads.0, heads.1));
        let (lefts, rights) = (column(left.1), column(right.1));
        for index in 0..lefts.len().max(rights.len()) {
            let line = |lines: &[String]| lines.get(index).cloned().unwrap_or_default();
            let (left, right) = row(&line(&lefts), &line(&rights));
            let line = format!("{MARGIN}{left}{BETWEEN}{right}");
            say::line(line.trim_end());
        }
        say::line("");
    }

    fn bold(&self, text: &str) -> String {
        self.code(text, "1")
    }

    fn dim(&self, text: &str) -> String {
        self.code(text, "2")
    }

    fn green(&self, text: &str) -> String {
        self.code(text, "32")
    }

    fn red(&self, text: &str) -> String {
        self.code(text, "31")
    }

    fn code(&self, text: &str, code: &str) -> String {
        if self.coloured {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Breaks between words where it can, and within one that is longer than a line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_inclusive(' ') {
            let mut letters: Vec<char> = word.chars().collect();
            if line.chars().count() + word.trim_end().chars().count() > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            while letters.len() > width + 1 {
                lines.push(letters.drain(..width).collect());
            }
            line.extend(letters);
        }
        lines.push(line);
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// Asks the terminal itself: shells keep `COLUMNS` to themselves.
fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let size = Command::new("stty")
        .arg("size")
        .stdin(Stdio::inherit())
        .output()
        .ok()?;
    String::from_utf8(size.stdout)
        .ok()?
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_within_long_ones() {
        assert_eq!(wrap("one two three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(wrap("a abcdefghij", 4), ["a", "abcd", "efgh", "ij"]);
    }
}
