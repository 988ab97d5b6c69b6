//! A body as JSON, piece by piece.
//!
//! Its form depends on all its bytes: text if they are text, otherwise base64. So a body that is too large to be kept in
//! memory is read twice, once to look and once to write.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sluice_store::{BodyReader, Error, Store, StoredBody};

use crate::history::Letters;

/// The largest body that is read whole.
const IN_MEMORY: u64 = 1 << 20;

/// The members `text` and `base64` of a body.
pub(super) struct Encoded {
    source: Source,
    encoding: Encoding,
    /// What is written next. `None` once the end is written.
    stage: Option<Stage>,
}

enum Source {
    Whole(Option<Bytes>),
    Parts(Box<BodyReader>),
}

enum Encoding {
    Text(Letters),
    /// The bytes that do not make three yet.
    Base64(Vec<u8>),
}

enum Stage {
    Opening,
    Content,
}

impl Encoded {
    /// The members of a body that is not kept.
    pub(super) const NOT_KEPT: &str = "\"text\":null,\"base64\":null";

    /// Begins to read a body.
    pub(super) async fn open(store: &Store, body: &StoredBody) -> Result<Self, Error> {
        let reader = store.body(body.id).await?;
        let (source, is_text) = match body.length <= IN_MEMORY {
            true => {
                let bytes = reader.collect().await?;
                let is_text = std::str::from_utf8(&bytes).is_ok();
                (Source::Whole(Some(bytes)), is_text)
            }
            false => {
                let again = store.body(body.id).await?;
                (Source::Parts(Box::new(again)), is_text(reader).await?)
            }
        };
        let encoding = match is_text {
            true => Encoding::Text(Letters::default()),
            false => Encoding::Base64(Vec::new()),
        };
        Ok(Self {
            source,
            encoding,
            stage: Some(Stage::Opening),
        })
    }

    /// The next piece. `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<String>, Error> {
        match self.stage {
            None => Ok(None),
            Some(Stage::Opening) => {
                self.stage = Some(Stage::Content);
                Ok(Some(self.encoding.opening().to_owned()))
            }
            Some(Stage::Content) => match self.source.next().await? {
                Some(bytes) => self.encoding.piece(&bytes).map(Some),
                None => {
                    self.stage = None;
                    Ok(Some(self.encoding.end()))
                }
            },
        }
    }
}

impl Source {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        match self {
            Self::Whole(bytes) => Ok(bytes.take()),
            Self::Parts(reader) => reader.next().await,
        }
    }
}

impl Encoding {
    fn opening(&self) -> &'static str {
        match self {
            Self::Text(_) => "\"text\":\"",
            Self::Base64(_) => "\"text\":null,\"base64\":\"",
        }
    }

    fn piece(&mut self, bytes: &[u8]) -> Result<String, Error> {
        match self {
            Self::Text(letters) => {
                let changed = || Error::Damaged("a body changed while it was read".to_owned());
                letters
                    .push(bytes)
                    .map(|text| escaped(&text))
                    .ok_or_else(changed)
            }
            Self::Base64(rest) => {
                rest.extend_from_slice(bytes);
                let rest_of_it = rest.split_off(rest.len() - rest.len() % 3);
                Ok(STANDARD.encode(std::mem::replace(rest, rest_of_it)))
            }
        }
    }

    fn end(&mut self) -> String {
        match self {
            Self::Text(_) => "\",\"base64\":null".to_owned(),
            Self::Base64(rest) => STANDARD.encode(rest) + "\"",
        }
    }
}

/// Whether a body is text.
async fn is_text(mut reader: BodyReader) -> Result<bool, Error> {
    let mut letters = Letters::default();
    while let Some(bytes) = reader.next().await? {
        if letters.push(&bytes).is_none() {
            return Ok(false);
        }
    }
    Ok(letters.is_whole())
}

/// A text as it stands between the quotes of JSON.
fn escaped(text: &str) -> String {
    let mut json = serde_json::to_string(text).expect("a text is JSON");
    json.pop();
    json.remove(0);
    json
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The members that bytes become if they come in pieces of this size.
    fn members(bytes: &'static [u8], size: usize) -> Value {
        let is_text = std::str::from_utf8(bytes).is_ok();
        let mut encoding = match is_text {
            true => Encoding::Text(Letters::default()),
            false => Encoding::Base64(Vec::new()),
        };
        let mut written = format!("{{{}", encoding.opening());
        for piece in bytes.chunks(size) {
            written += &encoding.piece(piece).unwrap();
        }
        written += &encoding.end();
        serde_json::from_str(&(written + "}")).unwrap()
    }

    #[test]
    fn a_body_is_the_same_however_it_is_cut() {
        let text = "{\"a\": \"ß\\n€\"}\u{0}\u{7f}\n😀";
        for size in 1..=text.len() {
            let read = members(text.as_bytes(), size);
            assert_eq!(read, json!({ "text": text, "base64": null }));
        }
        let bytes = b"\xff\x00\x01ab\xfe\x03";
        for size in 1..=bytes.len() {
            let read = members(bytes, size);
            assert_eq!(
                read,
                json!({ "text": null, "base64": STANDARD.encode(bytes) })
            );
        }
    }
}
