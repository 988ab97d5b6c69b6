//! The bytes of a message as they pass, with the time of each piece.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

/// The most pieces of one message that are told apart. Later ones count as one.
const MAX_FRAMES: usize = 1_000_000;

/// The end of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The offset of the byte behind it.
    pub end: usize,
    /// When it came, from the beginning of the exchange.
    pub after: Duration,
}

/// Bytes that pass, up to a bound.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    bytes: BytesMut,
    frames: Vec<Frame>,
    missing: u64,
}

/// Bytes that leave, most of which are those that came. Only what differs is kept a second time.
#[derive(Clone, Debug, Default)]
pub struct Copy {
    /// How many bytes are those that came.
    same: usize,
    /// All bytes, once they differ.
    own: Option<Tape>,
    frames: Vec<Frame>,
}

impl Tape {
    /// Takes the next piece. What lies beyond `limit` is only counted.
    pub fn push(&mut self, bytes: &[u8], after: Duration, limit: usize) {
        let room = limit.saturating_sub(self.bytes.len());
        let kept = &bytes[..bytes.len().min(room)];
        self.missing += (bytes.len() - kept.len()) as u64;
        if kept.is_empty() {
            return;
        }
        self.bytes.extend_from_slice(kept);
        let end = self.bytes.len();
        note(&mut self.frames, Frame { end, after });
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns about how many bytes it holds.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.frames.len() * size_of::<Frame>()
    }

    /// How many bytes were beyond the bound.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The bytes and where their pieces end.
    pub fn into_parts(self) -> (Bytes, Vec<Frame>) {
        (self.bytes.freeze(), self.frames)
    }
}

impl Copy {
    /// Takes the next piece, after `came`, which is all that came so far.
    pub fn push(&mut self, bytes: &[u8], came: &Tape, after: Duration, limit: usize) {
        if self.own.is_none() {
            let end = self.same + bytes.len();
            if came.bytes.get(self.same..end) == Some(bytes) {
                self.same = end;
                return note(&mut self.frames, Frame { end, after });
            }
        }
        let (same, frames) = (self.same, &mut self.frames);
        let own = self.own.get_or_insert_with(|| Tape {
            bytes: BytesMut::from(&came.bytes[..same]),
            frames: std::mem::take(frames),
            missing: 0,
        });
        own.push(bytes, after, limit);
    }

    /// The bytes and where their pieces end. `came` are all bytes that came.
    pub fn into_parts(self, came: &Bytes) -> (Bytes, Vec<Frame>) {
        match self.own {
            Some(own) => own.into_parts(),
            None => (came.slice(..self.same), self.frames),
        }
    }

    /// Returns about how many bytes it holds.
    pub(super) fn size(&self) -> usize {
        self.own.as_ref().map_or(0, Tape::size) + self.frames.len() * size_of::<Frame>()
    }

    /// How many bytes were beyond the bound, if `came` misses so many.
    pub fn missing(&self, came: u64) -> u64 {
        self.own.as_ref().map_or(came, Tape::missing)
    }
}

fn note(frames: &mut Vec<Frame>, frame: Frame) {
    let is_full = frames.len() == MAX_FRAMES;
    match frames.last_mut().filter(|_| is_full) {
        Some(last) => last.end = frame.end,
        None => frames.push(frame),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Duration = Duration::from_millis(3);

    /// Plays pieces that come, each followed by the pieces that leave.
    fn played(pieces: &[(&str, &[&str])], limit: usize) -> (String, String, u64) {
        let (mut came, mut left) = (Tape::default(), Copy::default());
        for (piece, leave) in pieces {
            came.push(piece.as_bytes(), AFTER, limit);
            leave
                .iter()
                .for_each(|bytes| left.push(bytes.as_bytes(), &came, AFTER, limit));
        }
        let missing = left.missing(came.missing());
        let (came, _) = came.into_parts();
        let (left, frames) = left.into_parts(&came);
        assert_eq!(frames.last().map_or(0, |frame| frame.end), left.len());
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        (text(came), text(left), missing)
    }

    #[test]
    fn what_leaves_as_it_came_is_kept_once() {
        let mut came = Tape::default();
        let mut left = Copy::default();
        came.push(b"abc", AFTER, 100);
        left.push(b"ab", &came, AFTER, 100);
        left.push(b"c", &came, AFTER, 100);
        let (came, _) = came.into_parts();
        let (left, frames) = left.into_parts(&came);
        assert_eq!(left.as_ptr(), came.as_ptr());
        assert_eq!(
            frames.iter().map(|frame| frame.end).collect::<Vec<_>>(),
            [2, 3]
        );
    }

    #[test]
    fn what_leaves_otherwise_is_kept_as_it_left() {
        let (came, left, _) = played(&[("abc", &["ab"]), ("def", &["X", "def"])], 100);
        assert_eq!((&*came, &*left), ("abcdef", "abXdef"));
        let (_, left, _) = played(&[("abc", &["ping", "abc"])], 100);
        assert_eq!(left, "pingabc");
        let (_, left, _) = played(&[("abc", &[]), ("def", &["a"])], 100);
        assert_eq!(left, "a");
    }

    #[test]
    fn what_lies_beyond_the_bound_is_counted() {
        let (came, left, missing) = played(&[("abc", &["abc"]), ("defg", &["defg"])], 5);
        assert_eq!((&*came, &*left, missing), ("abcde", "abcde", 2));
    }
}
