//! Exchanges, listed, searched and one by one.

use axum::Json;
use axum::extract::State as Extract;
use sluice_api::{Exchange, ExchangeQuery, ExchangeSummary, Hit, Page, SearchQuery};
use sluice_store as store;
use uuid::Uuid;

use super::{missing, store_of};
use crate::admin::query::{self, Query, Segments};
use crate::admin::{Error, State};
use crate::history::convert;

/// Lists exchanges.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges",
    tag = "history",
    params(ExchangeQuery),
    responses((status = 200, description = "A page of exchanges.", body = Page<ExchangeSummary>))
)]
pub(super) async fn exchanges(
    Extract(state): Extract<State>,
    Query(asked): Query<ExchangeQuery>,
) -> Result<Json<Page<ExchangeSummary>>, Error> {
    let filter = convert::filter(asked.filter())?;
    let page = query::page(asked.order, asked.limit, asked.after)?;
    let found = store_of(&state)?.exchanges(&filter, &page).await?;
    Ok(Json(convert::page(found, convert::summary)))
}

/// Searches the blocks of exchanges for words.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "history",
    params(SearchQuery),
    responses((status = 200, description = "A page of blocks that have the words.", body = Page<Hit>))
)]
pub(super) async fn search(
    Extract(state): Extract<State>,
    Query(mut asked): Query<SearchQuery>,
) -> Result<Json<Page<Hit>>, Error> {
    let words = asked.q.take();
    let words = words.ok_or_else(|| query::bad("`q` is missing: it says what to search for"))?;
    let filter = convert::filter(asked.filter())?;
    let page = query::page(asked.order, asked.limit, asked.after)?;
    let found = store_of(&state)?.search(&words, &filter, &page).await?;
    Ok(Json(convert::page(found, convert::hit)))
}

/// Returns an exchange with all that is known of it.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{id}",
    tag = "history",
    params(("id" = String, Path, description = "The exchange's id.")),
    responses((status = 200, description = "The exchange.", body = Exchange))
)]
pub(super) async fn exchange(
    Extract(state): Extract<State>,
    Segments(id): Segments<String>,
) -> Result<Json<Exchange>, Error> {
    let found = record(&state, &id).await?;
    Ok(Json(convert::exchange(found)))
}

/// Reads the exchange that a request names.
pub(super) async fn record(state: &State, id: &str) -> Result<store::Record, Error> {
    let store = store_of(state)?;
    let id = Uuid::try_parse(id).map_err(|_| missing("exchange"))?;
    let found = store.exchange(id).await?;
    found.ok_or_else(|| missing("exchange"))
}
