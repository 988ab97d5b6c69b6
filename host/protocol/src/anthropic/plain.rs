//! Frames brought into plain form: what a frame says that clients might read in different ways is written anew.
//!
//! What is left out is what has no place in the API: a client that finds something there would find it in no documented
//! place.

use super::{
    content,
    emit::{block_delta, block_start, block_stop, text_delta},
    event::{Delta, DeltaKind, Event, Form, Index, MessageDelta, Parsed, is_plain_start},
};
use crate::{
    Block, BlockKind,
    json::{Span, elements, find, quote},
    sse::{Frame, escaped},
};

/// The frames that say what a frame says.
pub(super) fn frames(frame: &Frame, parsed: &Parsed) -> Vec<Frame> {
    let data = frame.data();
    if parsed.form == Form::PlainData {
        return lined(data).into_iter().collect();
    }
    let frames = match &parsed.event {
        Event::MessageStart(message) => message_start(message.bytes(data)),
        Event::BlockStart(index, block) => start(index.value, block.bytes(data)),
        Event::BlockDelta(index, delta) => delta_frame(data, *index, *delta).into_iter().collect(),
        Event::BlockStop(index) => vec![block_stop(index.value)],
        Event::MessageDelta(delta) => vec![message_delta(data, *delta)],
        Event::MessageStop => vec![message_stop()],
        Event::Error(error) => vec![error_frame(data, *error)],
        Event::Ping => vec![Frame::new("ping", r#"{"type":"ping"}"#)],
        Event::Loose | Event::Unreadable => Vec::new(),
    };
    frames.into_iter().map(without_separators).collect()
}

/// The same data in one line, behind the name of its event.
fn lined(data: &[u8]) -> Option<Frame> {
    let [kind] = find(data, ["type"]).ok()?.at;
    // Between the tokens of JSON a space does as well as the end of a line.
    let line = String::from_utf8_lossy(data).replace(['\n', '\r'], " ");
    Some(Frame::new(&kind?.string(data)?, &escaped(&line)))
}

/// The event that ends a message.
pub(super) fn message_stop() -> Frame {
    Frame::new("message_stop", r#"{"type":"message_stop"}"#)
}

/// A message of which every client reads the same. Its content is left as it is where it is plain.
pub(super) fn message(message: &[u8], content: &str) -> String {
    let names = ["id", "model", "stop_reason", "stop_sequence", "usage"];
    let found = find(message, names)
        .map(|found| found.at)
        .unwrap_or_default();
    let [id, model, stop_reason, stop_sequence, usage] = found.map(|span| {
        let value = span.map(|span| span.text(message));
        value.map(|value| value.replace('\n', " "))
    });
    let or = |value: Option<String>, other: &str| value.unwrap_or_else(|| other.to_owned());
    format!(
        r#"{{"id":{},"type":"message","role":"assistant","model":{},"content":[{content}],"stop_reason":{},"stop_sequence":{},"usage":{}}}"#,
        or(id, r#""""#),
        or(model, r#""""#),
        or(stop_reason, "null"),
        or(stop_sequence, "null"),
        or(usage, r#"{"input_tokens":0,"output_tokens":0}"#),
    )
}

/// A block's JSON of which every client reads the same. `None` where it is of a kind that is newer than this crate.
pub(super) fn block(json: &str) -> Option<String> {
    let text = json.as_bytes();
    let names = [
        "type",
        "text",
        "thinking",
        "signature",
        "id",
        "name",
        "input",
        "citations",
    ];
    let [kind, said, thinking, signature, id, name, input, citations] = find(text, names).ok()?.at;
    let string =
        |span: Option<Span>| quote(&span.and_then(|span| span.string(text)).unwrap_or_default());
    let raw = |span: Option<Span>| span.map(|span| span.text(text).replace('\n', " "));
    let kind = kind?.string(text)?;
    match content::kind_of(&kind) {
        BlockKind::Text => {
            let citations = raw(citations).map(|citations| format!(r#","citations":{citations}"#));
            let citations = citations.unwrap_or_default();
            Some(format!(
                r#"{{"type":"text","text":{}{citations}}}"#,
                string(said)
            ))
        }
        BlockKind::Thinking => Some(format!(
            r#"{{"type":"thinking","thinking":{},"signature":{}}}"#,
            string(thinking),
            string(signature)
        )),
        BlockKind::ToolCall => Some(format!(
            r#"{{"type":"tool_use","id":{},"name":{},"input":{}}}"#,
            string(id),
            string(name),
            raw(input.filter(|input| input.bytes(text) != b"null"))
                .unwrap_or_else(|| "{}".to_owned())
        )),
        _ => None,
    }
}

fn message_start(json: &[u8]) -> Vec<Frame> {
    let [content] = find(json, ["content"])
        .map(|found| found.at)
        .unwrap_or_default();
    let data = format!(
        r#"{{"type":"message_start","message":{}}}"#,
        message(json, "")
    );
    let mut frames = vec![Frame::new("message_start", &data)];
    let content = content
        .map(|content| content.bytes(json))
        .unwrap_or_default();
    for (index, span) in (0..).zip(elements(content)) {
        let block = start(index, span.bytes(content));
        let stop = (!block.is_empty()).then(|| block_stop(index));
        frames.extend(block.into_iter().chain(stop));
    }
    frames
}

/// The start of a block, and what it says already.
fn start(index: u64, json: &[u8]) -> Vec<Frame> {
    let json = String::from_utf8_lossy(json);
    let json = match block(&json) {
        Some(plain) => plain,
        None if is_plain_start(json.as_bytes()) == Ok(true) => json.replace('\n', " "),
        // Nobody can say which block this is.
        None => return Vec::new(),
    };
    match content::read(&json) {
        Block::Text(text) if !text.is_empty() => {
            vec![
                block_start(index, r#"{"type":"text","text":""}"#),
                text_delta(index, &text),
            ]
        }
        Block::ToolCall(call) => {
            let [input] = find(json.as_bytes(), ["input"])
                .map(|found| found.at)
                .unwrap_or_default();
            let input = input.map_or("", |input| input.text(json.as_bytes()));
            let is_empty = |byte| b"{} \n\r\t".contains(&byte);
            let mut frames = vec![block_start(index, &content::tool_use(&call, "{}"))];
            if !input.bytes().all(is_empty) && !["null", "\"\""].contains(&input) {
                frames.push(block_delta(
                    index,
                    "input_json_delta",
                    "partial_json",
                    &quote(input),
                ));
            }
            frames
        }
        _ => vec![block_start(index, &json)],
    }
}

fn delta_frame(data: &[u8], index: Index, delta: Delta) -> Option<Frame> {
    let value = delta.value?;
    let string = value.string(data);
    let (kind, field) = match delta.kind {
        DeltaKind::Text => ("text_delta", "text"),
        DeltaKind::Thinking => ("thinking_delta", "thinking"),
        DeltaKind::Signature => ("signature_delta", "signature"),
        DeltaKind::InputJson => ("input_json_delta", "partial_json"),
        DeltaKind::Citations => {
            let citation = value.text(data).replace('\n', " ");
            return Some(block_delta(
                index.value,
                "citations_delta",
                "citation",
                &citation,
            ));
        }
        DeltaKind::Other => return None,
    };
    Some(block_delta(index.value, kind, field, &quote(&string?)))
}

fn message_delta(data: &[u8], delta: MessageDelta) -> Frame {
    let text = |span: Option<Span>, other: &str| {
        let text = span.map_or(other, |span| span.text(data));
        text.replace('\n', " ")
    };
    let data = format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":{},"stop_sequence":{}}},"usage":{}}}"#,
        text(delta.stop_reason, "null"),
        text(delta.stop_sequence, "null"),
        text(delta.usage, r#"{"output_tokens":0}"#),
    );
    Frame::new("message_delta", &data)
}

fn error_frame(data: &[u8], span: Option<Span>) -> Frame {
    Frame::new("error", &error(data, span))
}

/// An error of upstream's, with its JSON where it has some, else with all that was said.
pub(super) fn error(data: &[u8], error: Option<Span>) -> String {
    let error = match error {
        Some(error) => error.text(data).replace('\n', " "),
        None => {
            let is_json = find(data, ["type"]).is_ok();
            let said = match is_json {
                true => "upstream failed and did not say why".to_owned(),
                false => String::from_utf8_lossy(data).into_owned(),
            };
            format!(r#"{{"type":"api_error","message":{}}}"#, quote(&said))
        }
    };
    format!(r#"{{"type":"error","error":{error}}}"#)
}

fn without_separators(frame: Frame) -> Frame {
    if frame.is_plain() {
        return frame;
    }
    let data = String::from_utf8_lossy(frame.data()).into_owned();
    Frame::new(&String::from_utf8_lossy(frame.event()), &escaped(&data))
}
