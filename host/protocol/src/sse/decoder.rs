//! Bytes in any pieces in, frames out.
//!
//! Each byte is looked at once and copied at most once, however the stream is cut; twice where a short
//! frame might be like the one before it.

mod part;

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use self::part::Rest;
use super::frame::{BYTE_ORDER_MARK, Data, Frame};

pub use part::Part;

/// A frame is larger than the decoder takes.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a frame is larger than {limit} bytes")]
pub struct FrameTooLarge {
    /// The limit in bytes.
    pub limit: usize,
}

/// Cuts a byte stream into [`Frame`]s.
///
/// A frame ends with its blank line. A comment at the start of a frame is a frame of its own, so that
/// an upstream's keep-alive is not kept waiting for the event behind it.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    buffer: BytesMut,
    /// Where the line begins that is not read yet.
    line: usize,
    /// Up to where that line was searched for its end.
    searched: usize,
    at_start: bool,
    over: bool,
    event: Range<usize>,
    data: Vec<Range<usize>>,
    /// Whether every client cuts the lines so far alike.
    is_plain: bool,
    /// What is ahead of a frame whose beginning was taken.
    rest: Option<Rest>,
}

/// Up to here a frame that comes in pieces is looked at again with each of them.
const LOOKED_AT_TWICE: usize = 4096;

impl Decoder {
    /// A decoder for frames of up to `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            buffer: BytesMut::new(),
            line: 0,
            searched: 0,
            at_start: true,
            over: false,
            event: 0..0,
            data: Vec::new(),
            is_plain: true,
            rest: None,
        }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: Bytes) {
        if !self.buffer.is_empty() {
            return self.buffer.extend_from_slice(&bytes);
        }
        match bytes.try_into_mut() {
            Ok(sole) => self.buffer = sole,
            Err(shared) => self.buffer.extend_from_slice(&shared),
        }
    }

    /// The stream is over: what is left of it no longer waits for more.
    pub fn end(&mut self) {
        self.over = true;
    }

    /// The next complete frame, if one is there.
    ///
    /// After an error the stream cannot be read on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameTooLarge> {
        while let Some((end, next)) = self.line_end() {
            let first = self.line == 0;
            let line = self.field_start()..end;
            // A CR alone ends a line for some clients, and a mark hides it from some.
            self.is_plain &= self.buffer[next - 1] == b'\n' && line.start == self.line;
            self.line = next;
            self.searched = next;
            if next > self.limit {
                break;
            }
            let comment = self.buffer.get(line.start) == Some(&b':') && !line.is_empty();
            if line.is_empty() || (comment && first) {
                return Ok(Some(self.cut(next)));
            }
            self.field(line);
        }
        if self.line.max(self.searched) > self.limit {
            return Err(FrameTooLarge { limit: self.limit });
        }
        Ok(None)
    }

    /// The bytes ahead, from the start of a frame. None at the start of the stream, where a byte order mark
    /// may stand, within a frame whose beginning was taken, and where so much of the frame was looked at that it should not
    /// be looked at again.
    pub(crate) fn ahead(&self) -> &[u8] {
        match self.at_start || self.rest.is_some() || self.searched > LOOKED_AT_TWICE {
            true => &[],
            false => &self.buffer,
        }
    }

    /// Takes bytes that are ahead: they are frames, whole ones.
    pub(crate) fn take(&mut self, length: usize) -> Bytes {
        self.forget();
        self.buffer.split_to(length).freeze()
    }

    /// The limit of a frame in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The bytes after the last complete frame: once the stream is over, those of a frame that was
    /// cut off, as a frame. None where there are none.
    pub fn tail(&mut self) -> Option<Frame> {
        if self.buffer.is_empty() {
            return None;
        }
        let rest = self.field_start()..self.buffer.len();
        self.field(rest);
        Some(self.cut(self.buffer.len()))
    }

    /// Where the current line ends and the next begins. A CR at the very end may be half of a CRLF.
    fn line_end(&mut self) -> Option<(usize, usize)> {
        let Some(found) = memchr::memchr2(b'\n', b'\r', &self.buffer[self.searched..]) else {
            self.searched = self.buffer.len();
            return None;
        };
        let end = self.searched + found;
        self.searched = end;
        match (self.buffer[end], self.buffer.get(end + 1)) {
            (b'\n', _) => Some((end, end + 1)),
            (_, Some(b'\n')) => Some((end, end + 2)),
            (_, None) if !self.over => None,
            _ => Some((end, end + 1)),
        }
    }

    /// Where the current line's field begins: behind a byte order mark at the start of the stream.
    fn field_start(&self) -> usize {
        if self.at_start && self.line == 0 && self.buffer.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            self.line
        }
    }

    fn field(&mut self, line: Range<usize>) {
        let bytes = &self.buffer[line.clone()];
        self.is_plain &= is_plain_line(bytes, self.data.is_empty(), self.event.is_empty());
        let name = memchr::memchr(b':', bytes).unwrap_or(bytes.len());
        let space = usize::from(bytes.get(name + 1) == Some(&b' '));
        let value = (line.start + name + 1 + space).min(line.end)..line.end;
        match &bytes[..name] {
            b"data" => self.data.push(value),
            b"event" => self.event = value,
            _ => {}
        }
    }

    fn cut(&mut self, end: usize) -> Frame {
        let data = match &self.data[..] {
            [] => Data::None,
            [line] => Data::Line(line.clone()),
            lines => Data::Lines(joined(&self.buffer, lines)),
        };
        let event = self.event.clone();
        // A name without data would be that of the next data to a client that goes line by line.
        let is_plain = self.is_plain && (event.is_empty() || !self.data.is_empty());
        self.forget();
        self.at_start = false;
        Frame::from_parts(self.buffer.split_to(end).freeze(), event, data, is_plain)
    }

    /// Forgets what was found in the frame ahead.
    fn forget(&mut self) {
        self.data.clear();
        self.event = 0..0;
        self.line = 0;
        self.searched = 0;
        self.is_plain = true;
    }
}

/// Whether every client finds the same field in a line, behind others of its frame.
fn is_plain_line(line: &[u8], is_before_data: bool, is_before_event: bool) -> bool {
    match line {
        [b':', ..] => true,
        // Some clients take each line of data for an event, and have to know its name before.
        [b'd', b'a', b't', b'a', b':', ..] => is_before_data,
        [b'e', b'v', b'e', b'n', b't', b':', ..] => is_before_data && is_before_event,
        line => line.starts_with(b"id:") || line.starts_with(b"retry:"),
    }
}

fn joined(buffer: &[u8], lines: &[Range<usize>]) -> Bytes {
    let lines: Vec<&[u8]> = lines.iter().map(|line| &buffer[line.clone()]).collect();
    Bytes::from(lines.join(&b'\n'))
}
