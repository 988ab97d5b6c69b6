//! Whether two items say the same, however their JSON is written.

use super::item::{blocks, is_wanted};
use crate::{
    Block, ToolCall, Wants,
    json::{quote, unescape},
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
        rest = &rest[at + 1..];
        let end = string_end(rest.as_bytes());
        plain += &quote(&unescape(&rest.as_bytes()[..end]));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    plain.extend(rest.split_ascii_whitespace());
    plain
}

/// Where the quote is that ends a string.
fn string_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
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
}
