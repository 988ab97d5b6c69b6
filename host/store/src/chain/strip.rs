//! Finds the `cache_control` members of a body.
//!
//! Agents move them from block to block with each turn, so a block would be another one each time. They are cut out
//! as bytes and put back as bytes: what they mean does not matter, nor whether they stand where JSON has members.

use std::ops::Range;

use memchr::memmem;

const KEY: &[u8] = b"\"cache_control\"";
/// The longest value that is cut out. Real ones are a tenth of this.
const LONGEST: usize = 256;
/// The most that are cut out of one body. APIs allow four.
const MOST: usize = 64;

/// Where they stand, each with one of its commas. Ascending, without overlaps.
pub(super) fn cache_controls(body: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in memmem::find_iter(body, KEY) {
        let from = found.last().map_or(0, |last| last.end);
        if at < from || found.len() == MOST {
            continue;
        }
        if let Some(end) = value_end(body, at + KEY.len()) {
            found.push(with_comma(body, from, at..end));
        }
    }
    found
}

/// The end of the object behind a key and its colon.
fn value_end(body: &[u8], from: usize) -> Option<usize> {
    let from = skip_space(body, from);
    let from = (body.get(from) == Some(&b':')).then(|| skip_space(body, from + 1))?;
    let value = &body[from..body.len().min(from + LONGEST)];
    (value.first() == Some(&b'{')).then_some(())?;
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in value.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted && depth == 1 => return Some(from + at + 1),
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Takes the comma before the member too, or else the one behind it.
fn with_comma(body: &[u8], from: usize, member: Range<usize>) -> Range<usize> {
    let before = body[from..member.start].trim_ascii_end();
    if before.ends_with(b",") {
        return from + before.len() - 1..member.end;
    }
    let behind = skip_space(body, member.end);
    match body.get(behind) {
        Some(b',') => member.start..behind + 1,
        _ => member,
    }
}

fn skip_space(body: &[u8], from: usize) -> usize {
    let rest = body.get(from..).unwrap_or_default();
    body.len() - rest.trim_ascii_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_go_with_one_comma() {
        let table = [
            (
                r#"{"a":1,"cache_control":{"type":"ephemeral"}}"#,
                r#"{"a":1}"#,
            ),
            (
                r#"{"cache_control" : {"ttl":"}\""} , "a":1}"#,
                r#"{ "a":1}"#,
            ),
            (r#"{"cache_control":{}}"#, "{}"),
            (
                r#"[{"b":2 , "cache_control":{}},{"cache_control":{"x":{}},"c":3}]"#,
                r#"[{"b":2 },{"c":3}]"#,
            ),
            (
                r#"{"a":1,"cache_control":null}"#,
                r#"{"a":1,"cache_control":null}"#,
            ),
            (r#"{"a":1,"cache_control":{"#, r#"{"a":1,"cache_control":{"#),
            (r#"{"cache_control""#, r#"{"cache_control""#),
        ];
        for (body, left) in table {
            let mut rest = body.to_owned();
            for range in cache_controls(body.as_bytes()).into_iter().rev() {
                rest.replace_range(range, "");
            }
            assert_eq!(rest, left, "{body}");
        }
    }
}
