//! Parts a text into words.
//!
//! A word is a run of letters and digits, in lower case. Of writing without spaces between words, each letter is one.

use std::ops::Range;

/// The longest word, in bytes. A longer one is cut: it is rather data than language.
const LONGEST: usize = 128;

/// One word, and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) word: String,
    pub(crate) place: Range<usize>,
}

/// The words of a text, in order.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = Token> {
    places(text).map(|place| {
        let mut word = String::new();
        push(&mut word, &text[place.clone()]);
        Token { word, place }
    })
}

/// The words of a text, with a space between each two.
pub(crate) fn joined(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for place in places(text) {
        if !words.is_empty() {
            words.push(' ');
        }
        push(&mut words, &text[place]);
    }
    words
}

/// Where the words of a text stand.
fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(char::is_alphanumeric)?;
        let rest = &text[start..];
        let first = rest.chars().next()?;
        let length = if stands_alone(first) {
            first.len_utf8()
        } else {
            let ends = |c: char| !c.is_alphanumeric() || stands_alone(c);
            rest.find(ends).unwrap_or(rest.len())
        };
        from = start + length;
        Some(start..from)
    })
}

/// Adds letters as a word.
fn push(words: &mut String, letters: &str) {
    let start = words.len();
    if letters.is_ascii() {
        words.push_str(letters);
        words[start..].make_ascii_lowercase();
    } else {
        words.push_str(&letters.to_lowercase());
    }
    words.truncate(words.floor_char_boundary(start + LONGEST));
}

/// Whether a letter belongs to a writing without spaces: Chinese, Japanese, Thai and their like.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff
        | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff
        | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parted_into_words() {
        let table: [(&str, &[&str]); 6] = [
            ("Hello, World!", &["hello", "world"]),
            ("rm -rf /usr/lib64", &["rm", "rf", "usr", "lib64"]),
            ("snake_case'd \"x\"", &["snake", "case", "d", "x"]),
            ("Größe ИМЯ", &["größe", "имя"]),
            ("删除file夹", &["删", "除", "file", "夹"]),
            ("", &[]),
        ];
        for (text, words) in table {
            let found: Vec<_> = tokens(text).map(|token| token.word).collect();
            assert_eq!(found, words, "{text}");
            assert_eq!(joined(text), words.join(" "), "{text}");
            for token in tokens(text) {
                assert_eq!(text[token.place.clone()].to_lowercase(), token.word);
            }
        }
    }

    #[test]
    fn a_long_word_is_cut() {
        let word = tokens(&"ä".repeat(1000)).next().unwrap().word;
        assert_eq!(word, "ä".repeat(LONGEST / 2));
    }
}
