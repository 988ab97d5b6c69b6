//! What is looked for in a stream that nobody reads: its end.

use bytes::Bytes;

use super::reading::Gaps;
use crate::{ReplyError, json::begun_fields, sse::Frame};

/// Watches a stream of one dialect for its end, and knows how to end it.
pub(crate) trait Watch: std::fmt::Debug + Send {
    /// A frame passes. `is_template_wanted` says whether it is of use to know which frames are like this one.
    fn see(&mut self, frame: &Frame, is_template_wanted: bool) -> Watched;

    /// A frame begins to pass of which the rest is not looked at.
    fn see_beginning(&mut self, beginning: &Frame) -> Watched;

    /// A frame passed that is like the last one seen, but for its text and this number.
    fn repeat(&mut self, _number: Option<u64>) {}

    /// Whether the stream is complete, when it ends with this frame cut off.
    fn is_complete(&self, tail: Option<&Frame>) -> bool;

    /// The ending of a stream that can't go on.
    fn fail(&mut self, error: &ReplyError) -> Bytes;
}

/// What a frame is that nobody read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    Passes,
    /// It passes, and so do those like it but for the values at these places.
    Repeats(Gaps),
    /// It ends the reply.
    Ends,
    /// Its beginning does not tell whether it ends the reply.
    Unknown,
}

/// What the beginning of a frame says that it is: the `type` of its data, or where that does not stand there the name of its
/// event. Clients raise an event named `error` by its name. Empty where neither is there.
pub(crate) fn kind_of(beginning: &Frame) -> Vec<u8> {
    let (name, data) = (beginning.event(), beginning.data());
    let [kind] = begun_fields(data, ["type"]);
    match kind.and_then(|kind| kind.string(data)) {
        Some(kind) if name != b"error" => kind.into_bytes(),
        _ => name.to_vec(),
    }
}
