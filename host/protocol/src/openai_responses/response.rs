//! A response object: what is read of it, and how it says what went out.

use std::borrow::Cow;

use super::{
    event::{Event, Kind, Parsed},
    item::{is_judged, parts},
};
use crate::{
    BlockKind, Wants,
    json::{Edit, Span, begun_fields, fields, fields_and_elements, quote, set_fields, with_fields},
    openai::items::read_text,
    sse::Frame,
};

/// A view of a response.
#[derive(Debug)]
pub(super) struct Response<'a> {
    json: &'a str,
    pub(super) id: String,
    status: String,
    /// Why it is incomplete.
    reason: Option<String>,
    /// Where its items stand.
    pub(super) items: Vec<Span>,
    /// All texts in one, as some servers add.
    text: Option<String>,
}

impl<'a> Response<'a> {
    /// Reads a response. Err says why nobody can be sure what a client reads in it.
    pub(super) fn parse(json: &'a str) -> Result<Self, String> {
        let text = json.as_bytes();
        let names = [
            "id",
            "status",
            "output",
            "output_text",
            "incomplete_details",
        ];
        let found = fields_and_elements(text, names, "output");
        let (found, items) = found.map_err(|fault| fault.to_string())?;
        let output = found[2].map_or(&b"null"[..], |output| output.bytes(text));
        if output != b"null" && !output.starts_with(b"[") {
            return Err("its output is not a list".to_owned());
        }
        let string = |at: usize| found[at].and_then(|span| span.string(text));
        let reason = |details: Span| {
            let details = details.bytes(text);
            let [reason] = fields(details, ["reason"]).ok()?;
            reason?.string(details)
        };
        Ok(Self {
            json,
            id: string(0).unwrap_or_default(),
            status: string(1).unwrap_or_default(),
            reason: found[4].and_then(reason),
            items,
            text: string(3),
        })
    }

    /// Upstream's word for why the model stopped: why the response is incomplete, else its status.
    pub(super) fn stop_reason(&self) -> String {
        self.reason.clone().unwrap_or_else(|| self.status.clone())
    }

    /// Whether the model did not come to its end.
    pub(super) fn is_incomplete(&self) -> bool {
        self.status == "incomplete"
    }

    /// Whether it says that it failed.
    pub(super) fn has_failed(&self) -> bool {
        self.status == "failed"
    }

    /// Whether it is not, or not yet, a model's answer.
    pub(super) fn is_empty(&self) -> bool {
        let answers = ["completed", "incomplete", ""];
        self.items.is_empty() && !answers.contains(&self.status.as_str())
    }

    /// Whether what it says besides its items is what they say.
    pub(super) fn is_plain(&self, wants: &Wants) -> bool {
        let agrees = |text: &String| text.is_empty() || *text == texts(self.jsons());
        !is_judged(BlockKind::Text, wants) || self.text.as_ref().is_none_or(agrees)
    }

    /// Its items.
    pub(super) fn jsons(&self) -> impl Iterator<Item = &'a str> {
        let items = self.items.iter();
        items.map(|item| item.text(self.json.as_bytes()))
    }
}

/// A response with these items as its output.
pub(super) fn with_output(json: &str, output: &[Cow<'_, str>]) -> String {
    let text = json.as_bytes();
    let [said] = fields(text, ["output_text"]).unwrap_or_default();
    let said = said.filter(|said| said.bytes(text).len() > 2 && said.string(text).is_some());
    let said = said.map(|_| quote(&texts(output.iter().map(|item| &**item))));
    let output = format!("[{}]", output.join(","));
    with_fields(json, [("output", Some(output)), ("output_text", said)])
}

/// The frame of an event whose response has no content.
pub(super) fn without_content(frame: Frame, event: &Event) -> Frame {
    let span = event.value.unwrap_or_default();
    let json = span.text(frame.data());
    if Response::parse(json)
        .is_ok_and(|response| response.items.is_empty() && response.text.is_none())
    {
        return frame;
    }
    let with = emptied(json).unwrap_or_else(|| "null".to_owned());
    frame.edited(vec![Edit { span, with }])
}

/// A response without content.
pub(super) fn emptied(json: &str) -> Option<String> {
    let [text] = fields(json.as_bytes(), ["output_text"]).ok()?;
    let values = [
        ("output", Some("[]".to_owned())),
        ("output_text", text.map(|_| "null".to_owned())),
    ];
    set_fields(json, values).ok()
}

/// A response with the words of one that is complete.
pub(super) fn completed(json: &str) -> String {
    let changes = [
        ("status", Some("\"completed\"".to_owned())),
        ("incomplete_details", Some("null".to_owned())),
    ];
    with_fields(json, changes)
}

/// A response with what names another one.
pub(super) fn named(json: &str, other: &str) -> String {
    let names = ["id", "model", "created_at"];
    let text = other.as_bytes();
    let found = fields(text, names).unwrap_or_default();
    let [id, model, created] = found.map(|span| span.map(|span| span.text(text).to_owned()));
    with_fields(
        json,
        [("id", id), ("model", model), ("created_at", created)],
    )
}

/// A response that an error ends.
pub(super) fn failed(json: &str, code: &str, message: &str) -> String {
    let error = format!(r#"{{"code":{},"message":{}}}"#, quote(code), quote(message));
    let changes = [
        ("status", Some("\"failed\"".to_owned())),
        ("error", Some(error)),
    ];
    with_fields(json, changes)
}

/// A response of our own making before it has content.
pub(super) fn blank(id: &str, model: &str) -> String {
    format!(
        r#"{{"id":{},"object":"response","created_at":0,"status":"in_progress","error":null,"incomplete_details":null,"instructions":null,"metadata":{{}},"model":{},"output":[],"parallel_tool_calls":true,"temperature":null,"tool_choice":"auto","tools":[],"top_p":null,"usage":null}}"#,
        quote(id),
        quote(model),
    )
}

/// The response that a stream began with, of which this is the first event. One of our own making where there is none, with
/// the id and the model of one that is cut off.
pub(super) fn begun(start: Option<&Frame>) -> String {
    let Some(frame) = start else {
        return blank(OWN_ID, "");
    };
    let data = frame.data();
    let event = Parsed::read(frame).ok().map(|parsed| parsed.event);
    let event = event.filter(|event| [Kind::Created, Kind::Response].contains(&event.kind));
    let whole = event
        .and_then(|event| event.value)
        .map(|value| value.text(data));
    if let Some(whole) = whole.filter(|json| json.starts_with('{') && Response::parse(json).is_ok())
    {
        return whole.to_owned();
    }
    let [response] = begun_fields(data, ["response"]);
    let response = response.unwrap_or_default().bytes(data);
    let [id, model] = begun_fields(response, ["id", "model"]);
    let string = |value: Option<Span>| value.and_then(|value| value.string(response));
    let id = string(id).unwrap_or_else(|| OWN_ID.to_owned());
    blank(&id, &string(model).unwrap_or_default())
}

const OWN_ID: &str = "resp_sluice";

fn texts<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let messages = items.flat_map(parts);
    let texts = messages.filter(|part| part.contains("output_text"));
    texts.filter_map(read_text).collect()
}
