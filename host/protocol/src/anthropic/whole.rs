//! A whole reply: one JSON body, read and written as one frame.

use bytes::Bytes;

use super::{
    account::Account,
    assembly::{reply_block, reply_kind},
    content::{set_call, write},
    error::error_body,
    event::{has_content, is_plain_block},
    place::{Place, told},
    plain,
    writer::error_type,
};
use crate::{
    Block, ReplyError, Wants,
    json::{Edit, Span, elements, fields, find, insertion, quote, set_fields, splice},
    reply::{
        dispositions::Dispositions,
        reading::{BodyReader, Events, Reading, What},
        writing::{Call, Disposition, Insert, Pending, Role, Slot, Stop, Writer},
    },
    sse::{BYTE_ORDER_MARK, Frame},
};

/// Reads a body of the Messages API.
#[derive(Debug)]
pub(crate) struct WholeReader;

impl BodyReader for WholeReader {
    type Place = Place;

    type Account = Account;

    fn anew(&self, _: Wants) -> Self {
        Self
    }

    fn read_body(&self, body: Frame) -> Result<Reading<Place>, ReplyError> {
        let frame = plain_body(body).map_err(ReplyError::Malformed)?;
        let events = events(frame.data()).map_err(ReplyError::Malformed)?;
        Ok(Reading { frame, events })
    }
}

/// A body of which every client reads the same. What it says is written anew where that is not so.
fn plain_body(frame: Frame) -> Result<Frame, String> {
    let body = frame.data();
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    if str::from_utf8(body).is_err() {
        return Err("it is not UTF-8".to_owned());
    }
    let names = [
        "type",
        "id",
        "content",
        "stop_reason",
        "stop_sequence",
        "error",
    ];
    let found = find(body, names).map_err(|fault| fault.to_string())?;
    let [kind, _, content, .., error] = found.at;
    let content = content.filter(|content| content.bytes(body).starts_with(b"["));
    let is_error = kind.and_then(|kind| kind.string(body)).as_deref() == Some("error");
    let Some(content) = content else {
        return match is_error {
            true if found.is_plain && !has_content(body) => Ok(frame),
            true => Ok(Frame::body(plain::error(body, error).into())),
            false => Err("it has no content".to_owned()),
        };
    };
    let inside = content.bytes(body);
    let mut blocks = Vec::new();
    let mut is_plain = found.is_plain && body.len() == frame.data().len();
    for block in elements(inside) {
        let block = block.text(inside);
        if !block.starts_with('{') {
            return Err("its content has something that is no block".to_owned());
        }
        match is_plain_block(block.as_bytes())? {
            true => blocks.push(block.to_owned()),
            false => {
                is_plain = false;
                blocks.extend(plain::block(block));
            }
        }
    }
    match is_plain {
        true => Ok(frame),
        false => Ok(Frame::body(plain::message(body, &blocks.join(",")).into())),
    }
}

/// What a body says. Err says why it is neither a message nor an error of upstream's.
fn events(body: &[u8]) -> Result<Events<Place>, String> {
    let names = ["type", "id", "content", "stop_reason"];
    let found = fields(body, names).map_err(|fault| fault.to_string())?;
    let [kind, id, content, stop_reason] = found;
    let string = |span: Option<Span>| span.and_then(|span| span.string(body)).unwrap_or_default();
    let mut events = Events::new();
    let mut tell = |block, value, what| {
        events.push(told(block, Place::of_value(value), what));
    };
    if content.is_some() || string(kind) != "error" {
        let content = content.filter(|content| content.bytes(body).starts_with(b"["));
        let content = content.ok_or("it has no content")?;
        tell(0, None, What::Begins(string(id)));
        for (block, span) in (1..).zip(blocks(body, content)) {
            let json = span.text(body);
            let kind = reply_kind(json).map_err(|fault| fault.to_string())?;
            let content = reply_block(json);
            tell(block, Some(span), What::Opens(kind));
            if let Block::Text(text) = &content {
                tell(block, Some(span), What::Grows(text.clone()));
            }
            tell(block, Some(span), What::Closes(Some(content)));
        }
        tell(0, stop_reason, What::Finishes(string(stop_reason)));
    }
    // An error of upstream's has nothing to judge.
    tell(0, None, What::Ends);
    Ok(events)
}

fn blocks(body: &[u8], content: Span) -> Vec<Span> {
    let blocks = elements(content.bytes(body)).into_iter();
    blocks.map(|block| block.shifted(content.start)).collect()
}

/// Writes a body of the Messages API.
#[derive(Debug, Default)]
pub(crate) struct WholeWriter {
    /// The blocks that are left of the bodies before this one.
    before: Vec<String>,
    /// The body that policies ended.
    stopped: Option<Draft>,
}

/// A body as it goes out.
#[derive(Debug, Default)]
struct Draft {
    body: Bytes,
    content: Vec<String>,
    is_changed: bool,
    stop_reason: Option<String>,
    is_stopped: bool,
    /// Whether the block that was opened last goes out.
    is_open: bool,
    /// Its text, where it goes out in another way.
    said: Option<String>,
}

impl Writer for WholeWriter {
    type Place = Place;

    // Nothing is legal before the one body.
    const HEARTBEAT: Option<&'static [u8]> = None;

    fn begin(&mut self, _: &Frame, _: &Place) {}

    fn write(&mut self, pending: Pending<Place>, known: &Dispositions, out: &mut Vec<Bytes>) {
        let Some(frame) = pending.frame else {
            return;
        };
        let content = std::mem::take(&mut self.before);
        let mut draft = Draft {
            body: frame.into_raw(),
            is_changed: !content.is_empty(),
            content,
            ..Draft::default()
        };
        for (at, slot) in pending.slots.iter().enumerate() {
            draft.insert(pending.inserts.iter().filter(|insert| insert.slot == at));
            draft.slot(slot, known.of(slot));
        }
        let len = pending.slots.len();
        draft.insert(pending.inserts.iter().filter(|insert| insert.slot >= len));
        match draft.is_stopped {
            true => self.stopped = Some(draft),
            false => out.push(draft.rendered()),
        }
    }

    fn cut(&mut self, _: &mut Vec<Bytes>) -> Option<Bytes> {
        let draft = self.stopped.take()?;
        self.before.clone_from(&draft.content);
        Some(draft.rendered())
    }

    fn stop(&mut self, stops: Vec<Stop>, out: &mut Vec<Bytes>) {
        let Some(mut draft) = self.stopped.take() else {
            return;
        };
        for stop in stops {
            draft
                .content
                .extend(stop.text.map(|text| write(&Block::Text(text))));
            draft.stop_reason = Some(stop.reason);
        }
        out.push(draft.rendered());
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        error_body(error_type(error), &error.to_string(), None)
    }
}

impl Draft {
    fn insert<'a>(&mut self, inserts: impl Iterator<Item = &'a Insert>) {
        for insert in inserts {
            self.is_changed = true;
            self.content.push(write(&insert.made.clone().into()));
        }
    }

    fn slot(&mut self, slot: &Slot<Place>, disposition: &Disposition) {
        let body = self.body.clone();
        let json = slot.place.value.unwrap_or_default().text(&body);
        self.is_changed |= *disposition != Disposition::Keeps;
        if slot.role == Role::Opens {
            self.is_open = *disposition == Disposition::Keeps;
            self.said = None;
        }
        match (slot.role, disposition) {
            (Role::Opens, Disposition::Keeps) => self.content.push(json.to_owned()),
            (Role::Opens, Disposition::Says(text)) => {
                self.content.push(write(&Block::Text(text.clone())));
            }
            (Role::Opens, Disposition::Becomes(calls)) => {
                let calls = calls.iter().map(|call| match call {
                    Call::Rewritten(call) => set_call(json, call, &call.arguments),
                    Call::Made(call) => write(&Block::ToolCall(call.clone())),
                });
                self.content.extend(calls);
            }
            (Role::Grows, Disposition::Says(text)) if self.is_open => {
                self.said = Some(text.clone())
            }
            (Role::Closes, disposition) if self.is_open => self.end_text(json, disposition),
            (Role::Finishes, Disposition::Says(reason)) => self.stop_reason = Some(reason.clone()),
            (Role::Ends, Disposition::Goes) => self.is_stopped = true,
            _ => {}
        }
    }

    /// The end of a block, of which all pieces are known.
    fn end_text(&mut self, json: &str, disposition: &Disposition) {
        let mut said = self.said.take();
        if let Disposition::Says(rest) = disposition
            && let Block::Text(text) = reply_block(json)
        {
            said = Some(said.unwrap_or(text) + rest);
        }
        if let (Some(said), Some(last)) = (said, self.content.last_mut()) {
            *last = with_text(json, &said);
        }
    }

    fn rendered(self) -> Bytes {
        if !self.is_changed {
            return self.body;
        }
        let body = &self.body[..];
        let names = ["content", "stop_reason", "stop_sequence"];
        let [content, stop_reason, stop_sequence] = fields(body, names).unwrap_or_default();
        let mut edits = Vec::new();
        let mut set = |span: Option<Span>, with: String| {
            edits.extend(span.map(|span| Edit { span, with }));
        };
        set(content, format!("[{}]", self.content.join(",")));
        if self.is_stopped {
            set(stop_sequence, "null".to_owned());
        }
        match (stop_reason, self.stop_reason.as_deref().map(quote)) {
            (None, Some(reason)) => {
                let start = body.len() - body.trim_ascii_start().len();
                let end = body.trim_ascii_end().len();
                let entry = format!(r#""stop_reason":{reason}"#);
                edits.push(insertion(body, Span { start, end }, &entry));
            }
            (span, Some(reason)) => set(span, reason),
            (_, None) => {}
        }
        Bytes::from(splice(body, edits))
    }
}

/// A text block with another text; its other fields stay, as the other deltas of one in a stream do.
fn with_text(json: &str, text: &str) -> String {
    let changed = set_fields(json, [("text", Some(quote(text)))]);
    changed.unwrap_or_else(|_| write(&Block::Text(text.to_owned())))
}
