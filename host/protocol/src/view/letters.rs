//! Keys that some servers read as others.
//!
//! Go's `encoding/json` takes `Messages` for `messages`, and of several the last. So does every server that is written with it.
//! What such a key holds would be read by nobody but upstream.

use std::borrow::Cow;

use super::cursor::Cursor;
use crate::json::Key;

/// The keys that are read of requests, of all dialects, in the objects that the API describes.
const READ: [&[u8]; 50] = [
    b"action",
    b"actions",
    b"arguments",
    b"call_id",
    b"commands",
    b"content",
    b"custom",
    b"file_data",
    b"file_id",
    b"function",
    b"function_call",
    b"functions",
    b"id",
    b"image_url",
    b"input",
    b"input_audio",
    b"instructions",
    b"is_error",
    b"messages",
    b"model",
    b"n",
    b"name",
    b"operation",
    b"output",
    b"parallel_tool_calls",
    b"prediction",
    b"previous_response_id",
    b"prompt",
    b"reasoning",
    b"reasoning_content",
    b"refusal",
    b"role",
    b"signature",
    b"source",
    b"store",
    b"stream",
    b"summary",
    b"system",
    b"text",
    b"thinking",
    b"tool_call_id",
    b"tool_calls",
    b"tool_choice",
    b"tool_use_id",
    b"tools",
    b"type",
    b"url",
    b"data",
    b"citations",
    b"title",
];

/// What is expected in the place of such a key.
const EXPECTED: &str =
    "write this key in small letters, since some servers read it as a key that policies judge";

impl Cursor<'_> {
    /// Notes a key that some servers read as one that is judged.
    #[inline]
    pub(super) fn letters(&mut self, key: Key) {
        let text = self.text();
        if key.span.bytes(text).iter().all(is_plain) {
            return;
        }
        self.odd_letters(&key.name(text));
    }

    #[cold]
    fn odd_letters(&mut self, name: &[u8]) {
        let folded = folded(name);
        if *folded != *name && READ.contains(&&*folded) {
            self.wrong(String::from_utf8_lossy(name).into_owned(), EXPECTED);
        }
    }
}

/// Whether all of these are known. For dialects, whose fields are read.
pub(super) const fn are_known(fields: &[&str]) -> bool {
    let mut at = 0;
    while at < fields.len() {
        let (mut known, mut is_known) = (0, false);
        while known < READ.len() {
            is_known |= are_same(READ[known], fields[at].as_bytes());
            known += 1;
        }
        if !is_known {
            return false;
        }
        at += 1;
    }
    true
}

const fn are_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Whether a byte of a key is one that every server reads as itself.
fn is_plain(byte: &u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_uppercase() && *byte != b'\\'
}

/// The name in small letters, as Go folds them: the Kelvin sign and the long s are a k and an s.
fn folded(name: &[u8]) -> Cow<'_, [u8]> {
    let Ok(name) = std::str::from_utf8(name) else {
        return Cow::Borrowed(name);
    };
    let fold = |letter: char| match letter {
        '\u{212a}' => 'k',
        '\u{17f}' => 's',
        letter => letter.to_ascii_lowercase(),
    };
    Cow::Owned(name.chars().map(fold).collect::<String>().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Api, Limits, RequestError};

    fn refused(api: Api, body: &str) -> Option<String> {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        match api.request(body, &Limits::default()) {
            Err(RequestError::Shape { path, expected }) if expected == EXPECTED => Some(path),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        }
    }

    /// Bodies of requests, in which `KEY` may stand wherever the API describes an object.
    const BODIES: [(Api, &str); 4] = [
        (
            Api::Anthropic,
            r#"{"model":"m",KEY"messages":[{KEY"role":"user","content":[{KEY"type":"tool_result","tool_use_id":"t","content":[{KEY"type":"text","text":"a"}]}]}],"tools":[{KEY"name":"n"}]}"#,
        ),
        (
            Api::OpenaiChat,
            r#"{KEY"messages":[{KEY"role":"assistant","content":[{KEY"type":"text","text":"a"}],"tool_calls":[{KEY"id":"i","function":{KEY"name":"n","arguments":"{}"}}],"function_call":{KEY"name":"n"}}],"tools":[{KEY"type":"function","function":{KEY"name":"n"}}]}"#,
        ),
        (
            Api::OpenaiResponses,
            r#"{KEY"input":[{KEY"role":"user","content":[{KEY"type":"input_text","text":"a"}]}],"tools":[{KEY"type":"function","name":"n"}]}"#,
        ),
        (Api::OpenaiEmbeddings, r#"{KEY"input":"a"}"#),
    ];

    #[test]
    fn a_key_that_differs_in_letters_alone_is_refused_wherever_one_is_read() {
        for (api, body) in BODIES {
            let places: Vec<_> = body.match_indices("KEY").map(|(at, _)| at).collect();
            for place in places {
                for (key, said) in [
                    ("Content", "Content"),
                    ("INPUT", "INPUT"),
                    ("Te\\u0078t", "Text"),
                    ("mes\\u017fages", "mes\u{17f}ages"),
                ] {
                    let (before, behind) = body.split_at(place);
                    let odd = format!("{before}\"{key}\":0,{}", &behind[3..]).replace("KEY", "");
                    assert_eq!(refused(api, &odd).as_deref(), Some(said), "{odd}");
                }
            }
        }
    }

    #[test]
    fn other_keys_have_whatever_letters_they_like() {
        for (api, body) in BODIES {
            for key in [
                "cacheControl",
                "X-Trace",
                "Größe",
                "contents",
                "te\\u0078tual",
            ] {
                let other = body.replace("KEY", &format!("\"{key}\":0,"));
                assert_eq!(refused(api, &other), None, "{other}");
            }
        }
        // What a tool is called with is its own.
        let call = r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{"Content":1,"Text":2}}]}]}"#;
        assert_eq!(refused(Api::Anthropic, call), None);
    }
}
