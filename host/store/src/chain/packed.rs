//! Compression of what is kept.

use std::cell::RefCell;
use std::io::Read as _;

use bytes::Bytes;
use zstd::bulk::Compressor;

use crate::error::Error;

/// The zstd level: higher ones cost more time than the few bytes that they save here.
const LEVEL: i32 = 3;
/// Below this zstd saves nothing.
const SMALL: usize = 64;
/// So much memory is taken because a size is told. Above it, memory grows with what there is in truth.
const BELIEVED: usize = 1 << 20;

/// How bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Plain = 0,
    Zstd = 1,
}

impl Codec {
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Plain, Self::Zstd]
            .into_iter()
            .find(|codec| *codec as i64 == number)
    }
}

/// Compresses bytes if that makes them smaller.
pub(crate) fn pack(bytes: &Bytes, compress: bool) -> (Codec, Bytes) {
    if compress && bytes.len() >= SMALL {
        // Compressing into memory cannot fail; if it ever does, the bytes are kept as they are.
        if let Some(packed) = compressed(bytes).filter(|packed| packed.len() < bytes.len()) {
            return (Codec::Zstd, packed.into());
        }
    }
    (Codec::Plain, bytes.clone())
}

/// Compresses bytes in a context that the thread keeps: to make one takes longer than to compress a block.
fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    thread_local! {
        static CONTEXT: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    }
    CONTEXT.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Compressor::new(LEVEL).ok();
        }
        kept.as_mut()?.compress(bytes).ok()
    })
}

/// Brings bytes back. `size` is how many there were.
pub(crate) fn unpack(codec: Codec, packed: &Bytes, size: usize) -> Result<Bytes, Error> {
    let bytes = match codec {
        Codec::Plain => packed.clone(),
        Codec::Zstd => decompressed(packed, size)
            .map_err(|error| Error::Damaged(format!("a block: {error}")))?
            .into(),
    };
    let whole = bytes.len() == size;
    let damaged = || Error::Damaged("a block has another length".to_owned());
    whole.then_some(bytes).ok_or_else(damaged)
}

fn decompressed(packed: &[u8], size: usize) -> std::io::Result<Vec<u8>> {
    if size <= BELIEVED {
        return zstd::bulk::decompress(packed, size);
    }
    let mut bytes = Vec::with_capacity(BELIEVED);
    let decoder = zstd::stream::read::Decoder::new(packed)?;
    decoder
        .take((size as u64).saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Packs bytes behind their codec and size.
pub(crate) fn pack_tagged(bytes: Vec<u8>, compress: bool) -> Bytes {
    let size = bytes.len() as u64;
    let (codec, packed) = pack(&bytes.into(), compress);
    let mut tagged = Vec::with_capacity(packed.len() + 9);
    tagged.push(codec as u8);
    if codec == Codec::Zstd {
        tagged.extend(size.to_le_bytes());
    }
    tagged.extend_from_slice(&packed);
    tagged.into()
}

/// Brings back what [`pack_tagged`] made.
pub(crate) fn unpack_tagged(tagged: &Bytes) -> Result<Bytes, Error> {
    let damaged = || Error::Damaged("a packed field is cut short".to_owned());
    match tag(tagged).ok_or_else(damaged)? {
        (Codec::Plain, _) => Ok(tagged.slice(1..)),
        (Codec::Zstd, size) => {
            let size = usize::try_from(size).map_err(|_| damaged())?;
            unpack(Codec::Zstd, &tagged.slice(9..), size)
        }
    }
}

/// How many bytes [`unpack_tagged`] makes of it at most. `None` if it makes none.
pub(crate) fn unpacked_size(tagged: &[u8]) -> Option<u64> {
    tag(tagged).map(|(_, size)| size)
}

/// The codec, and how many bytes there were.
fn tag(tagged: &[u8]) -> Option<(Codec, u64)> {
    let (codec, rest) = tagged.split_first()?;
    let codec = Codec::from_number(i64::from(*codec))?;
    let size = match codec {
        Codec::Plain => rest.len() as u64,
        Codec::Zstd => u64::from_le_bytes(*rest.first_chunk()?),
    };
    Some((codec, size))
}

/// Numbers of variable length: seven bits a byte, the lowest first.
pub(super) fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes such a number from the front.
pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
