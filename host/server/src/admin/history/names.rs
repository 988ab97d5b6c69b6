//! The names that filters can be set to.

use axum::Json;
use axum::extract::State as Extract;
use sluice_api::{FacetQuery, Facets, Name};
use sluice_store::{Counted, Facet, Store};

use super::store_of;
use crate::admin::query::{self, Query};
use crate::admin::{Error, State};

/// Lists the names that filters can be set to, with how often each was used.
#[utoipa::path(
    get,
    path = "/api/v1/facets",
    tag = "history",
    params(FacetQuery),
    responses((status = 200, description = "The names.", body = Facets))
)]
pub(super) async fn facets(
    Extract(state): Extract<State>,
    Query(asked): Query<FacetQuery>,
) -> Result<Json<Facets>, Error> {
    let store = store_of(&state)?;
    let limit = query::limit(asked.limit)?;
    Ok(Json(Facets {
        callers: names(store, Facet::Caller, limit).await?,
        models: names(store, Facet::Model, limit).await?,
        apis: names(store, Facet::Api, limit).await?,
        upstreams: names(store, Facet::Upstream, limit).await?,
        policies: names(store, Facet::Policy, limit).await?,
        rules: names(store, Facet::Rule, limit).await?,
    }))
}

async fn names(store: &Store, facet: Facet, limit: u32) -> Result<Vec<Name>, Error> {
    let found = store.facet(facet, limit).await?;
    let name = |counted: Counted| Name {
        name: counted.name,
        of: counted.of,
        uses: counted.uses,
        first_at_ms: counted.first_at,
        last_at_ms: counted.last_at,
    };
    Ok(found.into_iter().map(name).collect())
}
