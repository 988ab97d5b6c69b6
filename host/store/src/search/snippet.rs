//! The part of a text that shows what was found.

use std::ops::Range;

use super::query::Query;
use super::tokens::{Token, tokens};

/// How many bytes are shown before the first place, and how many behind it.
const BEFORE: usize = 80;
const BEHIND: usize = 240;

/// A piece of a text with the places of what was searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The piece, as it stands in the block.
    pub text: String,
    /// The places in it, in bytes. Ascending, without overlaps.
    pub places: Vec<Range<usize>>,
    /// Whether the text goes on before and behind it.
    pub cut: (bool, bool),
}

impl Snippet {
    /// The piece around the first place. The beginning of the text if there is none.
    pub(crate) fn new(text: &str, query: &Query) -> Self {
        let tokens: Vec<_> = tokens(text).collect();
        let places = places(&tokens, query);
        let first = places.first().map_or(0, |place| place.start);
        let start = text.floor_char_boundary(first.saturating_sub(BEFORE));
        let end = text.ceil_char_boundary((first + BEHIND).min(text.len()));
        let shown = places.iter().filter(|place| place.end <= end);
        Self {
            text: text[start..end].to_owned(),
            places: shown
                .map(|place| place.start - start..place.end - start)
                .collect(),
            cut: (start > 0, end < text.len()),
        }
    }
}

/// Where phrases stand, from the left. Of two that overlap, the first counts.
fn places(tokens: &[Token], query: &Query) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let here = |phrase: &&Vec<String>| {
            let next = tokens[at..].iter().map(|token| &token.word);
            tokens.len() - at >= phrase.len()
                && phrase.iter().zip(next).all(|(one, other)| one == other)
        };
        match query.phrases.iter().filter(here).map(Vec::len).max() {
            Some(length) => {
                let last = at + length - 1;
                places.push(tokens[at].place.start..tokens[last].place.end);
                at = last + 1;
            }
            None => at += 1,
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet(text: &str, query: &str) -> (Vec<String>, Snippet) {
        let snippet = Snippet::new(text, &Query::new(query).unwrap());
        let found = snippet
            .places
            .iter()
            .map(|place| snippet.text[place.clone()].to_owned());
        (found.collect(), snippet)
    }

    #[test]
    fn places_are_those_of_whole_words_and_phrases() {
        let text = "Deleted. DELETE this; rm -rf, then rm that.";
        assert_eq!(snippet(text, "delete").0, ["DELETE"]);
        assert_eq!(snippet(text, "\"rm rf\"").0, ["rm -rf"]);
        assert_eq!(
            snippet(text, "rm \"rm rf\" that").0,
            ["rm -rf", "rm", "that"]
        );
        assert_eq!(snippet(text, "absent").0, [""; 0]);
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_place() {
        let text = format!("{}Größe needle {}", "ä ".repeat(500), "ö ".repeat(500));
        let (found, snippet) = snippet(&text, "needle");
        assert_eq!(found, ["needle"]);
        assert_eq!(snippet.cut, (true, true));
        assert!(snippet.text.len() <= BEFORE + BEHIND + 8);
    }
}
