//! Frames brought into plain form: what a frame says that clients might read in different ways is written anew.
//!
//! What is left out is what has no place in the API: a client that finds something there would find it in no documented
//! place.

use std::borrow::Cow;

use super::{
    event::{EVENT, Ending, Event, Form, Kind, Parsed, name_of},
    response,
    shape::{RESPONSE, Shape, plain, plain_object},
};
use crate::{
    json::{find, quote, set_fields},
    sse::{BYTE_ORDER_MARK, Frame, escaped},
};

/// The numbers of an event that has none of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) item: u64,
    pub(super) part: u64,
}

/// The frame that says what a frame says; `None` where that has no place in the API.
pub(super) fn frame(frame: &Frame, parsed: &Parsed, missing: Numbers) -> Option<Frame> {
    let data = frame.data();
    let written = match parsed.form {
        Form::Plain => return Some(frame.clone()),
        Form::PlainData => String::from_utf8_lossy(data).into_owned(),
        Form::Odd if is_json(data) => event(frame, &parsed.event, missing)?,
        Form::Odd => error(&String::from_utf8_lossy(data)),
        Form::Unreadable => return None,
    };
    // Between the tokens of JSON a space does as well as the end of a line.
    let line = escaped(&written.replace(['\n', '\r'], " "));
    let name = name_of(line.as_bytes())?;
    let name = String::from_utf8_lossy(&name).into_owned();
    Some(Frame::new(&name, &line))
}

fn is_json(data: &[u8]) -> bool {
    find(data, ["type"]).is_ok()
}

/// An event with what its kind has, as all parsers read it.
fn event(frame: &Frame, event: &Event, missing: Numbers) -> Option<String> {
    let data = String::from_utf8_lossy(frame.data());
    let kind = event.kind;
    let belongs = |key: &str| match key {
        "type" => false,
        "sequence_number" => event.sequence.is_some(),
        "output_index" => event.item.is_some(),
        "content_index" | "summary_index" => event.part.is_some(),
        key => kind.has(key),
    };
    let json = plain_object(&data, EVENT, belongs).ok()?;
    let name = name_of(data.as_bytes())
        .filter(|name| kind != Kind::Terminal(Ending::Error) || &**name == b"error");
    let name = name.unwrap_or_else(|| frame.event().into());
    let name = match name.is_empty() {
        true => "error".into(),
        false => String::from_utf8_lossy(&name),
    };
    let number = |is_missing: bool, number: u64| is_missing.then(|| number.to_string());
    let said = kind.is_text_delta().then(|| text_in_delta(&json)).flatten();
    let json = set_fields(
        &json,
        [
            ("type", Some(quote(&name))),
            ("delta", said),
            (
                "output_index",
                number(kind.is_about_item() && event.item.is_none(), missing.item),
            ),
            (
                "content_index",
                number(kind.is_of_part() && event.part.is_none(), missing.part),
            ),
        ],
    );
    let json = json.ok()?;
    match kind {
        Kind::Created | Kind::Response => without_content(&json),
        _ => Some(json),
    }
}

/// The text of a delta that is an object with a text in it, as some servers write it.
fn text_in_delta(json: &str) -> Option<String> {
    let text = json.as_bytes();
    let [delta] = find(text, ["delta"]).ok()?.at;
    let delta = delta?.bytes(text);
    let [said] = find(delta, ["text"]).ok()?.at;
    let said = said?.text(delta);
    said.starts_with('"').then(|| said.to_owned())
}

/// An event whose response says nothing yet.
fn without_content(json: &str) -> Option<String> {
    let text = json.as_bytes();
    let [response] = find(text, ["response"]).ok()?.at;
    let Some(response) = response else {
        return Some(json.to_owned());
    };
    let with = response::emptied(response.text(text))?;
    set_fields(json, [("response", Some(with))]).ok()
}

/// An error that says this.
fn error(said: &str) -> String {
    format!(
        r#"{{"type":"error","code":"server_error","message":{},"param":null}}"#,
        quote(said)
    )
}

/// A body of which every client reads the same. What it says is written anew where that is not so.
pub(super) fn body(frame: Frame) -> Result<Frame, String> {
    let body = frame.data();
    let json = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let Ok(json) = str::from_utf8(json) else {
        return Err("it is not UTF-8".to_owned());
    };
    let json = json.trim();
    find(json.as_bytes(), ["type"]).map_err(|fault| fault.to_string())?;
    match plain(json, Shape::Object(RESPONSE)) {
        Some(Cow::Borrowed(_)) if body.trim_ascii_start().starts_with(b"{") => Ok(frame),
        Some(json) => Ok(Frame::body(json.into_owned().into())),
        None => Err("it is no response".to_owned()),
    }
}
