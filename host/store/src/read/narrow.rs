//! A filter on its way to the database: its names are looked up, with how many exchanges each leaves.

use super::filter::Filter;
use super::session::caller_of;
use super::statements::{
    NAMED, RULES, USES_OF_ENDING, USES_OF_SESSION, USES_OF_STATUS, USES_OF_VERDICT,
};
use crate::db::{Row, Statement, Tx, Value};
use crate::error::Error;
use crate::exchange::Ending;
use crate::names::bounded;

/// What nobody counts is counted only up to here.
const COUNTED: u32 = 2000;

/// A filter without names.
#[derive(Clone, Debug, Default)]
pub(super) struct Narrow {
    pub(super) from: Option<u64>,
    pub(super) until: Option<u64>,
    /// The numbers that columns of an exchange must have.
    pub(super) numbers: Vec<Number>,
    pub(super) ending: Option<(Ending, u64)>,
    pub(super) policy: Option<Number>,
    /// Rules of this name, of any policy.
    pub(super) rules: Option<(Vec<i64>, u64)>,
    pub(super) verdict: Option<(String, u64)>,
}

/// A number that a column must have, and at most how many rows have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) column: &'static str,
    pub(super) value: i64,
    pub(super) uses: u64,
}

impl Narrow {
    /// Looks the names of a filter up. `None` if nothing has one of them, so that the filter lets nothing through.
    pub(super) async fn new(tx: &mut Tx, filter: &Filter) -> Result<Option<Self>, Error> {
        let mut narrow = Self {
            from: filter.from,
            until: filter.until,
            ..Self::default()
        };
        if let Some(session) = filter.session {
            let uses = count(tx, &USES_OF_SESSION, vec![session.into()]).await?;
            narrow.number("session", session, uses);
        }
        let caller = match &filter.caller {
            Some(caller) => Some(caller_of(tx, caller).await?),
            None => None,
        };
        let names = [
            ("caller", &caller),
            ("model", &filter.model),
            ("api", &filter.api),
        ];
        for (what, name) in names {
            if let Some(name) = name {
                let Some((id, uses)) = named(tx, what, name).await? else {
                    return Ok(None);
                };
                narrow.number(what, id, uses);
            }
        }
        if let Some(status) = filter.status {
            let uses = few(tx, &USES_OF_STATUS, status.into()).await?;
            narrow.number(
                "status",
                status.into(),
                if status == 200 { u64::MAX } else { uses },
            );
        }
        if let Some(ending) = filter.ending {
            let uses = few(tx, &USES_OF_ENDING, ending.as_str().into()).await?;
            let common = ending == Ending::Delivered;
            narrow.ending = Some((ending, if common { u64::MAX } else { uses }));
        }
        Ok(narrow.judged(tx, filter).await?.then_some(narrow))
    }

    /// Whether it asks for verdicts.
    pub(super) fn is_judged(&self) -> bool {
        self.policy.is_some() || self.rules.is_some() || self.verdict.is_some()
    }

    /// Adds what is asked of verdicts. Returns whether any may have it.
    async fn judged(&mut self, tx: &mut Tx, filter: &Filter) -> Result<bool, Error> {
        if let Some(policy) = &filter.policy {
            let Some((value, uses)) = named(tx, "policy", policy).await? else {
                return Ok(false);
            };
            let column = "policy";
            self.policy = Some(Number {
                column,
                value,
                uses,
            });
        }
        if let Some(rule) = &filter.rule {
            let rows = tx.rows(&RULES, vec![(&*bounded(rule)).into()]).await?;
            let (mut ids, mut uses) = (Vec::new(), 0);
            for row in &rows {
                let parent = row.need_int(2)?;
                if self.policy.is_none_or(|policy| policy.value == parent) {
                    ids.push(row.need_int(0)?);
                    uses += row.count(1)?;
                }
            }
            if ids.is_empty() {
                return Ok(false);
            }
            self.rules = Some((ids, uses));
        }
        if let Some(verdict) = &filter.verdict {
            let uses = few(tx, &USES_OF_VERDICT, (&**verdict).into()).await?;
            let common = verdict == "allow";
            self.verdict = Some((verdict.clone(), if common { u64::MAX } else { uses }));
        }
        Ok(true)
    }

    /// One that asks for everything, for the test that prepares every statement.
    #[cfg(test)]
    pub(super) fn full() -> Self {
        let number = |column| Number {
            column,
            value: 1,
            uses: 1,
        };
        let columns = ["session", "caller", "model", "api", "status"];
        Self {
            from: Some(1),
            until: Some(2),
            numbers: columns.into_iter().map(number).collect(),
            ending: Some((Ending::Failed, 1)),
            policy: Some(number("policy")),
            rules: Some((vec![1, 2], 1)),
            verdict: Some(("deny".to_owned(), 1)),
        }
    }

    fn number(&mut self, column: &'static str, value: i64, uses: u64) {
        self.numbers.push(Number {
            column,
            value,
            uses,
        });
    }
}

async fn named(tx: &mut Tx, what: &str, name: &str) -> Result<Option<(i64, u64)>, Error> {
    let values = vec![what.into(), (&*bounded(name)).into()];
    let row = tx.row(&NAMED, values).await?;
    row.map(|row| Ok((row.need_int(0)?, row.count(1)?)))
        .transpose()
}

async fn few(tx: &mut Tx, statement: &Statement, value: Value) -> Result<u64, Error> {
    count(tx, statement, vec![value, COUNTED.into()]).await
}

async fn count(tx: &mut Tx, statement: &Statement, values: Vec<Value>) -> Result<u64, Error> {
    let row = tx.row(statement, values).await?;
    row.map_or(Ok(0), |row: Row| row.count(0))
}
