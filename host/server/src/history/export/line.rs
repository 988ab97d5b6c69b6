//! One exchange as a line of JSON, in pieces: what is known of it in one, each body in as many as it takes.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;
use sluice_store::{Error, Record, Store, StoredBody, StoredMessage};

use super::body::Encoded;
use super::erased::Erased;
use crate::history::convert;

/// The version of the lines of an export. It counts changes of their form.
pub(super) const VERSION: u32 = 1;

/// What a line begins with. Behind it stands `bodies`: `place` (`asked`, `sent-1`, `received-1`, `delivered`), `text`, and
/// `base64` in its place if it is no text. Both are `null` if the body is not kept.
#[derive(Serialize)]
struct Head {
    version: u32,
    #[serde(flatten)]
    exchange: sluice_api::Exchange,
}

/// What is left of a line.
#[derive(Default)]
pub(super) struct Line(VecDeque<Piece>);

enum Piece {
    Text(String),
    Body(StoredBody),
    Encoded(Box<Encoded>),
}

impl Line {
    /// Begins the line of an exchange.
    pub(super) fn begin(record: Record) -> Self {
        let bodies = bodies(&record);
        let head = Head {
            version: VERSION,
            exchange: convert::exchange(record),
        };
        let mut head = serde_json::to_string(&head).expect("these types are JSON");
        // The bodies come before the end of the object.
        head.pop();
        let mut parts = VecDeque::from([Piece::Text(head + ",\"bodies\":[")]);
        for (number, (place, body)) in bodies.into_iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            parts.push_back(Piece::Text(format!("{comma}{{\"place\":\"{place}\",")));
            parts.push_back(match body.kept {
                true => Piece::Body(body),
                false => Piece::Text(Encoded::NOT_KEPT.to_owned()),
            });
            parts.push_back(Piece::Text("}".to_owned()));
        }
        parts.push_back(Piece::Text("]}\n".to_owned()));
        Self(parts)
    }

    /// The next piece. `None` at the end. Counts the bodies that were erased since the line began.
    pub(super) async fn next(
        &mut self,
        store: &Store,
        erased: &mut Erased,
    ) -> Result<Option<Bytes>, Error> {
        loop {
            match self.0.pop_front() {
                None => return Ok(None),
                Some(Piece::Text(text)) => return Ok(Some(text.into())),
                Some(Piece::Body(body)) => {
                    self.0.push_front(match Encoded::open(store, &body).await {
                        Ok(encoded) => Piece::Encoded(Box::new(encoded)),
                        Err(Error::Gone) => {
                            erased.bodies += 1;
                            Piece::Text(Encoded::NOT_KEPT.to_owned())
                        }
                        Err(error) => return Err(error),
                    })
                }
                Some(Piece::Encoded(mut encoded)) => {
                    if let Some(piece) = encoded.next().await? {
                        self.0.push_front(Piece::Encoded(encoded));
                        return Ok(Some(piece.into()));
                    }
                }
            }
        }
    }
}

/// The bodies of an exchange, with what they are called.
fn bodies(record: &Record) -> Vec<(String, StoredBody)> {
    let mut bodies = Vec::new();
    let mut add =
        |place: String, message: &StoredMessage| bodies.push((place, message.body.clone()));
    add("asked".to_owned(), &record.asked);
    for attempt in &record.attempts {
        add(format!("sent-{}", attempt.number), &attempt.sent);
        if let Some(received) = &attempt.received {
            add(format!("received-{}", attempt.number), received);
        }
    }
    if let Some(delivered) = &record.delivered {
        add("delivered".to_owned(), delivered);
    }
    bodies
}
