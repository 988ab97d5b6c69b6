//! Shows both sides of Sluice next to each other.
//!
//! The same lines are used for the terminal and for the picture on the front page.

use std::io::{self, IsTerminal as _};
use std::process::{Command, Stdio};
use std::{env, iter};

use super::reply::{Block, Reply};
use super::scene::{Outcome, Scene};
use super::sluice::Sluice;
use crate::say;

const MARGIN: &str = "  ";
const BETWEEN: &str = " │ ";

/// Shows an exchange. Returns how many of its expectations failed.
pub(super) fn scene(scene: &Scene, outcome: &Outcome) -> usize {
    let style = Style::detect();
    for line in picture(scene, outcome, style.width) {
        say::line(style.written(&line));
    }
    let judged = scene.judge(outcome);
    judged.filter(|(_, holds)| !holds).count()
}

/// A part of a line, and how it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) tone: Tone,
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Bold,
    Dim,
    Green,
    Red,
}

/// The lines that show an exchange on a terminal of this width.
pub(super) fn picture(scene: &Scene, outcome: &Outcome, width: usize) -> Vec<Vec<Span>> {
    let sent = lines(&outcome.upstream.reply);
    let delivered = lines(&outcome.delivered);
    let mut picture = vec![vec![], vec![span(scene.title, Tone::Bold)]];
    picture.extend(beside(
        width,
        ("the caller sent", &scene.request),
        ("upstream received", &outcome.upstream.asked),
    ));
    picture.extend(beside(
        width,
        ("upstream sent (simulated)", &sent),
        ("the caller received", &delivered),
    ));
    for (what, holds) in scene.judge(outcome) {
        let mark = match holds {
            true => span("✓", Tone::Green),
            false => span("✗ expected:", Tone::Red),
        };
        let rest = span(format!(" {what}"), Tone::Plain);
        picture.push(vec![span(MARGIN, Tone::Plain), mark, rest]);
    }
    picture
}

fn span(text: impl Into<String>, tone: Tone) -> Span {
    let text = text.into();
    Span { text, tone }
}

/// Two texts with their headings, side by side, and a line above them.
fn beside(width: usize, left: (&str, &str), right: (&str, &str)) -> Vec<Vec<Span>> {
    let width = width.saturating_sub(MARGIN.len() + BETWEEN.chars().count()) / 2;
    let row = |left: &str, right: &str, tone| {
        let padding = " ".repeat(width.saturating_sub(left.chars().count()));
        vec![
            span(MARGIN, Tone::Plain),
            span(format!("{left}{padding}"), tone),
            span(BETWEEN, Tone::Plain),
            span(right, tone),
        ]
    };
    let (lefts, rights) = (wrap(left.1, width), wrap(right.1, width));
    let mut rows = vec![row(left.0, right.0, Tone::Dim)];
    for index in 0..lefts.len().max(rights.len()) {
        let line = |lines: &[String]| lines.get(index).cloned().unwrap_or_default();
        rows.push(row(&line(&lefts), &line(&rights), Tone::Plain));
    }
    rows.push(vec![]);
    rows
}

/// Says how to send a request through the running demo.
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
    /// The width of the terminal.
    width: usize,
}

impl Style {
    fn detect() -> Self {
        Self {
            coloured: io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none(),
            width: terminal_width().unwrap_or(120).clamp(60, 160),
        }
    }

    /// Formats a line for this terminal.
    fn written(&self, line: &[Span]) -> String {
        let written: String = line
            .iter()
            .map(|Span { text, tone }| match tone {
                Tone::Plain => text.clone(),
                Tone::Bold => self.code(text, "1"),
                Tone::Dim => self.code(text, "2"),
                Tone::Green => self.code(text, "32"),
                Tone::Red => self.code(text, "31"),
            })
            .collect();
        written.trim_end().to_owned()
    }

    fn bold(&self, text: &str) -> String {
        self.code(text, "1")
    }

    fn code(&self, text: &str, code: &str) -> String {
        if self.coloured {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Breaks lines between words, and inside a word that is longer than a line.
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

/// Asks the terminal itself, because shells do not export `COLUMNS`.
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
