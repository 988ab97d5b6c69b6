//! What a tool gave back: the message of a tool, or of a legacy function, as one block.

use super::{draft::text_part, index::MessageSpans};
use crate::{
    ToolResult,
    json::{Edit, Span, insertion, quote},
    openai::items::{read_text, set_text},
    view::{joined, rejoined},
};

/// The result that a message holds.
pub(super) fn read(body: &[u8], spans: &MessageSpans) -> ToolResult {
    let string = |span: Option<Span>| span.and_then(|span| span.string(body));
    // A legacy function is known by its name alone.
    let call_id = string(spans.call_id).or_else(|| string(spans.name));
    let content = spans
        .content
        .map(|content| joined(body, content, read_text));
    ToolResult {
        call_id: call_id.unwrap_or_default(),
        content: content.unwrap_or_default(),
        is_error: false,
    }
}

/// The edits of the body that make a message hold this one.
pub(super) fn edits(body: &[u8], spans: &MessageSpans, result: &ToolResult) -> Vec<Edit> {
    let old = read(body, spans);
    let mut edits = Vec::new();
    let id = spans.call_id.or(spans.name);
    if let Some(span) = id.filter(|_| old.call_id != result.call_id) {
        let with = quote(&result.call_id);
        edits.push(Edit { span, with });
    }
    if old.content != result.content {
        edits.push(content(body, spans, &result.content));
    }
    edits
}

fn content(body: &[u8], spans: &MessageSpans, text: &str) -> Edit {
    let Some(span) = spans.content else {
        let entry = format!(r#""content":{}"#, quote(text));
        return insertion(body, spans.whole, &entry);
    };
    let with = match span.bytes(body) {
        [b'[', ..] => rejoined(span.text(body), read_text, |part| match part {
            Some(part) => set_text(part, text),
            None => text_part(text),
        }),
        _ => quote(text),
    };
    Edit { span, with }
}
