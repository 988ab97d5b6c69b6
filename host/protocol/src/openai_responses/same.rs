//! Whether two items say the same, however their JSON is written.

use std::collections::BTreeMap;

use super::item::{blocks, is_wanted};
use crate::{
    Block, ToolCall, Wants,
    json::{MAX_DEPTH, Scanner, elements, quote, string_end, unescape},
};

/// Whether two items say the same, as far as policies judge it.
pub(super) fn is_same(one: &str, other: &str, wants: &Wants) -> bool {
    one == other
        || plain(one) == plain(other)
        || !(is_wanted(one, wants) || is_wanted(other, wants))
}

/// The blocks of an item, with the JSON in them written in one way.
fn plain(json: &str) -> Vec<Block> {
    let blocks = blocks(json).into_iter();
    let plain = blocks.map(|block| match block {
        Block::ToolCall(call) => Block::ToolCall(ToolCall {
            arguments: rewritten(&call.arguments),
            ..call
        }),
        Block::Other(json) => Block::Other(rewritten(&json)),
        block => block,
    });
    plain.collect()
}

/// Valid JSON without white space between its tokens, its strings escaped as we do it.
fn rewritten(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('"') {
        plain.extend(rest[..at].split_ascii_whitespace());
        let end = string_end(rest.as_bytes(), at).map_or(rest.len() + 1, |(end, _)| end);
        plain += &quote(&unescape(&rest.as_bytes()[at + 1..end - 1]));
        rest = rest.get(end..).unwrap_or_default();
    }
    plain.extend(rest.split_ascii_whitespace());
    plain
}

/// Whether a value may be what another one is before all of it is said: the same, but that texts and lists may be empty.
pub(super) fn is_begun_as(old: &str, new: &str) -> bool {
    if ["null", "", "\"\"", "[]", "{}"].contains(&old) || old == new {
        return true;
    }
    match (old.as_bytes().first(), new.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => {
            let (old, new) = (entries(old), entries(new));
            let begun = |(key, old): (&String, &&str)| {
                new.get(key).is_some_and(|new| is_begun_as(old, new))
            };
            old.iter().all(begun)
        }
        (Some(b'['), Some(b'[')) => {
            let list = |json: &'_ str| -> Vec<String> {
                let spans = elements(json.as_bytes()).into_iter();
                spans
                    .map(|span| span.text(json.as_bytes()).to_owned())
                    .collect()
            };
            let (old, new) = (list(old), list(new));
            old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| is_begun_as(old, new))
        }
        _ => rewritten(old) == rewritten(new),
    }
}

/// The values of an object by their keys.
fn entries(json: &str) -> BTreeMap<String, &str> {
    let text = json.as_bytes();
    let mut entries = BTreeMap::new();
    let _ = Scanner::new(text, MAX_DEPTH).object(|scanner, key| {
        let value = scanner.value()?;
        let name = String::from_utf8_lossy(&key.name(text)).into_owned();
        entries.insert(name, value.text(text));
        Ok(())
    });
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_the_same_however_it_is_written() {
        let one = r#"{"a" : [ 1.50, "x \" \u00e9\\" ] }"#;
        assert_eq!(rewritten(one), r#"{"a":[1.50,"x \" é\\"]}"#);
        assert_ne!(rewritten("[1,2]"), rewritten("[12]"));
        assert_eq!(rewritten("\"\\"), "\"\u{fffd}\"");
    }

    #[test]
    fn what_begins_may_lack_what_it_says_in_the_end() {
        let end = r#"{"type":"exec","command":["ls","-l"],"env":{}}"#;
        for begun in [
            "null",
            "{}",
            r#"{"type":"exec","command":[]}"#,
            r#"{ "env":{}, "command":["ls",""] }"#,
            end,
        ] {
            assert!(is_begun_as(begun, end), "{begun}");
        }
        for other in [
            r#"{"type":"exec","command":["rm","-l"]}"#,
            r#"{"type":"exec","command":["ls"]}"#,
            r#"{"cwd":"/"}"#,
            "[]x",
        ] {
            assert!(!is_begun_as(other, end), "{other}");
        }
    }
}
