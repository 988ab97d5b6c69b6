//! Rewrites strings inside a JSON text and leaves every other byte alone.

use std::borrow::Cow;

use crate::arguments::unescaped;

/// Shows each string value to `rewrite` and replaces it by what `rewrite` returns, if anything.
/// Returns `None` if nothing was replaced.
pub(crate) fn rewrite_strings(
    json: &str,
    mut rewrite: impl FnMut(&str) -> Option<String>,
) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(start) = json[at..].find('"').map(|offset| at + offset) {
        at = end_of_string(json, start);
        if json[at..].trim_start().starts_with(':') {
            continue;
        }
        let Some(new) = said(&json[start..at]).and_then(|text| rewrite(&text)) else {
            continue;
        };
        out.push_str(&json[copied..start]);
        out.push_str(&serde_json::Value::from(new).to_string());
        copied = at;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&json[copied..]);
    Some(out)
}

/// Decodes a JSON string. Most have no escapes and are not copied. Returns `None` if the string is
/// cut off.
fn said(string: &str) -> Option<Cow<'_, str>> {
    let inside = string.strip_prefix('"')?.strip_suffix('"')?;
    if !inside.contains('\\') {
        return Some(Cow::Borrowed(inside));
    }
    // serde_json refuses half a surrogate pair, but clients accept it.
    let text = serde_json::from_str(string).unwrap_or_else(|_| unescaped(inside));
    Some(Cow::Owned(text))
}

fn end_of_string(json: &str, start: usize) -> usize {
    let bytes = json.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_around_a_rewritten_string_stay() {
        let json = r#"{ "k\"ey" : "a\\\"b" , "n": 1.50, "list": ["c", {"d":"e"}] }"#;
        let rewritten = rewrite_strings(json, |text| match text {
            "a\\\"b" => Some("\n".to_owned()),
            "c" | "e" => Some(text.to_uppercase()),
            _ => None,
        });
        let expected = r#"{ "k\"ey" : "\n" , "n": 1.50, "list": ["C", {"d":"E"}] }"#;
        assert_eq!(rewritten.as_deref(), Some(expected));
        assert_eq!(rewrite_strings(json, |_| None), None);
    }

    #[test]
    fn a_text_that_is_cut_off_is_left_as_it_is() {
        for json in ["\"", "\"a", "\"a\\", "[\"a\",\""] {
            let rewritten = rewrite_strings(json, |text| (text != "a").then(String::new));
            assert_eq!(rewritten, None, "{json}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_hides_no_text() {
        let hidden = r#"{"a":"\ud800 key"}"#;
        let rewritten = rewrite_strings(hidden, |text| Some(text.replace("key", "-")));
        assert_eq!(rewritten.as_deref(), Some("{\"a\":\"\u{fffd} -\"}"));
    }
}
