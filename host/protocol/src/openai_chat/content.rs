//! What the content of a message or a delta is: a string, or what some servers send in its place.

use crate::json::{Span, elements, fields};

/// What content is to policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string, or a list of nothing but texts.
    Text,
    /// Something without a text.
    Other,
    /// A list of texts and other things.
    Mixed,
}

/// What this JSON is, as content.
pub(super) fn kind(content: &[u8]) -> Kind {
    match content {
        [b'"', ..] => return Kind::Text,
        [b'[', ..] => {}
        _ => return Kind::Other,
    }
    let parts = elements(content);
    let texts = parts
        .iter()
        .filter(|part| text(part.bytes(content)).is_some());
    let texts = texts.count();
    let may_say = |part: &Span| !is_silent(part.bytes(content));
    match (texts, parts.len()) {
        (texts, all) if texts == all && all > 0 => Kind::Text,
        _ if parts.iter().any(may_say) => Kind::Mixed,
        _ => Kind::Other,
    }
}

/// What content of the kind [`Kind::Text`] says.
pub(super) fn read(data: &[u8], content: Span) -> String {
    content.string(data).unwrap_or_else(|| {
        let content = content.bytes(data);
        let parts = elements(content).into_iter();
        parts.filter_map(|part| text(part.bytes(content))).collect()
    })
}

/// What a part says that is a text.
fn text(part: &[u8]) -> Option<String> {
    let [kind, text] = fields(part, ["type", "text"]).ok()?;
    let is_text = kind?.string(part)? == "text";
    text?.string(part).filter(|_| is_text)
}

/// Whether a part is surely no text for a person.
fn is_silent(part: &[u8]) -> bool {
    let found = fields(part, ["text", "refusal"]);
    found.is_ok_and(|found| found == [None, None])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_texts_is_a_text() {
        let content = br#"[{"type":"text","text":"a"},{"text":"\u0062","type":"text","x":1}]"#;
        assert_eq!(kind(content), Kind::Text);
        let whole = Span {
            start: 0,
            end: content.len(),
        };
        assert_eq!(read(content, whole), "ab");
    }

    #[test]
    fn a_text_among_other_parts_is_seen() {
        let thinking = r#"{"type":"thinking","thinking":[{"type":"text","text":"a"}]}"#;
        for (content, expected) in [
            (format!("[{thinking}]"), Kind::Other),
            ("[]".to_owned(), Kind::Other),
            ("{}".to_owned(), Kind::Other),
            (
                format!(r#"[{thinking},{{"type":"text","text":"a"}}]"#),
                Kind::Mixed,
            ),
            (r#"["a"]"#.to_owned(), Kind::Mixed),
            (r#"[{"type":"new","text":"a"}]"#.to_owned(), Kind::Mixed),
            (
                r#"[{"type":"text","text":"a","text":"b"}]"#.to_owned(),
                Kind::Mixed,
            ),
        ] {
            assert_eq!(kind(content.as_bytes()), expected, "{content}");
        }
    }
}
