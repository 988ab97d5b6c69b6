//! Headers and a body, with the places in the body that matter later.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::Name;
use crate::fields;

/// A request or a reply at one of the points where Sluice saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its headers, in order, without secrets.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Body,
}

/// The bytes of a message. Messages that share a body share its bytes too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The bytes, decoded.
    #[serde(with = "fields::raw")]
    pub bytes: Bytes,
    /// Where the blocks of a request stand, ascending and without overlaps. A cut that breaks this rule, or lies
    /// outside of the bytes, is left out: the body is stored all the same, only less compactly.
    pub cuts: Vec<Cut>,
    /// The frames of a stream, in order, with the time at which each had arrived.
    pub frames: Vec<Frame>,
    /// The content coding in which it came, if it was decoded.
    pub encoding: Option<Name>,
    /// How many bytes followed that were too many to keep.
    pub missing: u64,
    /// Whether only its length and its digest are kept.
    pub withheld: bool,
}

/// One block of a request: the bytes of its JSON value, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Where it stands in the body.
    pub range: Range<usize>,
    /// What it is. `system` and `tool` (a tool's declaration) are chains of their own, so that they may stand before or
    /// behind the conversation; all others are part of the conversation.
    pub kind: Name,
    /// Who said it.
    pub role: Option<Name>,
}

/// The end of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The offset of the byte behind it.
    pub end: usize,
    /// When it had arrived, from the beginning of the message.
    pub after: Duration,
}

impl Message {
    /// Roughly how many bytes it holds.
    pub(crate) fn size(&self) -> usize {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len());
        let body = &self.body;
        let cuts = body.cuts.len() * size_of::<Cut>() + body.frames.len() * size_of::<Frame>();
        headers.sum::<usize>() + body.bytes.len() + cuts
    }
}
