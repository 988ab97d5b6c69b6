//! Exchanges as bytes, for as long as they are not taken apart into rows.
//!
//! The first byte tells the form, so that a later version knows what it reads, and an earlier one that it can't. The
//! form itself does not describe its fields: whoever changes [`Exchange`] or a type in it gives the form a new number.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::chain::{pack_tagged, unpack_tagged, unpacked_size};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::fields::raw;
use crate::item::Amendment;
use crate::message::Message;

/// The form that this version writes.
const FORM: u8 = 1;

/// An exchange whose bodies stand apart, each once, however many messages share it.
#[derive(Serialize, Deserialize)]
struct Parted {
    bodies: Vec<Raw>,
    /// Which body each message has, in the order of [`messages`].
    places: Vec<usize>,
    /// The exchange without its bodies.
    exchange: Exchange,
}

#[derive(Serialize, Deserialize)]
struct Raw(#[serde(with = "raw")] Bytes);

/// Turns an exchange into bytes.
pub(crate) fn encode_exchange(exchange: &Exchange, compress: bool) -> Result<Bytes, Error> {
    let mut exchange = exchange.clone();
    let mut bodies: Vec<Raw> = Vec::new();
    let mut places = Vec::new();
    for message in messages(&mut exchange) {
        let bytes = std::mem::take(&mut message.body.bytes);
        places.push(place(&mut bodies, bytes));
    }
    let parted = Parted {
        bodies,
        places,
        exchange,
    };
    encode(&parted, compress)
}

/// Brings back what [`encode_exchange`] made.
pub(crate) fn decode_exchange(bytes: &Bytes) -> Result<Exchange, Error> {
    let Parted {
        bodies,
        places,
        mut exchange,
    } = decode(bytes)?;
    let mut places = places.into_iter();
    for message in messages(&mut exchange) {
        let body = places.next().and_then(|place| bodies.get(place));
        message.body.bytes = body.ok_or_else(damaged)?.0.clone();
    }
    places.next().map_or(Ok(exchange), |_| Err(damaged()))
}

/// How many bytes there are once these are unpacked, without doing so. What is unpacked is never more.
pub(crate) fn unpacked(bytes: &[u8]) -> u64 {
    let size = match bytes.split_first() {
        Some((&FORM, tagged)) => unpacked_size(tagged),
        // Nothing of another form is unpacked.
        _ => None,
    };
    size.unwrap_or(bytes.len() as u64)
}

/// Turns an amendment into bytes.
pub(crate) fn encode_amendment(amendment: &Amendment) -> Result<Bytes, Error> {
    encode(amendment, false)
}

/// Brings back what [`encode_amendment`] made.
pub(crate) fn decode_amendment(bytes: &Bytes) -> Result<Amendment, Error> {
    decode(bytes)
}

fn encode(value: &impl Serialize, compress: bool) -> Result<Bytes, Error> {
    let plain = postcard::to_allocvec(value)
        .map_err(|error| Error::Damaged(format!("an exchange has no bytes: {error}")))?;
    let packed = pack_tagged(plain, compress);
    let mut bytes = Vec::with_capacity(packed.len() + 1);
    bytes.push(FORM);
    bytes.extend_from_slice(&packed);
    Ok(bytes.into())
}

fn decode<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Error> {
    match bytes.first() {
        Some(&FORM) => {}
        Some(&form) => return Err(Error::Form { form }),
        None => return Err(damaged()),
    }
    let plain = unpack_tagged(&bytes.slice(1..))?;
    match postcard::take_from_bytes(&plain) {
        Ok((value, [])) => Ok(value),
        _ => Err(damaged()),
    }
}

fn messages(exchange: &mut Exchange) -> impl Iterator<Item = &mut Message> {
    let attempts = exchange.attempts.iter_mut();
    let tries = attempts
        .flat_map(|attempt| std::iter::once(&mut attempt.sent).chain(&mut attempt.received));
    std::iter::once(&mut exchange.asked)
        .chain(&mut exchange.delivered)
        .chain(tries)
}

/// The place of a body among those that differ.
fn place(bodies: &mut Vec<Raw>, bytes: Bytes) -> usize {
    let is_same = |other: &Raw| {
        let (one, other) = (&bytes, &other.0);
        one.len() == other.len() && (one.as_ptr() == other.as_ptr() || one == other)
    };
    bodies.iter().position(is_same).unwrap_or_else(|| {
        bodies.push(Raw(bytes));
        bodies.len() - 1
    })
}

fn damaged() -> Error {
    Error::Damaged("an exchange that waits to be stored is cut short".to_owned())
}
