//! One event of a stream, with its raw bytes.

use std::ops::Range;

use bytes::Bytes;

use super::plain::{has_separators, has_wide_separators};
use crate::json::{Edit, splice};

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One event, or bytes between events: a comment, a blank line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    raw: Bytes,
    event: Range<usize>,
    data: Data,
    /// Whether every client cuts it into the same lines and fields.
    is_lined: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Data {
    None,
    /// One line: a slice of the raw bytes.
    Line(Range<usize>),
    /// Several lines, joined by line feeds.
    Lines(Bytes),
}

impl Frame {
    pub(super) fn from_parts(raw: Bytes, event: Range<usize>, data: Data, is_lined: bool) -> Self {
        Self {
            raw,
            event,
            data,
            is_lined,
        }
    }

    /// A frame like another one but for the length of what is in it: `at` says where a place of the other one's bytes is in
    /// these.
    pub(crate) fn like(other: &Self, raw: Bytes, at: impl Fn(usize) -> usize) -> Self {
        let data = match &other.data {
            Data::Line(line) => Data::Line(at(line.start)..at(line.end)),
            Data::None | Data::Lines(_) => Data::None,
        };
        Self {
            raw,
            event: at(other.event.start)..at(other.event.end),
            data,
            is_lined: other.is_lined,
        }
    }

    /// A frame of our own making; without the name of an event where that is empty.
    pub fn new(event: &str, data: &str) -> Self {
        let mut raw = String::with_capacity(event.len() + data.len() + 16);
        if !event.is_empty() {
            raw.push_str("event: ");
            raw.push_str(event);
            raw.push('\n');
        }
        let name = raw.len().saturating_sub(event.len() + 1);
        let data_start = raw.len() + "data: ".len();
        for line in data.split('\n') {
            raw.push_str("data: ");
            raw.push_str(line);
            raw.push('\n');
        }
        raw.push('\n');
        let data = if data.contains('\n') {
            Data::Lines(Bytes::copy_from_slice(data.as_bytes()))
        } else {
            Data::Line(data_start..data_start + data.len())
        };
        Self {
            raw: Bytes::from(raw),
            event: name..name + event.len(),
            is_lined: matches!(data, Data::Line(_)),
            data,
        }
    }

    /// A whole body, which is all data.
    pub(crate) fn body(body: Bytes) -> Self {
        let data = Data::Line(0..body.len());
        Self {
            raw: body,
            event: 0..0,
            data,
            is_lined: true,
        }
    }

    /// The bytes as they came, with the blank line that ends them.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The bytes as they came, without a copy.
    pub fn into_raw(self) -> Bytes {
        self.raw
    }

    /// The event's name; empty where it has none.
    pub fn event(&self) -> &[u8] {
        &self.raw[self.event.clone()]
    }

    /// The data, several lines joined by line feeds; empty where there is none.
    pub fn data(&self) -> &[u8] {
        match &self.data {
            Data::None => &[],
            Data::Line(range) => &self.raw[range.clone()],
            Data::Lines(joined) => joined,
        }
    }

    /// Where the data begins in the bytes, where it is one line.
    pub(crate) fn data_start(&self) -> usize {
        match &self.data {
            Data::Line(line) => line.start,
            Data::None | Data::Lines(_) => 0,
        }
    }

    /// Whether this carries nothing that a client would be told of.
    pub fn is_loose(&self) -> bool {
        matches!(self.data, Data::None)
    }

    /// Whether every client finds the same event and the same data in it. Data has to be JSON, or checked for separators of
    /// lines otherwise.
    pub(crate) fn is_plain(&self) -> bool {
        let data = match &self.data {
            Data::Line(line) => line.clone(),
            Data::None | Data::Lines(_) => self.raw.len()..self.raw.len(),
        };
        let (before, behind) = (&self.raw[..data.start], &self.raw[data.end..]);
        self.is_lined
            && !has_separators(before)
            && !has_separators(behind)
            && (self.raw.is_ascii() || !has_wide_separators(&self.raw))
    }

    /// Where the data stands in the bytes, for a frame to which others may be alike in their lines: the data
    /// is one of them and all that is read stands before it, and a line feed ends the frame, so that
    /// nothing behind it belongs to it.
    pub(crate) fn sole_line(&self) -> Option<Range<usize>> {
        let Data::Line(line) = &self.data else {
            return None;
        };
        let is_plain = self.event.end <= line.start && self.raw.ends_with(b"\n");
        let has_mark = self.raw.starts_with(BYTE_ORDER_MARK);
        (is_plain && !has_mark).then(|| line.clone())
    }

    /// The frame with these edits made in its data.
    #[must_use]
    pub(crate) fn edited(self, edits: Vec<Edit>) -> Self {
        match &edits[..] {
            [] => self,
            [Edit { span, with }] => self.with_data(span.start..span.end, with),
            _ => {
                let data = splice(self.data(), edits);
                self.with_data(0..self.data().len(), &String::from_utf8_lossy(&data))
            }
        }
    }

    /// The frame with `with` in the place of `range` of its data. Other bytes stay as they are, but
    /// where the data has several lines: such a frame is written anew.
    #[must_use]
    pub fn with_data(&self, range: Range<usize>, with: &str) -> Self {
        match &self.data {
            Data::Line(line) => self.with_line(line, range, with),
            Data::None | Data::Lines(_) => {
                let data = replaced(self.data(), range, with);
                let event = String::from_utf8_lossy(self.event());
                Self::new(&event, &String::from_utf8_lossy(&data))
            }
        }
    }

    fn with_line(&self, line: &Range<usize>, range: Range<usize>, with: &str) -> Self {
        let place = line.start + range.start..line.start + range.end;
        let raw = replaced(&self.raw, place, with);
        let end = line.end + with.len() - range.len();
        let moved = |at: usize| {
            if at >= line.end {
                at - line.end + end
            } else {
                at
            }
        };
        Self {
            raw: Bytes::from(raw),
            event: moved(self.event.start)..moved(self.event.end),
            data: Data::Line(line.start..end),
            is_lined: self.is_lined,
        }
    }
}

fn replaced(bytes: &[u8], range: Range<usize>, with: &str) -> Vec<u8> {
    let mut new = Vec::with_capacity(bytes.len() + with.len());
    new.extend_from_slice(bytes.get(..range.start).unwrap_or_default());
    new.extend_from_slice(with.as_bytes());
    new.extend_from_slice(bytes.get(range.end..).unwrap_or_default());
    new
}
