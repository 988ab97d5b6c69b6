//! An exchange as a list shows it.

use std::time::Duration;

use uuid::Uuid;

use crate::db::Row;
use crate::error::Error;
use crate::exchange::{Ending, SessionKey};
use crate::times::Times;

/// The numbers and names of an exchange, without its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub id: Uuid,
    /// When the request arrived, in milliseconds since 1970.
    pub received_at: u64,
    /// A pseudonym of who sent it.
    pub caller: Option<String>,
    /// The id of its session, for [`Filter::session`](crate::Filter::session).
    pub session_id: i64,
    /// The session that it belongs to.
    pub session: SessionKey,
    /// The dialect that it was spoken in.
    pub api: String,
    /// The model that was asked for.
    pub model: Option<String>,
    /// The request's method.
    pub method: String,
    /// The path that was asked for.
    pub path: String,
    /// Whether the caller asked for a stream.
    pub streaming: bool,
    /// The status that the caller got, if it got one.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// Why it ended so.
    pub cause: Option<String>,
    /// How long it took.
    pub times: Times,
    /// How many events were left out because there were too many.
    pub dropped_events: u64,
    /// Whether its contents are still kept.
    pub contents: bool,
    /// The session that its session continues.
    pub continues: Option<i64>,
}

impl Summary {
    /// Reads the columns of [`SUMMARY`](super::statements::SUMMARY).
    pub(super) fn read(row: &Row) -> Result<Self, Error> {
        let agent = row.need_text(5)?;
        let session = SessionKey {
            key: row.need_text(4)?,
            found_by: row.need_text(7)?.into(),
            agent: (!agent.is_empty()).then_some(agent),
            parent_agent: row.text(6)?,
        };
        Ok(Self {
            id: id(&row.need_bytes(0)?)?,
            received_at: row.count(1)?,
            caller: row.text(2)?,
            session_id: row.need_int(3)?,
            session,
            api: row.need_text(8)?,
            model: row.text(9)?,
            method: row.need_text(10)?,
            path: row.need_text(11)?,
            streaming: row.need_int(12)? != 0,
            status: small(row, 13)?,
            ending: Ending::from_word(&row.need_text(14)?).ok_or_else(|| Error::odd(14))?,
            cause: row.text(15)?,
            times: times(row, 16)?,
            dropped_events: row.count(19)?,
            contents: row.need_int(20)? != 0,
            continues: row.int(23)?,
        })
    }
}

/// A UUID as it is stored.
pub(super) fn id(bytes: &[u8]) -> Result<Uuid, Error> {
    Uuid::from_slice(bytes).map_err(|_| Error::Damaged("an id has another length".to_owned()))
}

/// The three durations from this column on.
pub(super) fn times(row: &Row, column: usize) -> Result<Times, Error> {
    Ok(Times {
        first_byte: small::<u64>(row, column)?.map(Duration::from_micros),
        held: Duration::from_micros(row.count(column + 1)?),
        total: Duration::from_micros(row.count(column + 2)?),
    })
}

/// A number of a smaller type, if there is one.
pub(super) fn small<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<Option<T>, Error> {
    let number = row.int(column)?;
    let number = number.map(|number| T::try_from(number).map_err(|_| Error::odd(column)));
    number.transpose()
}
