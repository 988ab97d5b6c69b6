//! What goes into a statement and comes out of a row.

use bytes::Bytes;

use crate::error::Error;

/// A value. Its type shows even if there is none, because PostgreSQL wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Bytes>),
}

/// One row of an answer.
#[derive(Debug)]
pub(crate) struct Row(pub(super) Vec<Value>);

impl Row {
    /// How many columns it has.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The integer in a column, if there is one.
    pub(crate) fn int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.0.get(column) {
            Some(Value::Int(value)) => Ok(*value),
            other => absent(other, column),
        }
    }

    /// The text in a column, if there is one.
    pub(crate) fn text(&self, column: usize) -> Result<Option<String>, Error> {
        match self.0.get(column) {
            Some(Value::Text(value)) => Ok(value.clone()),
            other => absent(other, column),
        }
    }

    /// The bytes in a column, if there are any.
    pub(crate) fn bytes(&self, column: usize) -> Result<Option<Bytes>, Error> {
        match self.0.get(column) {
            Some(Value::Bytes(value)) => Ok(value.clone()),
            other => absent(other, column),
        }
    }

    /// The integer in a column that always has one.
    pub(crate) fn need_int(&self, column: usize) -> Result<i64, Error> {
        self.int(column)?.ok_or_else(|| Error::odd(column))
    }

    /// The text in a column that always has one.
    pub(crate) fn need_text(&self, column: usize) -> Result<String, Error> {
        self.text(column)?.ok_or_else(|| Error::odd(column))
    }

    /// The bytes in a column that always has some.
    pub(crate) fn need_bytes(&self, column: usize) -> Result<Bytes, Error> {
        self.bytes(column)?.ok_or_else(|| Error::odd(column))
    }

    /// A number that cannot be negative.
    pub(crate) fn count(&self, column: usize) -> Result<u64, Error> {
        u64::try_from(self.need_int(column)?).map_err(|_| Error::odd(column))
    }
}

/// SQLite says of an absent value only that it is none, not which type it would have.
fn absent<T>(value: Option<&Value>, column: usize) -> Result<Option<T>, Error> {
    match value {
        Some(Value::Int(None) | Value::Text(None) | Value::Bytes(None)) => Ok(None),
        _ => Err(Error::odd(column)),
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(Some(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u16> for Value {
    fn from(value: u16) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        // PostgreSQL's texts have no NUL. Both databases get the same.
        let clean = if value.contains('\0') {
            value.replace('\0', "\u{fffd}")
        } else {
            value
        };
        Self::Text(Some(clean))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::from(value.to_owned())
    }
}

impl From<Bytes> for Value {
    fn from(value: Bytes) -> Self {
        Self::Bytes(Some(value))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::from(Bytes::from(value))
    }
}

impl From<uuid::Uuid> for Value {
    fn from(value: uuid::Uuid) -> Self {
        Self::from(value.as_bytes().to_vec())
    }
}

impl<T> From<Option<T>> for Value
where
    T: Into<Self> + Typed,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(T::NONE, Into::into)
    }
}

/// A type that may be absent.
pub(crate) trait Typed {
    /// Its absence.
    const NONE: Value;
}

macro_rules! typed {
    ($($type:ty = $none:ident),+) => {
        $(impl Typed for $type { const NONE: Value = Value::$none(None); })+
    };
}
typed!(i64 = Int, u64 = Int, u32 = Int, u16 = Int, String = Text, &str = Text, Bytes = Bytes, Vec<u8> = Bytes);
