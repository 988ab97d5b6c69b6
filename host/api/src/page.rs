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
    /// Of this caller: its pseudonym, or else the name of its keys if no other caller has one of that name.
    pub caller: Option<String>,
    /// In which order: `newest-first` or `oldest-first`.
    #[param(inline)]
    pub order: Option<Order>,
    /// The most entries.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[param(pattern = "^(0|[1-9][0-9]{0,14})\\.(0|[1-9][0-9]{0,17})\\.(0|[1-9][0-9]{0,17})$")]
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
