//! Rewrites strings inside a JSON text and leaves every other byte alone.

use crate::arguments::unescaped;

/// Shows each string value to `rewrite`, with the key of the nearest field it stands in, and puts
/// what it returns in its place. `None` where nothing was rewritten.
pub(crate) fn rewrite_strings(
    json: &str,
    mut rewrite: impl FnMut(&str, &str) -> Option<String>,
) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut key = String::new();
    let mut at = 0;
    while let Some(start) = json[at..].find('"').map(|offset| at + offset) {
        at = end_of_string(json, start);
        // Half a surrogate pair is no text for serde_json, and a client takes it all the same.
        let text = serde_json::from_str(&json[start..at])
            .unwrap_or_else(|_| unescaped(inside(&json[start..at])));
        if json[at..].trim_start().starts_with(':') {
            key = text;
        } else if let Some(new) = rewrite(&key, &text) {
            out.push_str(&json[copied..start]);
            out.push_str(&serde_json::Value::from(new).to_string());
            copied = at;
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&json[copied..]);
    Some(out)
}

fn inside(string: &str) -> &str {
    let inside = &string[1..];
    inside.strip_suffix('"').unwrap_or(inside)
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
        let rewritten = rewrite_strings(json, |key, text| match (key, text) {
            ("k\"ey", "a\\\"b") => Some("\n".to_owned()),
            ("list", "c") | ("d", "e") => Some(text.to_uppercase()),
            _ => None,
        });
        let expected = r#"{ "k\"ey" : "\n" , "n": 1.50, "list": ["C", {"d":"E"}] }"#;
        assert_eq!(rewritten.as_deref(), Some(expected));
        assert_eq!(rewrite_strings(json, |_, _| None), None);
    }

    #[test]
    fn half_a_surrogate_pair_hides_no_text() {
        let rewritten = rewrite_strings(r#"{"a":"\ud800 key"}"#, |_, text| {
            Some(text.replace("key", "-"))
        });
        assert_eq!(rewritten.as_deref(), Some("{\"a\":\"\u{fffd} -\"}"));
    }
}
