//! What is left of a body beside its blocks: the bytes behind them, and what was cut out.

use std::time::Duration;

use bytes::Bytes;

use super::packed::{pack_tagged, push_number, take_number, unpack_tagged};
use crate::error::Error;
use crate::message::Frame;
use crate::times::micros;

/// The rest of a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shell {
    /// What was cut out, each with its place in the body without them. Ascending.
    pub(crate) removed: Vec<(usize, Bytes)>,
    /// The bytes behind the last block.
    pub(crate) tail: Bytes,
}

impl Shell {
    pub(crate) fn encode(&self, compress: bool) -> Bytes {
        let mut out = Vec::with_capacity(self.tail.len() + 16);
        push_number(&mut out, self.removed.len() as u64);
        let mut last = 0;
        for (at, bytes) in &self.removed {
            push_number(&mut out, (at - last) as u64);
            push_number(&mut out, bytes.len() as u64);
            out.extend_from_slice(bytes);
            last = *at;
        }
        out.extend_from_slice(&self.tail);
        pack_tagged(out, compress)
    }

    pub(crate) fn decode(packed: &Bytes) -> Result<Self, Error> {
        let bytes = unpack_tagged(packed)?;
        Self::read(&bytes).ok_or_else(|| Error::Damaged("a body's shell is cut short".to_owned()))
    }

    fn read(bytes: &Bytes) -> Option<Self> {
        let mut rest = &bytes[..];
        let mut removed = Vec::new();
        let mut last = 0;
        for _ in 0..take_number(&mut rest)? {
            last += usize::try_from(take_number(&mut rest)?).ok()?;
            let length = usize::try_from(take_number(&mut rest)?).ok()?;
            let (taken, behind) = rest.split_at_checked(length)?;
            removed.push((last, bytes.slice_ref(taken)));
            rest = behind;
        }
        let tail = bytes.slice_ref(rest);
        Some(Self { removed, tail })
    }
}

/// Puts what was cut out back, while a body's bytes pass.
#[derive(Debug)]
pub(crate) struct Patcher {
    removed: std::vec::IntoIter<(usize, Bytes)>,
    /// How many bytes have passed, without those that were cut out.
    passed: usize,
}

impl Patcher {
    pub(crate) fn new(removed: Vec<(usize, Bytes)>) -> Self {
        Self {
            removed: removed.into_iter(),
            passed: 0,
        }
    }

    /// Adds the next bytes of the body to `out`, with what belongs between and before them.
    pub(crate) fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some((at, removed)) = self.removed.as_slice().first().cloned() {
            let before = at.saturating_sub(self.passed);
            if before > rest.len() {
                break;
            }
            let (now, later) = rest.split_at(before);
            out.extend_from_slice(now);
            out.extend_from_slice(&removed);
            self.passed += before;
            self.removed.next();
            rest = later;
        }
        out.extend_from_slice(rest);
        self.passed += rest.len();
    }
}

/// Frames as differences, in microseconds.
pub(crate) fn encode_frames(frames: &[Frame], compress: bool) -> Bytes {
    let mut out = Vec::with_capacity(frames.len() * 4);
    let mut last = (0, 0);
    for frame in frames {
        let now = (frame.end as u64, micros(frame.after));
        push_number(&mut out, now.0.saturating_sub(last.0));
        push_number(&mut out, now.1.saturating_sub(last.1));
        last = (now.0.max(last.0), now.1.max(last.1));
    }
    pack_tagged(out, compress)
}

pub(crate) fn decode_frames(packed: &Bytes) -> Result<Vec<Frame>, Error> {
    let bytes = unpack_tagged(packed)?;
    let mut rest = &bytes[..];
    let mut frames = Vec::new();
    let mut last = (0, 0);
    while !rest.is_empty() {
        let damaged = || Error::Damaged("the frames of a stream are cut short".to_owned());
        last.0 += take_number(&mut rest).ok_or_else(damaged)?;
        last.1 += take_number(&mut rest).ok_or_else(damaged)?;
        frames.push(Frame {
            end: usize::try_from(last.0).map_err(|_| damaged())?,
            after: Duration::from_micros(last.1),
        });
    }
    Ok(frames)
}
