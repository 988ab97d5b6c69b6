//! Content in what is none: a body that upstream calls an error, in which a client might read a reply all the same.

use crate::json::{Span, find};

/// The keys under which replies of all dialects have their content, at the top of a body or of an event's data.
const CONTENT: [&str; 11] = [
    "choices",
    "content",
    "content_block",
    "delta",
    "output",
    "output_text",
    "item",
    "part",
    "completion",
    "message",
    "response",
];

/// Whether some client might read content of a model in a body, whatever its status and type say: in the body as JSON, or
/// in a line of it that is JSON or an event's data.
pub fn has_content(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let ends = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    has_keys(text) || text.split(ends).any(|line| has_keys(data(line)))
}

/// What a line says, without the name of a field before it.
fn data(line: &str) -> &str {
    let line = line.trim();
    let data = line
        .get(.."data:".len())
        .filter(|field| field.eq_ignore_ascii_case("data:"));
    data.map_or(line, |field| line[field.len()..].trim())
}

fn has_keys(json: &str) -> bool {
    if !json.starts_with('{') {
        return false;
    }
    let json = json.as_bytes();
    // What is cut off, or goes on behind its end, some clients read up to there.
    let Ok(found) = find(json, CONTENT) else {
        return CONTENT.iter().any(|key| is_named(json, key));
    };
    let says = |(key, value): (&&str, Option<Span>)| match (*key, value) {
        (_, None) => false,
        // In an error this is a text for a person.
        ("message", Some(value)) => value.bytes(json).starts_with(b"{"),
        (_, Some(value)) => value.bytes(json) != b"null",
    };
    !found.is_plain || CONTENT.iter().zip(found.at).any(says)
}

/// Whether a key stands somewhere in what may be JSON.
fn is_named(json: &[u8], key: &str) -> bool {
    let key = format!("\"{key}\"");
    json.windows(key.len())
        .any(|part| part.eq_ignore_ascii_case(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_providers_have_no_content() {
        for error in [
            r#"{"error":{"message":"x","type":"invalid_request_error","param":null,"code":"content_filter"}}"#,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
            r#"{"error":{"message":"x","innererror":{"content_filter_result":{"hate":{"filtered":true}}}}}"#,
            r#"{"detail":[{"loc":["body","messages"],"msg":"x","input":{"role":"user","content":"hi"}}]}"#,
            r#"{"message":"Not found","object":"error","code":404}"#,
            "data: {\"error\":{\"message\":\"x\"}}\n\ndata: [DONE]\n\n",
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"x\"}}\n\n",
            "<html><body>502 Bad Gateway: no content</body></html>",
            "upstream connect error or disconnect/reset before headers",
            "",
        ] {
            assert!(!has_content(error.as_bytes()), "{error}");
        }
    }

    #[test]
    fn what_a_client_might_take_for_a_reply_is_content() {
        for body in [
            r#"{"choices":[{"message":{"content":"x"}}]}"#,
            r#"{"error":{"message":"x"},"choices":[]}"#,
            r#"{"error":{"message":"x"},"Choices":[]}"#,
            r#"{"error":null,"ch\u006fices":[]}"#,
            r#" {"type":"message","content":[]} "#,
            r#"{"output":[{"type":"function_call"}]}"#,
            r#"{"message":{"content":"x"}}"#,
            r#"{"error":{}} {"choices":[]}"#,
            r#"{"choices":[{"#,
            "data: {\"choices\":[]}\n\n",
            " DATA:{\"choices\":[]}\n\n",
            "{\"error\":{}}\ndata: {\"content_block\":{}}\n\n",
            ": x\u{2028}data: {\"delta\":\"x\"}\n\n",
            "\u{feff}{\"choices\":[]}",
        ] {
            assert!(has_content(body.as_bytes()), "{body}");
        }
    }
}
