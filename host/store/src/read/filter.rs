//! Which exchanges a list shows, and which page of it.

use crate::db::{Row, Value};
use crate::error::Error;
use crate::exchange::Ending;

/// The most entries of a page.
const MOST: u32 = 500;

/// Which exchanges are meant: those to which all of this applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Received at this time or later, in milliseconds since 1970.
    pub from: Option<u64>,
    /// Received before this time.
    pub until: Option<u64>,
    /// Of this session.
    pub session: Option<i64>,
    /// Of this caller: its pseudonym, or else the name of its keys if no other caller has one of that name.
    pub caller: Option<String>,
    /// For this model.
    pub model: Option<String>,
    /// In this dialect.
    pub api: Option<String>,
    /// A policy of this name said something. If a verdict or a rule is named too, they belong together.
    pub policy: Option<String>,
    /// A policy said this.
    pub verdict: Option<String>,
    /// A policy named this rule.
    pub rule: Option<String>,
    /// The caller got this status.
    pub status: Option<u16>,
    /// It ended so.
    pub ending: Option<Ending>,
    /// These words turned up in it, for the first time in its session. Words in double quotes are a phrase.
    pub text: Option<String>,
}

/// In which order a list goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// From the newest to the oldest.
    #[default]
    NewestFirst,
    /// From the oldest to the newest.
    OldestFirst,
}

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In which order.
    pub order: Order,
    /// The most entries; at most 500.
    pub limit: u32,
    /// Where the page before it ended: its [`Paged::next`].
    pub after: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    /// Its entries.
    pub entries: Vec<T>,
    /// Where the next page goes on. `None` if there is no more.
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// A page of a list in which there is nothing.
    pub(super) fn empty() -> Self {
        Self {
            entries: Vec::new(),
            next: None,
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self {
            order: Order::NewestFirst,
            limit: 50,
            after: None,
        }
    }
}

/// Where a page ended: the time and id of an entry, and a place within it or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cursor {
    pub(super) at: i64,
    pub(super) id: i64,
    pub(super) place: i64,
}

impl Cursor {
    pub(super) fn new(at: i64, id: i64, place: i64) -> Self {
        Self { at, id, place }
    }

    pub(super) fn token(self) -> String {
        format!("{}.{}.{}", self.at, self.id, self.place)
    }

    pub(super) fn read(token: &str) -> Result<Self, Error> {
        let read = |token: &str| {
            let mut parts = token.split('.').map(str::parse);
            match [parts.next(), parts.next(), parts.next(), parts.next()] {
                [Some(Ok(at)), Some(Ok(id)), Some(Ok(place)), None] => Some(Self { at, id, place }),
                _ => None,
            }
        };
        // A token is written in one way.
        let cursor = read(token).filter(|cursor| cursor.token() == token);
        cursor.ok_or(Error::Token)
    }

    /// The entry's time and id.
    pub(super) fn values(self) -> [Value; 2] {
        [self.at.into(), self.id.into()]
    }
}

impl Page {
    pub(super) fn cursor(&self) -> Result<Option<Cursor>, Error> {
        self.after.as_deref().map(Cursor::read).transpose()
    }

    /// One more than is shown, to know whether there is more.
    pub(super) fn fetch(&self) -> u32 {
        self.limit() + 1
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit.clamp(1, MOST)
    }

    /// Cuts the rows to the page. Returns where the next one goes on.
    pub(super) fn cut(
        &self,
        rows: &mut Vec<Row>,
        cursor: impl FnOnce(&Row) -> Result<Cursor, Error>,
    ) -> Result<Option<String>, Error> {
        let limit = self.limit() as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let cursor = last.map(cursor).transpose()?;
        Ok(cursor.map(Cursor::token))
    }
}

impl Order {
    /// Whether one place comes behind another.
    pub(super) fn is_after(self, one: Cursor, other: Cursor) -> bool {
        match self {
            Self::NewestFirst => one < other,
            Self::OldestFirst => one > other,
        }
    }

    /// How a later entry compares with the one before it.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::NewestFirst => "<",
            Self::OldestFirst => ">",
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NewestFirst => "DESC",
            Self::OldestFirst => "ASC",
        }
    }
}
