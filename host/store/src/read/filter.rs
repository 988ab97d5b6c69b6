//! Which exchanges a list shows, and which page of it.

use uuid::Uuid;

use super::summary;
use crate::db::{Kind, Row, Value};
use crate::error::Error;
use crate::exchange::Ending;
use crate::names::bounded;
use crate::search::Query;

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
    /// Of this caller.
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

impl Default for Page {
    fn default() -> Self {
        Self {
            order: Order::NewestFirst,
            limit: 50,
            after: None,
        }
    }
}

/// Where a page ended: the time and id of an exchange, and a place within it or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    at: i64,
    id: Uuid,
    place: i64,
}

impl Cursor {
    pub(super) fn new(at: i64, id: Uuid, place: i64) -> Self {
        Self { at, id, place }
    }

    /// Reads the first columns of a summary.
    fn of(row: &Row, place: i64) -> Result<Self, Error> {
        Ok(Self::new(
            row.need_int(1)?,
            summary::id(&row.need_bytes(0)?)?,
            place,
        ))
    }

    pub(super) fn token(self) -> String {
        format!("{}.{}.{}", self.at, self.id.simple(), self.place)
    }

    pub(super) fn read(token: &str) -> Result<Self, Error> {
        let read = |token: &str| {
            let mut parts = token.split('.');
            let at = parts.next()?.parse().ok()?;
            let id = Uuid::try_parse(parts.next()?).ok()?;
            let place = parts.next()?.parse().ok()?;
            parts.next().is_none().then_some(Self { at, id, place })
        };
        // A token is written in one way.
        let cursor = read(token).filter(|cursor| cursor.token() == token);
        cursor.ok_or(Error::Token)
    }

    /// The exchange's time and id.
    pub(super) fn values(self) -> [Value; 2] {
        [self.at.into(), self.id.into()]
    }

    pub(super) fn at(self) -> i64 {
        self.at
    }

    pub(super) fn place(self) -> i64 {
        self.place
    }
}

impl Page {
    pub(super) fn cursor(&self) -> Result<Option<Cursor>, Error> {
        self.after.as_deref().map(Cursor::read).transpose()
    }

    /// One more than is shown, to know whether there is more.
    pub(super) fn fetch(&self) -> Value {
        Value::from(self.limit() + 1)
    }

    fn limit(&self) -> u32 {
        self.limit.clamp(1, MOST)
    }

    /// Cuts the rows to the page. Returns where the next one goes on.
    pub(super) fn cut(
        &self,
        rows: &mut Vec<Row>,
        place: impl FnOnce(&Row) -> Result<i64, Error>,
    ) -> Result<Option<String>, Error> {
        self.cut_by(rows, |row| Cursor::of(row, place(row)?))
    }

    pub(super) fn cut_by(
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

/// Conditions on the way into a statement, with what they are about.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    texts: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition. Each `?` in it is the next of the values.
    pub(super) fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let mut text = String::new();
        let mut parts = condition.split('?');
        text += parts.next().unwrap_or_default();
        let mut next = self.values.len();
        for part in parts {
            next += 1;
            text += &format!("${next}{part}");
        }
        self.texts.push(text);
        self.values.extend(values);
    }

    /// The conditions as they stand behind `WHERE`.
    pub(super) fn text(&self) -> String {
        match self.texts.is_empty() {
            true => "1 = 1".to_owned(),
            false => self.texts.join(" AND "),
        }
    }
}

/// The id of a name.
const NAMED: &str = "(SELECT id FROM name WHERE what = ? AND parent = 0 AND name = ?)";

impl Filter {
    /// Adds everything but the text.
    pub(super) fn add_to(&self, conditions: &mut Conditions) {
        let mut number = |condition: &str, value: Option<Value>| {
            if let Some(value) = value {
                conditions.add(condition, [value]);
            }
        };
        number("e.received_at >= ?", self.from.map(Value::from));
        number("e.received_at < ?", self.until.map(Value::from));
        number("e.session = ?", self.session.map(Value::from));
        number("e.status = ?", self.status.map(Value::from));
        number(
            "e.ending = ?",
            self.ending.map(|ending| ending.as_str().into()),
        );
        let named = [
            ("caller", &self.caller),
            ("model", &self.model),
            ("api", &self.api),
        ];
        for (what, name) in named {
            if let Some(name) = name {
                let condition = format!("e.{what} = {NAMED}");
                conditions.add(&condition, [what.into(), (&*bounded(name)).into()]);
            }
        }
        self.add_verdict(conditions);
    }

    /// One verdict must have all that is asked of verdicts.
    fn add_verdict(&self, conditions: &mut Conditions) {
        let mut text = "EXISTS (SELECT 1 FROM verdict v WHERE v.exchange = e.id".to_owned();
        let mut values: Vec<Value> = Vec::new();
        if let Some(policy) = &self.policy {
            text += &format!(" AND v.policy = {NAMED}");
            values.extend(["policy".into(), (&*bounded(policy)).into()]);
        }
        if let Some(rule) = &self.rule {
            text += " AND v.rule IN (SELECT id FROM name WHERE what = 'rule' AND name = ?)";
            values.push((&*bounded(rule)).into());
        }
        if let Some(verdict) = &self.verdict {
            text += " AND v.verdict = ?";
            values.push((&**verdict).into());
        }
        if !values.is_empty() {
            text += ")";
            conditions.add(&text, values);
        }
    }

    /// Adds the text. Returns whether it can be found at all.
    pub(super) fn add_text(&self, kind: Kind, conditions: &mut Conditions) -> bool {
        let Some(text) = &self.text else {
            return true;
        };
        let Some(query) = Query::new(text) else {
            return false;
        };
        let blocks = Query::blocks(kind, conditions.values.len() + 1);
        let condition = format!("e.id IN (SELECT exchange FROM seen WHERE block IN ({blocks}))");
        conditions.add(&condition, [query.text(kind).into()]);
        true
    }

    /// A filter that uses everything, for the test that prepares every statement.
    #[cfg(test)]
    pub(super) fn full() -> Self {
        let word = || Some("word".to_owned());
        Self {
            from: Some(1),
            until: Some(2),
            session: Some(3),
            caller: word(),
            model: word(),
            api: word(),
            policy: word(),
            verdict: word(),
            rule: word(),
            status: Some(200),
            ending: Some(Ending::Delivered),
            text: word(),
        }
    }
}
