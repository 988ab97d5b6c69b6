//! Pages of lists.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Page<T> {
    /// Its entries.
    pub entries: Vec<T>,
    /// What `after` has to be for the next page. `null` if there is no more.
    pub next: Option<String>,
}

/// In which order a list goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// From the newest to the oldest.
    #[default]
    NewestFirst,
    /// From the oldest to the newest.
    OldestFirst,
}

/// Which sessions are listed, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    /// Of this caller.
    pub caller: Option<String>,
    /// In which order: `newest-first` or `oldest-first`.
    #[param(inline)]
    pub order: Option<Order>,
    /// The most entries.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// Which names are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FacetQuery {
    /// The most names of each kind.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<u32>,
}

/// Which exchanges are listed or searched, and which page of them. An exchange must have all that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExchangeQuery {
    /// Words to search for; those in double quotes are a phrase. Only a search has it, and needs it.
    pub q: Option<String>,
    /// Received at this time or later, in milliseconds of Unix time.
    pub from_ms: Option<u64>,
    /// Received before this time, in milliseconds of Unix time.
    pub until_ms: Option<u64>,
    /// Of the session with this id.
    pub session: Option<String>,
    /// Of this caller.
    pub caller: Option<String>,
    /// For this model.
    pub model: Option<String>,
    /// In this dialect.
    pub api: Option<String>,
    /// A policy of this name said something. If a verdict or a rule is asked for too, they belong together.
    pub policy: Option<String>,
    /// A policy said this.
    pub verdict: Option<String>,
    /// A policy named this rule.
    pub rule: Option<String>,
    /// The caller got this status.
    pub status: Option<u16>,
    /// It ended so.
    #[param(inline)]
    pub ending: Option<crate::Ending>,
    /// These words turned up in it, for the first time in its session; those in double quotes are a phrase.
    pub text: Option<String>,
    /// In which order: `newest-first` or `oldest-first`.
    #[param(inline)]
    pub order: Option<Order>,
    /// The most entries.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    pub after: Option<String>,
}
