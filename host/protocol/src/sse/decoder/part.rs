//! Frames of any size, from a decoder that keeps a bounded part of one.

use bytes::Bytes;

use super::{BYTE_ORDER_MARK, Decoder, Frame};

/// What comes next of a stream of which no frame is too large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A frame within the limit.
    Frame(Frame),
    /// As much as the limit allows of the beginning of a larger frame, as a frame that is cut off.
    Beginning(Frame),
    /// More of that frame. Its last bytes are those behind which [`Decoder::is_within_frame`] is false.
    More(Bytes),
}

/// Looks for the end of a frame whose beginning was taken.
#[derive(Debug)]
pub(super) struct Rest {
    /// Whether the frame is a comment, which one line ends.
    is_comment: bool,
    /// Whether nothing of the current line has come yet.
    is_empty: bool,
    /// Whether the last byte was a CR, so that a line feed next to it belongs to the same line.
    after_cr: bool,
}

impl Decoder {
    /// What comes next, if anything is there. A frame over the limit comes in parts, which are split as the bytes came; so
    /// never more than the limit waits for bytes to come.
    pub fn next_part(&mut self) -> Option<Part> {
        if let Some(rest) = &mut self.rest {
            let length = match rest.length(&self.buffer) {
                Some(length) => {
                    self.rest = None;
                    length
                }
                None => self.buffer.len(),
            };
            return (length > 0).then(|| Part::More(self.take(length)));
        }
        match self.next_frame() {
            Ok(frame) => frame.map(Part::Frame),
            Err(_) => Some(Part::Beginning(self.beginning())),
        }
    }

    /// Whether the beginning of a frame was taken, and not its end.
    pub fn is_within_frame(&self) -> bool {
        self.rest.is_some()
    }

    /// Takes the beginning of a frame that is larger than the limit.
    fn beginning(&mut self) -> Frame {
        self.forget();
        let bytes = self.buffer.split_to(self.limit.min(self.buffer.len()));
        self.rest = Rest::behind(&bytes);
        let mut cut_off = Self {
            buffer: bytes,
            at_start: self.at_start,
            ..Self::new(self.limit)
        };
        self.at_start = false;
        while let Some((end, next)) = cut_off.line_end() {
            let line = cut_off.field_start()..end;
            (cut_off.line, cut_off.searched) = (next, next);
            cut_off.field(line);
        }
        let last = cut_off.field_start()..cut_off.buffer.len();
        // A part of a name says nothing.
        if cut_off.buffer[last.clone()].starts_with(b"data:") {
            cut_off.field(last);
        }
        cut_off.cut(cut_off.buffer.len())
    }
}

impl Rest {
    /// What follows on this beginning of a frame. `None` where that is all of it.
    fn behind(beginning: &[u8]) -> Option<Self> {
        let start = beginning.strip_prefix(BYTE_ORDER_MARK);
        let start = start.unwrap_or(beginning);
        let mut rest = Self {
            is_comment: start.starts_with(b":"),
            is_empty: true,
            after_cr: false,
        };
        match rest.length(start) {
            Some(_) => None,
            None => Some(rest),
        }
    }

    /// How many of these bytes belong to the frame. `None` where all do, and more.
    fn length(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut line = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let is_second = bytes[end] == b'\n'
                && match end {
                    0 => self.after_cr,
                    end => bytes[end - 1] == b'\r',
                };
            let is_empty = end == line && (end > 0 || self.is_empty);
            if !is_second && (is_empty || self.is_comment) {
                return Some(end + 1);
            }
            line = end + 1;
        }
        if let Some(last) = bytes.last() {
            self.is_empty = line == bytes.len();
            self.after_cr = *last == b'\r';
        }
        None
    }
}
