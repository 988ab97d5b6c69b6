//! Decodes the body of a reply, since policies read it and the caller's hop has an encoding of its own.

use std::io;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use axum::BoxError;
use axum::http::Response;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::io::{AsyncBufRead, AsyncRead};
use tokio_util::io::{ReaderStream, StreamReader};

use super::{Error, ReplyBody};

/// The codings that upstream may use, in the form of `Accept-Encoding`.
pub(super) const ACCEPTED: HeaderValue = HeaderValue::from_static("zstd,gzip,deflate,br");

/// The body of a reply, decoded. One in a coding that nobody asked for is left as it is, and so is its header.
pub type DecodedBody = UnsyncBoxBody<Bytes, BoxError>;

/// How much is decoded at once.
const STEP: usize = 16 << 10;

/// Decodes the body, whatever the case in which its coding is written.
pub(super) fn decoded(reply: Response<ReplyBody>) -> Response<DecodedBody> {
    let (mut parts, body) = reply.into_parts();
    let coding = coding(&parts.headers);
    let decode = match coding.as_deref() {
        Some("gzip" | "x-gzip") => gzip,
        Some("deflate") => |body| read(ZlibDecoder::new(reader(body))),
        Some("br") => |body| read(BrotliDecoder::new(reader(body))),
        Some("zstd") => zstd,
        Some("" | "identity") | None => whole,
        Some(_) => return Response::from_parts(parts, whole(body)),
    };
    if coding.is_some() {
        parts.headers.remove(CONTENT_ENCODING);
    }
    if !matches!(coding.as_deref(), Some("" | "identity") | None) {
        parts.headers.remove(CONTENT_LENGTH);
    }
    Response::from_parts(parts, decode(body))
}

/// The codings that the headers name, in lower case, with commas between them if there are several.
fn coding(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let values: Vec<String> = values
        .map(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .trim()
                .to_ascii_lowercase()
        })
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn whole(body: ReplyBody) -> DecodedBody {
    body.map_err(BoxError::from).boxed_unsync()
}

fn gzip(body: ReplyBody) -> DecodedBody {
    let mut decoder = GzipDecoder::new(reader(body));
    // RFC 1952: a file may have several members, which are one text together.
    decoder.multiple_members(true);
    read(decoder)
}

fn zstd(body: ReplyBody) -> DecodedBody {
    let mut decoder = ZstdDecoder::new(reader(body));
    decoder.multiple_members(true);
    read(decoder)
}

fn reader(body: ReplyBody) -> impl AsyncBufRead + Send {
    StreamReader::new(Box::pin(body.into_data_stream().map_err(io::Error::other)))
}

fn read(decoder: impl AsyncRead + Send + 'static) -> DecodedBody {
    let decoded = ReaderStream::with_capacity(decoder, STEP);
    StreamBody::new(decoded.map_ok(Frame::data).map_err(cause)).boxed_unsync()
}

/// Returns the error of the body itself, if that is why decoding failed.
fn cause(error: io::Error) -> BoxError {
    match error.downcast::<Error>() {
        Ok(cause) => Box::new(cause),
        Err(error) => Box::new(error),
    }
}
