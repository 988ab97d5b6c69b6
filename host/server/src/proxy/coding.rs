//! Decodes the content codings of a caller's body (RFC 9110, section 8.4) within a bound.
//!
//! Works on a whole body in memory and never waits: `body` decides on which thread. Each coding is decoded into a
//! buffer that stays within the bound, so a small body that decodes to a huge one costs no more memory than an honest
//! one.

#[cfg(test)]
mod tests;

use std::io::Read as _;
use std::str::FromStr;

use axum::http::header::{CONTENT_ENCODING, HeaderMap};
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, HeapAlloc, HuffmanCode};
use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use thiserror::Error;
use zstd::zstd_safe::zstd_sys::ZSTD_ErrorCode;
use zstd::zstd_safe::{self, DCtx};

/// The codings that callers may send, in the form of `Accept-Encoding`.
pub(super) const ACCEPTED: &str = "gzip, deflate, br, zstd";
/// How many codings a body may have, one around the other. Nobody needs two.
const MAX_CODINGS: usize = 4;
/// How many members a body in gzip may have. Each costs a decoder, even if it holds nothing.
const MAX_MEMBERS: usize = 1024;
/// How much is decoded at once, in bytes.
const STEP: usize = 64 << 10;

/// A compression of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    /// In zlib's format, or without it, as some clients understand the name.
    Deflate,
    Brotli,
    Zstd,
}

/// Why a body is not decoded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// A coding that Sluice does not know.
    #[error("the content-encoding `{0}` is not one of {ACCEPTED}")]
    Unknown(String),
    /// Too many codings.
    #[error("the request body has more than {MAX_CODINGS} content-encodings")]
    TooMany,
    /// The body is not what its coding says.
    #[error("the request body could not be decoded as {coding}: {reason}")]
    Damaged {
        /// The name of the coding.
        coding: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// The decoded body is longer than the bound.
    #[error("the decoded request body is over the bound")]
    TooLarge,
}

impl Fault {
    /// Whether the coding is one that Sluice does not undo.
    pub(super) fn is_foreign(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::TooMany)
    }
}

/// Reads which codings a body has, in the order in which they were applied. Returns an empty list if the body is
/// plain.
pub(super) fn of(headers: &HeaderMap) -> Result<Vec<Coding>, Fault> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let names = value.to_str();
        let names = names.map_err(|_| Fault::Unknown("?".to_owned()))?;
        for name in names.split(',').map(str::trim) {
            if !name.is_empty() && !name.eq_ignore_ascii_case("identity") {
                codings.push(name.parse()?);
            }
        }
    }
    match codings.len() {
        0..=MAX_CODINGS => Ok(codings),
        _ => Err(Fault::TooMany),
    }
}

/// Decodes a body, the last coding first. Neither the result nor anything in between is longer than `limit`.
pub(super) fn decode(codings: &[Coding], body: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let (last, before) = match codings {
        [] => return Ok(body.to_vec()),
        [before @ .., last] => (last, before),
    };
    let mut decoded = last.decode(body, limit)?;
    for coding in before.iter().rev() {
        decoded = coding.decode(&decoded, limit)?;
    }
    Ok(decoded)
}

impl FromStr for Coding {
    type Err = Fault;

    fn from_str(name: &str) -> Result<Self, Fault> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            "br" => Ok(Self::Brotli),
            "zstd" => Ok(Self::Zstd),
            // The name is the caller's, and of any length.
            _ => Err(Fault::Unknown(name.chars().take(32).collect())),
        }
    }
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn decode(self, body: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
        // A body of nothing stands for nothing: some clients name a coding where they send no body.
        if body.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Gzip => gunzip(body, limit),
            Self::Deflate => inflate(body, limit),
            Self::Brotli => unbrotli(body, limit),
            Self::Zstd => unzstd(body, limit),
        }
    }

    fn damaged(self, reason: &'static str) -> Fault {
        Fault::Damaged {
            coding: self.name(),
            reason,
        }
    }
}

const CUT_OFF: &str = "it is cut off";
const CORRUPT: &str = "it is corrupt";
const MORE: &str = "there are bytes behind its end";

fn gunzip(body: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let mut decoded = Vec::new();
    let mut rest = body;
    let mut members = 0;
    while !rest.is_empty() {
        members += 1;
        if members > MAX_MEMBERS {
            return Err(Coding::Gzip.damaged("it has too many members"));
        }
        let mut member = GzDecoder::new(rest);
        let room = (limit - decoded.len()) as u64;
        let read = member.by_ref().take(room + 1).read_to_end(&mut decoded);
        read.map_err(|error| {
            Coding::Gzip.damaged(match error.kind() {
                std::io::ErrorKind::UnexpectedEof => CUT_OFF,
                _ => CORRUPT,
            })
        })?;
        if decoded.len() > limit {
            return Err(Fault::TooLarge);
        }
        rest = member.into_inner();
    }
    Ok(decoded)
}

fn inflate(body: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let mut decoder = Decompress::new(has_zlib_header(body));
    let mut decoded = Vec::new();
    loop {
        let read = usize::try_from(decoder.total_in()).unwrap_or(usize::MAX);
        let rest = body.get(read..).unwrap_or_default();
        decoded.reserve(STEP);
        let before = decoded.len();
        let status = decoder.decompress_vec(rest, &mut decoded, FlushDecompress::None);
        let status = status.map_err(|_| Coding::Deflate.damaged(CORRUPT))?;
        if decoded.len() > limit {
            return Err(Fault::TooLarge);
        }
        let consumed = usize::try_from(decoder.total_in()).unwrap_or(usize::MAX);
        match status {
            Status::StreamEnd if consumed == body.len() => return Ok(decoded),
            Status::StreamEnd => return Err(Coding::Deflate.damaged(MORE)),
            _ if consumed == read && decoded.len() == before => {
                return Err(Coding::Deflate.damaged(CUT_OFF));
            }
            _ => {}
        }
    }
}

/// Whether a body begins as RFC 1950 says.
fn has_zlib_header(body: &[u8]) -> bool {
    let &[method, flags, ..] = body else {
        return false;
    };
    method & 0x0f == 8 && method >> 4 <= 7 && u16::from_be_bytes([method, flags]) % 31 == 0
}

fn unbrotli(body: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let bytes = || HeapAlloc::<u8>::new(0);
    // Strictly RFC 7932: no windows larger than 16 MiB.
    let mut state = BrotliState::new_strict(
        bytes(),
        HeapAlloc::<u32>::new(0),
        HeapAlloc::<HuffmanCode>::new(HuffmanCode::default()),
    );
    let (mut unread, mut read) = (body.len(), 0);
    let (mut decoded, mut written, mut total) = (Vec::new(), 0, 0);
    loop {
        decoded.resize(written + STEP, 0);
        let mut room = STEP;
        let result = BrotliDecompressStream(
            &mut unread,
            &mut read,
            body,
            &mut room,
            &mut written,
            &mut decoded,
            &mut total,
            &mut state,
        );
        if written > limit {
            return Err(Fault::TooLarge);
        }
        match result {
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput => return Err(Coding::Brotli.damaged(CUT_OFF)),
            BrotliResult::ResultFailure => return Err(Coding::Brotli.damaged(CORRUPT)),
            BrotliResult::ResultSuccess if unread > 0 => return Err(Coding::Brotli.damaged(MORE)),
            BrotliResult::ResultSuccess => {
                decoded.truncate(written);
                return Ok(decoded);
            }
        }
    }
}

/// Decodes in one call and not as a stream. Then the result serves as the window, however large a window the body
/// asks for.
fn unzstd(body: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let mut decoder =
        DCtx::try_create().ok_or_else(|| Coding::Zstd.damaged("there is no memory"))?;
    let mut capacity = STEP;
    loop {
        capacity = capacity.saturating_mul(8).min(limit);
        let mut decoded = Vec::with_capacity(capacity);
        match decoder.decompress(&mut decoded, body) {
            Ok(_) => return Ok(decoded),
            Err(code) if !is(code, ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall) => {
                let cut_off = is(code, ZSTD_ErrorCode::ZSTD_error_srcSize_wrong);
                return Err(Coding::Zstd.damaged(if cut_off { CUT_OFF } else { CORRUPT }));
            }
            Err(_) if capacity == limit => return Err(Fault::TooLarge),
            Err(_) => {}
        }
    }
}

fn is(code: usize, kind: ZSTD_ErrorCode) -> bool {
    zstd_safe::is_error_kind(code, kind)
}
