//! Invariants of server-sent events.

use bytes::Bytes;
use sluice_protocol::sse::{Decoder, Frame, Part};

/// Panics if an invariant is broken.
pub(crate) fn check(data: &[u8]) {
    let frames = frames(data, data.len());
    let raw: Vec<&[u8]> = frames.iter().map(|frame| &frame.raw()[..]).collect();
    assert_eq!(raw.concat(), data, "all frames in a row are the stream");
    let size = data.first().map_or(1, |byte| usize::from(*byte));
    for size in [1, 2, 3, 7, size] {
        assert_eq!(self::frames(data, size), frames, "in pieces of {size}");
    }
    limited(data, 32);
    in_parts(data, size, 32);
}

/// The frames of these bytes, when they arrive in pieces of `size`.
fn frames(data: &[u8], size: usize) -> Vec<Frame> {
    let mut decoder = Decoder::new(data.len());
    let mut frames = Vec::new();
    let next = |decoder: &mut Decoder| decoder.next_frame().expect("no frame is larger than all");
    for piece in data.chunks(size.max(1)) {
        decoder.push(Bytes::copy_from_slice(piece));
        frames.extend(std::iter::from_fn(|| next(&mut decoder)));
    }
    decoder.end();
    frames.extend(std::iter::from_fn(|| next(&mut decoder)));
    frames.extend(decoder.tail());
    frames
}

/// Checks that frames above the limit come in parts of which none is kept that is larger.
fn in_parts(data: &[u8], size: usize, limit: usize) {
    let mut decoder = Decoder::new(limit);
    let (mut came, mut parted) = (0, Vec::new());
    let mut take = |decoder: &mut Decoder| {
        while let Some(part) = decoder.next_part() {
            let bytes = match part {
                Part::Frame(frame) | Part::Beginning(frame) => {
                    assert!(frame.raw().len() <= limit, "{frame:?}");
                    frame.into_raw()
                }
                Part::More(bytes) => bytes,
            };
            parted.extend_from_slice(&bytes);
        }
        parted.len()
    };
    for piece in data.chunks(size.max(1)) {
        decoder.push(Bytes::copy_from_slice(piece));
        came += piece.len();
        // A CR behind it may be half of an end of a line.
        assert!(came - take(&mut decoder) <= limit + 1, "too much is kept");
    }
    decoder.end();
    take(&mut decoder);
    parted.extend(decoder.tail().iter().flat_map(|tail| tail.raw().to_vec()));
    assert_eq!(parted, data, "all parts in a row are the stream");
}

/// Checks that nothing above the limit comes out.
fn limited(data: &[u8], limit: usize) {
    let mut decoder = Decoder::new(limit);
    decoder.push(Bytes::copy_from_slice(data));
    decoder.end();
    while let Ok(Some(frame)) = decoder.next_frame() {
        assert!(frame.raw().len() <= limit, "{frame:?}");
    }
}
