//! What a person searches for.
//!
//! Words, which must all stand in a block, and "phrases" in double quotes, whose words must follow each other. There is
//! no other syntax, so nothing that is typed can be wrong.

use super::tokens::tokens;
use crate::db::Kind;

/// The most phrases of a query. Later ones are left out.
const MOST: usize = 32;

/// The phrases of a query. A single word is a phrase too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(super) phrases: Vec<Vec<String>>,
}

impl Query {
    /// Reads a query. `None` if there is no word in it, so that it finds nothing.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let parts = text.split('"').enumerate();
        let chunks = parts.flat_map(|(number, part)| -> Vec<&str> {
            // Every second part stands in quotes.
            match number % 2 {
                1 => vec![part],
                _ => part.split_whitespace().collect(),
            }
        });
        // What is written together, like `a-b`, stands together.
        let words = chunks.map(|chunk| tokens(chunk).map(|token| token.word).collect());
        let phrases: Vec<Vec<_>> = words
            .filter(|phrase: &Vec<_>| !phrase.is_empty())
            .take(MOST)
            .collect();
        (!phrases.is_empty()).then_some(Self { phrases })
    }

    /// Whether some of its words must follow each other.
    pub(super) fn has_phrase(&self) -> bool {
        self.phrases.iter().any(|phrase| phrase.len() > 1)
    }

    /// The query in the database's own language. It has letters, digits, and signs of ours.
    pub(crate) fn text(&self, kind: Kind) -> String {
        let phrase = |words: &Vec<String>| match kind {
            Kind::Sqlite => format!("\"{}\"", words.join(" ")),
            Kind::Postgres => {
                let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
                format!("({})", words.join(" <-> "))
            }
        };
        let phrases: Vec<_> = self.phrases.iter().map(phrase).collect();
        phrases.join(match kind {
            Kind::Sqlite => " ",
            Kind::Postgres => " & ",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_phrases_are_read_from_anything() {
        let table: [(&str, &[&[&str]]); 7] = [
            ("Delete files", &[&["delete"], &["files"]]),
            ("\"rm -rf /\" now", &[&["rm", "rf"], &["now"]]),
            ("a-b \"c", &[&["a", "b"], &["c"]]),
            ("NEAR(x* OR 'y')", &[&["near", "x"], &["or"], &["y"]]),
            ("删除", &[&["删", "除"]]),
            ("\"\" * ^ -", &[]),
            ("", &[]),
        ];
        for (text, phrases) in table {
            let query = Query::new(text).map_or_else(Vec::new, |query| query.phrases);
            assert_eq!(query, phrases, "{text}");
        }
    }
}
