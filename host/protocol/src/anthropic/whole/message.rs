//! The body of a whole reply, as a view over its bytes.

use bytes::Bytes;

use crate::{
    Block,
    anthropic::{
        assembly::reply_kind,
        content::{set_call, write},
    },
    compose::Delivered,
    json::{Edit, Span, elements, fields, insertion, quote, set_fields, splice},
};

/// A message with the places that are read or edited.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) body: Bytes,
    pub(super) id: String,
    pub(super) blocks: Vec<Span>,
    whole: Span,
    content: Span,
    stop_reason: Option<Span>,
    stop_sequence: Option<Span>,
}

impl Message {
    /// Reads a body. `None` is an error of upstream's, which has no content to judge; Err says why the
    /// body is neither.
    pub(super) fn parse(body: Bytes) -> Result<Option<Self>, String> {
        if str::from_utf8(&body).is_err() {
            return Err("it is not UTF-8".to_owned());
        }
        let names = ["type", "id", "content", "stop_reason", "stop_sequence"];
        let found = fields(&body, names).map_err(|fault| fault.to_string())?;
        let [kind, id, content, stop_reason, stop_sequence] = found;
        if content.is_none() && kind.and_then(|kind| kind.string(&body)).as_deref() == Some("error")
        {
            return Ok(None);
        }
        let content = content.filter(|content| content.bytes(&body).starts_with(b"["));
        let content = content.ok_or("it has no content")?;
        let blocks = blocks(&body, content)?;
        let start = body.len() - body.trim_ascii_start().len();
        let end = body.trim_ascii_end().len();
        Ok(Some(Self {
            id: id.and_then(|id| id.string(&body)).unwrap_or_default(),
            blocks,
            whole: Span { start, end },
            content,
            stop_reason,
            stop_sequence,
            body,
        }))
    }

    /// Upstream's word for why the model stopped; empty where it gave none.
    pub(super) fn stop_reason(&self) -> String {
        self.stop_reason
            .and_then(|reason| reason.string(&self.body))
            .unwrap_or_default()
    }

    /// The body with these parts as its content.
    pub(super) fn rendered(
        &self,
        parts: Vec<Delivered<String>>,
        stop_reason: Option<&str>,
        stopped: bool,
    ) -> Bytes {
        let blocks: Vec<String> = parts.into_iter().map(part).collect();
        let mut edits = vec![Edit {
            span: self.content,
            with: format!("[{}]", blocks.join(",")),
        }];
        match (self.stop_reason, stop_reason.map(quote)) {
            (Some(span), Some(with)) => edits.push(Edit { span, with }),
            (None, Some(with)) => {
                let entry = format!(r#""stop_reason":{with}"#);
                edits.push(insertion(&self.body, self.whole, &entry));
            }
            (_, None) => {}
        }
        if let Some(span) = self.stop_sequence.filter(|_| stopped) {
            let with = "null".to_owned();
            edits.push(Edit { span, with });
        }
        Bytes::from(splice(&self.body, edits))
    }
}

/// A text block with another text; its other fields stay, as the other deltas of one in a stream do.
pub(super) fn with_text(json: &str, text: &str) -> String {
    let changed = set_fields(json, [("text", Some(quote(text)))]);
    changed.unwrap_or_else(|_| write(&Block::Text(text.to_owned())))
}

fn part(part: Delivered<String>) -> String {
    match part {
        Delivered::Loose(json) | Delivered::Upstream(json, _) => json,
        Delivered::Rewritten(json, call) => set_call(&json, &call, &call.arguments),
        Delivered::Text(text) => write(&Block::Text(text)),
        Delivered::ToolCall(call) => write(&Block::ToolCall(call)),
    }
}

fn blocks(body: &[u8], content: Span) -> Result<Vec<Span>, String> {
    let inside = content.bytes(body);
    let blocks = elements(inside).into_iter();
    let blocks: Vec<Span> = blocks.map(|block| block.shifted(content.start)).collect();
    for block in &blocks {
        if !block.bytes(body).starts_with(b"{") {
            return Err("its content has something that is no block".to_owned());
        }
        reply_kind(block.text(body)).map_err(|fault| fault.to_string())?;
    }
    Ok(blocks)
}
