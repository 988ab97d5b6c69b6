//! One exchange with all that is known of it.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use super::body::{BodyId, ContentId};
use super::statements::{ATTEMPTS, HEADERS, MESSAGES, REPLY, VERDICTS, one_summary};
use super::summary::{Summary, small, times};
use crate::attempt::Usage;
use crate::chain::{decode_frames, unpack_tagged};
use crate::db::{Row, Tx, Value};
use crate::error::Error;
use crate::exchange::NotJudged;
use crate::message::Frame;
use crate::store::Store;
use crate::times::Times;
use crate::verdict::{Side, Verdict};

/// A stored exchange. Its bodies and contents are read on their own.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its numbers and names.
    pub summary: Summary,
    /// The request as the caller sent it.
    pub asked: StoredMessage,
    /// What went to upstream and came back, in order.
    pub attempts: Vec<StoredAttempt>,
    /// The reply as the caller got it.
    pub delivered: Option<StoredMessage>,
    /// What policies said, in order.
    pub verdicts: Vec<StoredVerdict>,
    /// What no policy judged, and why.
    pub not_judged: Vec<NotJudged>,
    /// The blocks of the reply, as upstream sent them.
    pub reply: Vec<StoredBlock>,
}

/// A stored try to get a reply from upstream. The fields are those of an [`Attempt`](crate::Attempt).
#[derive(Clone, Debug)]
#[allow(
    missing_docs,
    reason = "they are those of an `Attempt`, and documented there"
)]
pub struct StoredAttempt {
    pub number: u32,
    pub upstream: String,
    pub started_at: u64,
    pub sent: StoredMessage,
    pub status: Option<u16>,
    pub received: Option<StoredMessage>,
    pub usage: Usage,
    pub reply_id: Option<String>,
    pub reply_model: Option<String>,
    pub stop_reason: Option<String>,
    pub error: Option<String>,
    pub times: Times,
}

/// A stored request or reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its headers. `None` if they were erased.
    pub headers: Option<Vec<(String, String)>>,
    /// The frames of a stream.
    pub frames: Vec<Frame>,
    /// The content coding in which it came, if it was decoded.
    pub encoding: Option<String>,
    /// How many bytes followed that were too many to keep.
    pub missing: u64,
    /// Its body.
    pub body: StoredBody,
}

/// What is known of a body without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBody {
    /// Its id. Messages with equal bodies share it.
    pub id: BodyId,
    /// How many bytes it has.
    pub length: u64,
    /// The SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Whether its bytes are kept.
    pub kept: bool,
}

/// A stored verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVerdict {
    /// The verdict, without the contents before and after it.
    pub verdict: Verdict,
    /// The block's content before this policy's step.
    pub before: Option<ContentId>,
    /// The block's content after it, if the step changed it.
    pub after: Option<ContentId>,
}

/// A stored block of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlock {
    /// Its place in the reply, counted from 0.
    pub number: u32,
    /// What it is.
    pub kind: String,
    /// The name of the tool, if it is a call of one.
    pub tool: Option<String>,
    /// Its content. `None` if it was erased.
    pub content: Option<ContentId>,
}

impl Store {
    /// Reads an exchange. `None` if there is no such exchange.
    pub async fn exchange(&self, id: Uuid) -> Result<Option<Record>, Error> {
        let mut tx = self.database.read().await?;
        let Some(row) = tx.row(&one_summary(), vec![id.into()]).await? else {
            return Ok(None);
        };
        let id = row.need_int(22)?;
        let key = || vec![Value::from(id)];
        let mut messages = messages(&mut tx, key()).await?;
        let mut take = |place: u16, attempt: u32| messages.remove(&(place, attempt));
        let asked = take(ASKED, 0);
        let delivered = take(DELIVERED, 0);
        let mut attempts = Vec::new();
        for row in tx.rows(&ATTEMPTS, key()).await? {
            let number = need(small(&row, 0)?, 0)?;
            let (sent, received) = (take(SENT, number), take(RECEIVED, number));
            attempts.push(attempt(&row, number, need(sent, 0)?, received)?);
        }
        let verdicts = tx.rows(&VERDICTS, key()).await?;
        let reply = tx.rows(&REPLY, key()).await?;
        Ok(Some(Record {
            summary: Summary::read(&row)?,
            asked: need(asked, 0)?,
            attempts,
            delivered,
            verdicts: verdicts.iter().map(verdict).collect::<Result<_, _>>()?,
            not_judged: not_judged(row.text(21)?.as_deref())?,
            reply: reply.iter().map(reply_block).collect::<Result<_, _>>()?,
        }))
    }
}

/// Where a message stands: its place, and the number of its attempt.
type Place = (u16, u32);
type Headers = Vec<(String, String)>;

const ASKED: u16 = 0;
const SENT: u16 = 1;
const RECEIVED: u16 = 2;
const DELIVERED: u16 = 3;

async fn messages(tx: &mut Tx, key: Vec<Value>) -> Result<HashMap<Place, StoredMessage>, Error> {
    let lists = tx.row(&HEADERS, key.clone()).await?;
    let lists = lists.map(|row| headers(&row.need_bytes(0)?)).transpose()?;
    let mut lists = lists.unwrap_or_default();
    let rows = tx.rows(&MESSAGES, key).await?;
    let one = |row: &Row| {
        let place = (need(small(row, 0)?, 0)?, need(small(row, 1)?, 1)?);
        Ok((place, message(row, lists.remove(&place))?))
    };
    rows.iter().map(one).collect()
}

fn message(row: &Row, headers: Option<Headers>) -> Result<StoredMessage, Error> {
    let frames = row
        .bytes(2)?
        .map(|packed| decode_frames(&packed))
        .transpose()?;
    let digest = row.need_bytes(6)?;
    Ok(StoredMessage {
        headers,
        frames: frames.unwrap_or_default(),
        encoding: row.text(3)?,
        missing: row.count(8)?,
        body: StoredBody {
            id: BodyId(row.need_int(4)?),
            length: row.count(5)?,
            digest: digest[..].try_into().map_err(|_| Error::odd(6))?,
            kept: row.need_int(7)? != 0,
        },
    })
}

/// The headers of all messages of an exchange.
fn headers(packed: &Bytes) -> Result<HashMap<Place, Headers>, Error> {
    let json = unpack_tagged(packed)?;
    let lists: Vec<(u16, u32, Headers)> = serde_json::from_slice(&json)
        .map_err(|error| Error::Damaged(format!("the headers of an exchange: {error}")))?;
    let placed = |(place, attempt, list)| ((place, attempt), list);
    Ok(lists.into_iter().map(placed).collect())
}

fn attempt(
    row: &Row,
    number: u32,
    sent: StoredMessage,
    received: Option<StoredMessage>,
) -> Result<StoredAttempt, Error> {
    Ok(StoredAttempt {
        number,
        upstream: row.need_text(1)?,
        started_at: row.count(2)?,
        sent,
        status: small(row, 3)?,
        received,
        usage: Usage {
            raw: row.text(4)?,
            input: small(row, 5)?,
            output: small(row, 6)?,
            cache_read: small(row, 7)?,
            cache_write_5m: small(row, 8)?,
            cache_write_1h: small(row, 9)?,
            reasoning: small(row, 10)?,
        },
        reply_id: row.text(11)?,
        reply_model: row.text(12)?,
        stop_reason: row.text(13)?,
        error: row.text(14)?,
        times: times(row, 15)?,
    })
}

fn verdict(row: &Row) -> Result<StoredVerdict, Error> {
    let word = |column| Ok::<_, Error>(row.text(column)?.map(Into::into));
    let verdict = Verdict {
        policy: row.need_text(0)?,
        revision: row.need_text(1)?,
        hook: row.need_text(2)?.into(),
        side: need(Side::from_word(&row.need_text(3)?), 3)?,
        block: small(row, 4)?,
        verdict: word(5)?,
        action: word(6)?,
        rule: row.text(7)?,
        reason: row.text(8)?,
        detail: row.text(9)?,
        fuel: row.count(10)?,
        time: Duration::from_micros(row.count(11)?),
        before: None,
        after: None,
        pointer: row.text(14)?,
        outcome: word(15)?,
        emitted: word(16)?,
    };
    Ok(StoredVerdict {
        verdict,
        before: row.int(12)?.map(ContentId),
        after: row.int(13)?.map(ContentId),
    })
}

fn reply_block(row: &Row) -> Result<StoredBlock, Error> {
    Ok(StoredBlock {
        number: need(small(row, 0)?, 0)?,
        kind: row.need_text(1)?,
        tool: row.text(2)?,
        content: row.int(3)?.map(ContentId),
    })
}

fn not_judged(json: Option<&str>) -> Result<Vec<NotJudged>, Error> {
    let damaged = || Error::Damaged("what was not judged is not readable".to_owned());
    let list: Vec<(String, String, String)> = match json {
        Some(json) => serde_json::from_str(json).map_err(|_| damaged())?,
        None => Vec::new(),
    };
    let one = |(side, kind, because): (String, String, String)| {
        Some(NotJudged {
            side: Side::from_word(&side)?,
            kind: kind.into(),
            because: because.into(),
        })
    };
    list.into_iter()
        .map(one)
        .collect::<Option<_>>()
        .ok_or_else(damaged)
}

fn need<T>(value: Option<T>, column: usize) -> Result<T, Error> {
    value.ok_or_else(|| Error::odd(column))
}
