//! The parts of content that is a list, as some servers send it in place of a string.

use crate::{
    BlockKind,
    json::{Fault, Fields, Scanner, Span, elements, find},
};

/// A part of a list of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) span: Span,
    /// A text, thinking, or another kind.
    pub(super) kind: BlockKind,
    /// What a text or thinking says.
    pub(super) value: Option<Span>,
    /// Whether every client finds the same in it.
    pub(super) is_plain: bool,
}

/// The keys of a part that are read.
const KEYS: [&str; 5] = ["type", "text", "thinking", "refusal", "summary"];

impl Part {
    /// Reads the part that comes next. One of a kind that is newer than this crate is a text if a client might read one in it.
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, Fault> {
        let data = scanner.text();
        let span = scanner.value()?;
        let part = Self {
            span,
            kind: BlockKind::Other,
            value: None,
            is_plain: true,
        };
        let json = span.bytes(data);
        Ok(match json {
            [b'"', ..] => part.text(span, false),
            [b'{', ..] => part.object(find(json, KEYS)?, json),
            _ => part,
        })
    }

    fn object(self, found: Fields<5>, json: &[u8]) -> Self {
        let Fields { at, is_plain } = found;
        let [kind, text, thinking, refusal, summary] = at;
        let written = kind.and_then(|kind| kind.plain_string(json));
        let place = |span: Option<Span>| span.map(|span| span.shifted(self.span.start));
        let is_string =
            |span: &Option<Span>| span.is_some_and(|span| span.bytes(json).starts_with(b"\""));
        let said = [text, thinking, refusal];
        let thought = match written {
            Some(b"thinking") => thinking,
            // Clients that take any text for one find none.
            Some(b"reasoning") if said == [None; 3] => summary,
            _ => None,
        };
        match thought {
            Some(_) => Self {
                kind: BlockKind::Thinking,
                value: place(thought),
                is_plain: is_plain && text.is_none() && refusal.is_none(),
                ..self
            },
            None => match said.into_iter().find(is_string) {
                Some(value) => {
                    let is_text = written == Some(b"text") && value == text;
                    let is_alone = said.into_iter().flatten().count() == 1;
                    let value = place(value).unwrap_or_default();
                    self.text(value, is_plain && is_text && is_alone)
                }
                None => Self {
                    is_plain: is_plain && said == [None; 3],
                    ..self
                },
            },
        }
    }

    fn text(self, value: Span, is_plain: bool) -> Self {
        Self {
            kind: BlockKind::Text,
            value: Some(value),
            is_plain,
            ..self
        }
    }
}

/// What a text or thinking says: a string, an object with a text, or a list of those.
pub(super) fn read(data: &[u8], value: Span) -> String {
    let text = |object: &[u8]| find(object, ["text"]).ok()?.at[0]?.string(object);
    value.string(data).unwrap_or_else(|| {
        let json = value.bytes(data);
        let texts = elements(json).into_iter();
        let texts = texts.filter_map(|element| text(element.bytes(json)));
        texts.chain(text(json)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(json: &str) -> (BlockKind, String, bool) {
        let mut scanner = Scanner::new(json.as_bytes(), 9);
        let part = Part::parse(&mut scanner).unwrap();
        let said = part.value.map(|value| read(json.as_bytes(), value));
        (part.kind, said.unwrap_or_default(), part.is_plain)
    }

    #[test]
    fn each_part_is_what_it_is() {
        for (json, kind, said, is_plain) in [
            (r#"{"type":"text","text":"a"}"#, BlockKind::Text, "a", true),
            (
                r#" {"text":"\u0062","type":"text","x":1}"#,
                BlockKind::Text,
                "b",
                true,
            ),
            (
                r#"{"type":"thinking","thinking":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#,
                BlockKind::Thinking,
                "ab",
                true,
            ),
            (
                r#"{"type":"thinking","thinking":"a"}"#,
                BlockKind::Thinking,
                "a",
                true,
            ),
            (
                r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"a"}]}"#,
                BlockKind::Thinking,
                "a",
                true,
            ),
            (
                r#"{"type":"image_url","image_url":{"url":"x"}}"#,
                BlockKind::Other,
                "",
                true,
            ),
        ] {
            assert_eq!(part(json), (kind, said.to_owned(), is_plain), "{json}");
        }
    }

    #[test]
    fn a_part_in_which_clients_find_different_things_is_not_plain() {
        for (json, kind, said) in [
            (r#""a""#, BlockKind::Text, "a"),
            (r#"{"type":"new","text":"a"}"#, BlockKind::Text, "a"),
            (
                r#"{"type":"reasoning","text":"a","summary":[]}"#,
                BlockKind::Text,
                "a",
            ),
            (r#"{"type":"refusal","refusal":"a"}"#, BlockKind::Text, "a"),
            (
                r#"{"type":"text","text":"a","text":"b"}"#,
                BlockKind::Text,
                "b",
            ),
            (
                r#"{"type":"text","text":"a","Text":"b"}"#,
                BlockKind::Text,
                "a",
            ),
            (
                r#"{"type":"thinking","thinking":"a","text":"b"}"#,
                BlockKind::Thinking,
                "a",
            ),
            (
                r#"{"type":"text","text":{"value":"a"}}"#,
                BlockKind::Other,
                "",
            ),
        ] {
            assert_eq!(part(json), (kind, said.to_owned(), false), "{json}");
        }
    }
}
