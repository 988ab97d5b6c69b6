//! What a search finds a block by: what people and models wrote, tool calls, and what tools gave back.

use bytes::Bytes;
use serde_json::Value;
use sluice_store::{Repeated, Words};

use super::{repeated, summary};

/// The most bytes of words that are read of one block.
const MOST: usize = 1 << 20;
/// The kinds of block that are searched. System prompts and declarations of tools are nearly all the same.
const SEARCHED: [&str; 5] = ["text", "thinking", "tool_call", "tool_result", "other"];
/// Fields whose strings nobody wrote to be read: ids, signatures, pictures.
const SKIPPED: [&str; 17] = [
    "type",
    "id",
    "tool_use_id",
    "tool_call_id",
    "call_id",
    "item_id",
    "signature",
    "data",
    "encrypted_content",
    "media_type",
    "image_url",
    "file_data",
    "file_id",
    "role",
    "status",
    "cache_control",
    "annotations",
];

/// Reads the words of blocks in the JSON of any dialect.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchedWords;

impl SearchedWords {
    /// Whether these words may be only the beginning of what their block says.
    pub fn may_be_cut(words: &str) -> bool {
        // A letter has up to four bytes.
        words.len() + 4 >= MOST
    }
}

impl Words for SearchedWords {
    fn text(&self, _: &str, kind: &str, raw: &[u8]) -> Option<String> {
        if !SEARCHED.contains(&kind) {
            return None;
        }
        let mut text = String::new();
        collect(&serde_json::from_slice(raw).ok()?, &mut text);
        (!text.is_empty()).then_some(text)
    }

    fn repeated(&self, api: &str, request: &Bytes) -> Vec<Repeated> {
        repeated::of(api, request)
    }

    fn asks_for_summary(&self, kind: &str, raw: &[u8]) -> bool {
        let text = (kind == "text").then(|| self.text("", kind, raw)).flatten();
        text.is_some_and(|text| summary::is_asked_for(&text))
    }
}

/// Puts the strings of a value in a row, as they stand in it.
fn collect(value: &Value, text: &mut String) {
    match value {
        Value::String(words) if !words.trim().is_empty() => {
            let room = MOST.saturating_sub(text.len());
            if !text.is_empty() && room > 0 {
                text.push('\n');
            }
            text.push_str(
                &words[..words.floor_char_boundary(room.saturating_sub(1).min(words.len()))],
            );
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        Value::Object(fields) => {
            let read = fields
                .iter()
                .filter(|(name, _)| !SKIPPED.contains(&name.as_str()));
            read.for_each(|(_, value)| collect(value, text));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(kind: &str, raw: &str) -> Option<String> {
        SearchedWords.text("", kind, raw.as_bytes())
    }

    #[test]
    fn what_was_written_is_found_in_every_dialect() {
        for (kind, raw, text) in [
            ("text", r#""hello""#, "hello"),
            ("text", r#"{"type":"input_text","text":"hello"}"#, "hello"),
            (
                "tool_call",
                r#"{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls -l"}}"#,
                "ls -l\nBash",
            ),
            (
                "tool_call",
                r#"{"id":"t1","type":"function","function":{"name":"ls","arguments":"{\"a\":1}"}}"#,
                "{\"a\":1}\nls",
            ),
            (
                "tool_result",
                r#"{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#,
                "a\nb",
            ),
            (
                "tool_result",
                r#"{"type":"function_call_output","call_id":"t1","output":"a"}"#,
                "a",
            ),
        ] {
            assert_eq!(words(kind, raw).as_deref(), Some(text), "{raw}");
        }
    }

    #[test]
    fn pictures_and_what_everybody_sends_are_not_searched() {
        let picture = r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGVsbG8="}}"#;
        assert_eq!(words("other", picture), None);
        assert_eq!(words("system", r#""hello""#), None);
        assert_eq!(
            words("tool", r#"{"name":"ls","description":"hello"}"#),
            None
        );
        assert_eq!(words("text", "no JSON"), None);
    }

    #[test]
    fn of_a_long_text_the_beginning_is_searched() {
        let long = format!("\"{}\"", "é".repeat(MOST));
        let text = words("text", &long).unwrap();
        assert!(text.len() <= MOST && text.len() > MOST - 4);
    }
}
