//! The content of a block, as it stands in a row.

use bytes::Bytes;

use crate::chain::{Codec, unpack};
use crate::db::Row;
use crate::error::Error;

/// Reads three columns: size, codec, bytes.
pub(crate) fn content(row: &Row, column: usize) -> Result<Bytes, Error> {
    let size = usize::try_from(row.count(column)?).map_err(|_| Error::odd(column))?;
    let codec = Codec::from_number(row.need_int(column + 1)?).ok_or_else(|| Error::odd(column))?;
    unpack(codec, &row.need_bytes(column + 2)?, size)
}
