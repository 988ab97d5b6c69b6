//! Which form a reply has: a stream of events, or one body.
//!
//! Its first bytes decide, because its content type may be wrong. Some servers send streams as `application/json` or
//! without a type, and clients that asked for a stream do not look at it. Some announce a stream and send an error as
//! bare JSON.

use axum::BoxError;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};

use super::delivery::{Arrival, Upstream};

/// How a reply comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Stream,
    Whole,
}

/// The most blank bytes that may come before the first byte that decides.
const MOST_BLANK: usize = 64 << 10;

/// Waits for the first bytes that tell the form of a body. If none do, the form is `expected`. Returns the body with these
/// bytes in it.
pub(super) async fn of<S>(mut body: S, expected: Form) -> (Form, Upstream)
where
    S: Stream<Item = Arrival> + Send + Unpin + 'static,
{
    let mut seen: Vec<Result<Bytes, BoxError>> = Vec::new();
    let mut blank = 0;
    let mut form = expected;
    while let Some(arrived) = body.next().await {
        let decided = arrived
            .as_ref()
            .ok()
            .map(|bytes| (decided_by(bytes), bytes.len()));
        seen.push(arrived);
        match decided {
            Some((Some(told), _)) => {
                form = told;
                break;
            }
            Some((None, length)) if blank + length <= MOST_BLANK => blank += length,
            Some((None, _)) | None => break,
        }
    }
    (form, stream::iter(seen).chain(body).boxed())
}

/// Returns the form that follows from the first byte that is not blank. JSON begins with a bracket, and no line of an
/// event stream does. `None` if all bytes are blank.
fn decided_by(bytes: &[u8]) -> Option<Form> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    Some(match first {
        b'{' | b'[' => Form::Whole,
        _ => Form::Stream,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn form(pieces: &[&'static str], expected: Form) -> (Form, String) {
        let pieces: Vec<Arrival> = pieces
            .iter()
            .map(|piece| Ok(Bytes::from_static(piece.as_bytes())))
            .collect();
        let (form, body) = of(stream::iter(pieces), expected).await;
        let bytes: Vec<Bytes> = body
            .map(|arrived| arrived.expect("it arrives"))
            .collect()
            .await;
        (form, String::from_utf8(bytes.concat()).expect("text"))
    }

    #[tokio::test]
    async fn the_first_bytes_tell_the_form_and_stay_in_the_body() {
        for (pieces, told) in [
            (&["data: {}\n\n", "data: x\n\n"][..], Form::Stream),
            (&["", "\n\n", ": hello\n", "data: {}\n\n"], Form::Stream),
            (&["{\"error\":", "{}}"], Form::Whole),
            (&["\u{feff} \n", "[1]"], Form::Whole),
            (&["event: message_start\n"], Form::Stream),
        ] {
            for expected in [Form::Stream, Form::Whole] {
                assert_eq!(
                    form(pieces, expected).await,
                    (told, pieces.concat()),
                    "{pieces:?}"
                );
            }
        }
        for expected in [Form::Stream, Form::Whole] {
            assert_eq!(form(&[" \n"], expected).await, (expected, " \n".to_owned()));
            assert_eq!(form(&[], expected).await, (expected, String::new()));
        }
    }
}
