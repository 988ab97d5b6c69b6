//! Finds patterns in text that arrives in pieces, holding back as little as possible.
//!
//! A [`Finder`] tries its patterns at each place of the text where a match could begin. What it sends on never
//! depends on how the text was cut. A place is decided once no further text could change the outcome there, and
//! only the text from the first undecided place on is held back. Prose in which no match begins passes at once.
//!
//! It finds what `regex` would find in the whole text: the leftmost match first, and of two that begin at the same
//! place the one of the earlier pattern. This holds as long as no match is longer than the bound. It never holds
//! back more than the bound: at each place a pattern sees that many bytes and one more.

mod automaton;
mod found;
mod pattern;
mod prefixes;
#[cfg(test)]
mod tests;

pub use found::Match;
pub use pattern::{Pattern, PatternError};

use automaton::{Automaton, Trial};

use crate::{Piece, TextVerdict};

/// The longest match that a [`Finder`] sees by default, in bytes.
pub const DEFAULT_BOUND: usize = 4096;

/// Finds and replaces patterns in text that arrives in pieces.
///
/// Build it in `configure`, so that its patterns are compiled once, and run [`whole`](Self::whole) over a sample
/// there: its tables grow as they are used, and the snapshot keeps what has grown.
pub struct Finder {
    automaton: Automaton,
    bound: usize,
    held: Held,
}

/// The end of the text so far: the undecided text, and the one character before it, because assertions such as `\b`
/// look at that.
#[derive(Default)]
struct Held {
    text: String,
    undecided: usize,
}

/// How far a text was gone through.
struct Scan {
    /// The end of the text that is sent or replaced.
    sent_to: usize,
    /// The end of the text that is decided.
    decided: usize,
}

impl Finder {
    /// Makes a finder of these patterns. If two match at the same place, the earlier pattern wins.
    pub fn new(patterns: impl IntoIterator<Item = Pattern>) -> Result<Self, PatternError> {
        let patterns: Vec<Pattern> = patterns.into_iter().collect();
        Ok(Self {
            automaton: Automaton::new(&patterns)?,
            bound: DEFAULT_BOUND,
            held: Held::default(),
        })
    }

    /// Sets the bound: the finder sees matches of up to `bytes` bytes and holds back no more than that.
    #[must_use]
    pub fn with_bound(self, bytes: usize) -> Self {
        Self {
            bound: bytes,
            ..self
        }
    }

    /// Takes a piece and returns the verdict on it, with every match replaced by what `replace` returns. If
    /// `replace` returns `None`, the text does not count as a match, and the search goes on behind its first
    /// character. Each match is shown once, in order.
    ///
    /// The last piece of a block releases what was held back, and the next block starts afresh.
    pub fn judge(
        &mut self,
        piece: Piece<'_>,
        mut replace: impl FnMut(Match<'_>) -> Option<String>,
    ) -> TextVerdict {
        let Held {
            mut text,
            undecided,
        } = std::mem::take(&mut self.held);
        let waited = undecided < text.len();
        text.push_str(piece.text);
        let mut sent = String::new();
        let mut replaced = false;
        let scan = self.scan(&text, undecided, piece.last, &mut sent, &mut |found| {
            let by = replace(found);
            replaced |= by.is_some();
            by
        });
        let Scan { sent_to, decided } = scan;
        sent.push_str(&text[sent_to..decided]);
        let moved = waited || decided < text.len();
        if !piece.last {
            self.held = Held::keep(text, decided);
        }
        match (replaced || moved) && sent != piece.text {
            true => TextVerdict::Send(sent),
            false => TextVerdict::Keep,
        }
    }

    /// Replaces every match in a text that is there as a whole, such as a text of a request, as
    /// [`judge`](Self::judge) would. Returns `None` if nothing changes.
    pub fn whole(
        &mut self,
        text: &str,
        mut replace: impl FnMut(Match<'_>) -> Option<String>,
    ) -> Option<String> {
        let mut replaced = false;
        let mut sent = String::new();
        let Scan { sent_to, .. } = self.scan(text, 0, true, &mut sent, &mut |found| {
            let old = found.text();
            let by = replace(found);
            replaced |= by.as_ref().is_some_and(|by| by != old);
            by
        });
        if !replaced {
            return None;
        }
        sent.push_str(&text[sent_to..]);
        Some(sent)
    }

    /// Sends what is decided of `text` from `from` on, up to the end of the last match.
    fn scan(
        &mut self,
        text: &str,
        from: usize,
        complete: bool,
        sent: &mut String,
        replace: &mut dyn FnMut(Match<'_>) -> Option<String>,
    ) -> Scan {
        let mut behind = from;
        let mut at = from;
        while let Some(start) = self.automaton.candidate(text, at, complete) {
            at = next_char(text, start);
            match self.automaton.try_at(text, start, self.bound, complete) {
                Trial::Nothing => {}
                Trial::Undecided => {
                    return Scan {
                        sent_to: behind,
                        decided: start,
                    };
                }
                Trial::Match { pattern, end } => {
                    let found = Match::new(&self.automaton, text, start..end, pattern);
                    if let Some(by) = replace(found) {
                        if sent.is_empty() {
                            // Else it would grow to twice the text at worst.
                            sent.reserve(text.len() - from);
                        }
                        sent.push_str(&text[behind..start]);
                        sent.push_str(&by);
                        (behind, at) = (end, end);
                    }
                }
            }
        }
        Scan {
            sent_to: behind,
            decided: text.len(),
        }
    }
}

impl Held {
    fn keep(mut text: String, decided: usize) -> Self {
        let before = text[..decided].char_indices().next_back();
        text.drain(..before.map_or(0, |(at, _)| at));
        let undecided = before.map_or(0, |(_, char)| char.len_utf8());
        Self { text, undecided }
    }
}

fn next_char(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8)
}
