//! Watches for the end of a stream that nobody reads.

use bytes::Bytes;

use super::{error::error_frame, writer::error_type};
use crate::{
    ReplyError,
    json::{Span, fields, find},
    reply::{
        reading::Gaps,
        watching::{self, Watched, kind_of},
    },
    sse::Frame,
};

/// Watches a stream of the Messages API.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Whether the stop reason is there, behind which some servers leave the last event out, or break it off.
    is_closing: bool,
}

impl watching::Watch for Watch {
    fn see(&mut self, frame: &Frame, is_template_wanted: bool) -> Watched {
        if is_terminal(frame) {
            return Watched::Ends;
        }
        match frame.event() {
            b"content_block_delta" if is_template_wanted => match said(frame.data()) {
                text @ Some(_) => Watched::Repeats(Gaps {
                    text,
                    number: None,
                    are_free: true,
                }),
                None => Watched::Passes,
            },
            b"content_block_delta" => Watched::Passes,
            name => {
                let is_delta = |kind: &[u8]| kind == b"message_delta";
                self.is_closing |= is_delta(name)
                    || type_of(frame.data()).is_some_and(|kind| is_delta(kind.as_bytes()));
                Watched::Passes
            }
        }
    }

    fn see_beginning(&mut self, beginning: &Frame) -> Watched {
        match &kind_of(beginning)[..] {
            b"message_stop" | b"error" => Watched::Ends,
            b"" => Watched::Unknown,
            kind => {
                self.is_closing |= kind == b"message_delta";
                Watched::Passes
            }
        }
    }

    fn is_complete(&self, _: Option<&Frame>) -> bool {
        self.is_closing
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        error_frame(error_type(error), &error.to_string(), None)
    }
}

/// Whether a frame ends its stream, found without reading more of it than its `type`.
fn is_terminal(frame: &Frame) -> bool {
    match frame.event() {
        b"error" => !frame.is_loose(),
        b"content_block_delta" | b"content_block_start" | b"content_block_stop" => false,
        event => match type_of(frame.data()) {
            Some(kind) => kind == "message_stop" || kind == "error",
            None => event == b"message_stop" && !frame.is_loose(),
        },
    }
}

fn type_of(data: &[u8]) -> Option<String> {
    let [kind] = find(data, ["type"]).ok()?.at;
    kind?.string(data)
}

/// Where the string is written that a delta adds.
fn said(data: &[u8]) -> Option<Span> {
    let [delta] = fields(data, ["delta"]).ok()?;
    let delta = delta?;
    let said = fields(delta.bytes(data), ["text", "thinking", "partial_json"]).ok()?;
    Some(said.into_iter().flatten().next()?.shifted(delta.start))
}
