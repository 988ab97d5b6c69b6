//! The names that filters can be set to, with how often each was used.

use super::statements::FACETS;
use crate::db::Row;
use crate::error::Error;
use crate::store::Store;

/// Which names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// Callers, by their pseudonyms.
    Caller,
    /// Models that were asked for.
    Model,
    /// Dialects.
    Api,
    /// Upstreams.
    Upstream,
    /// Policies that said something.
    Policy,
    /// Rules that policies named.
    Rule,
}

/// A name and how often it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The name.
    pub name: String,
    /// The policy, if it is a rule.
    pub of: Option<String>,
    /// How many exchanges, attempts or verdicts have it.
    pub uses: u64,
    /// When it was first used, in milliseconds since 1970.
    pub first_at: u64,
    /// When it was last used.
    pub last_at: u64,
}

impl Facet {
    fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Model => "model",
            Self::Api => "api",
            Self::Upstream => "upstream",
            Self::Policy => "policy",
            Self::Rule => "rule",
        }
    }
}

impl Store {
    /// The names that were used most. The writer counts them, so this reads no exchange.
    pub async fn facet(&self, facet: Facet, limit: u32) -> Result<Vec<Counted>, Error> {
        let mut tx = self.database.read().await?;
        let values = vec![facet.word().into(), limit.into()];
        let rows = tx.rows(&FACETS, values).await?;
        rows.iter().map(Counted::read).collect()
    }
}

impl Counted {
    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            name: row.need_text(0)?,
            of: row.text(1)?,
            uses: row.count(2)?,
            first_at: row.count(3)?,
            last_at: row.count(4)?,
        })
    }
}
