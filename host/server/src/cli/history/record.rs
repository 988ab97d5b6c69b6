//! What was recorded, as commands ask for it, whichever way they go.

use bytes::Bytes;
use hyper::Method;
use serde::Serialize;
use sluice_api::{
    Erased, ExchangeFilter, ExchangeQuery, ExchangeSummary, ExportFormat, ExportQuery, FormatQuery,
    Hit, Hold, Order, Page, SearchQuery,
};
use sluice_store as store;
use uuid::Uuid;

use crate::cli::connection::{Answer, Question};
use crate::cli::door::Door;
use crate::cli::way::{Place, below, done, get, segment, told};
use crate::history::{self, Export, Whose, convert};

/// A long answer on its way.
pub(super) enum Pieces {
    Door(Answer),
    Database(Box<Export>),
}

impl Place {
    /// A page of exchanges.
    pub(super) async fn exchanges(
        &self,
        filter: &ExchangeFilter,
        order: Order,
        limit: u32,
        after: Option<String>,
    ) -> anyhow::Result<Page<ExchangeSummary>> {
        match self {
            Self::Door(door) => {
                let query = ExchangeQuery {
                    order: Some(order),
                    limit: Some(limit),
                    after,
                    ..ExchangeQuery::of(filter)
                };
                get(door, &with("/exchanges", &query)?).await
            }
            Self::Database(store) => {
                let filter = convert::filter(filter.clone())?;
                let page = page(order, limit, after);
                let found = store.exchanges(&filter, &page).await?;
                Ok(convert::page(found, convert::summary))
            }
        }
    }

    /// A page of blocks with these words, the newest first.
    pub(super) async fn search(
        &self,
        words: &str,
        filter: &ExchangeFilter,
        limit: u32,
        after: Option<String>,
    ) -> anyhow::Result<Page<Hit>> {
        match self {
            Self::Door(door) => {
                let query = SearchQuery {
                    q: Some(words.to_owned()),
                    limit: Some(limit),
                    after,
                    ..SearchQuery::of(filter)
                };
                get(door, &with("/search", &query)?).await
            }
            Self::Database(store) => {
                let filter = convert::filter(filter.clone())?;
                let page = page(Order::NewestFirst, limit, after);
                let found = store.search(words, &filter, &page).await?;
                Ok(convert::page(found, convert::hit))
            }
        }
    }

    /// An export of exchanges.
    pub(super) async fn export(&self, asked: ExportQuery) -> anyhow::Result<Pieces> {
        match self {
            Self::Door(door) => pieces(door, &with("/export", &asked)?).await,
            Self::Database(store) => {
                let filter = convert::filter(asked.filter())?;
                let format = asked.format.unwrap_or_default();
                let joined = asked.joined.unwrap_or_default();
                let export = Export::asked(store, filter, joined, format).await?;
                Ok(Pieces::Database(Box::new(export)))
            }
        }
    }

    /// One exchange as a document.
    pub(super) async fn exchange(&self, id: Uuid) -> anyhow::Result<Pieces> {
        let format = ExportFormat::Markdown;
        match self {
            Self::Door(door) => {
                let query = FormatQuery {
                    format: Some(format),
                };
                pieces(door, &with(&format!("/exchanges/{id}/export"), &query)?).await
            }
            Self::Database(store) => {
                let export = Export::of_one(store, id, format).await?;
                Ok(Pieces::Database(Box::new(export)))
            }
        }
    }

    /// Erases.
    pub(super) async fn erase(&self, whose: &Whose) -> anyhow::Result<Erased> {
        match self {
            Self::Door(door) => {
                let path = match whose {
                    Whose::Session(session) => format!("/sessions/{session}"),
                    Whose::Caller(caller) => format!("/callers/{}", segment(caller)),
                };
                let order = Question::order(Method::DELETE, below(&path));
                door.told(order).await.map_err(|not| told(door, not))
            }
            Self::Database(store) => Ok(history::erase(store, whose).await?),
        }
    }

    /// Puts a session on hold.
    pub(super) async fn hold(&self, session: i64, reason: &str) -> anyhow::Result<()> {
        match self {
            Self::Door(door) => {
                let hold = Hold {
                    reason: reason.to_owned(),
                };
                let path = below(&format!("/sessions/{session}/hold"));
                let order = Question::order(Method::PUT, path).with(&hold);
                done(door, order).await
            }
            Self::Database(store) => Ok(history::hold(store, session, reason).await?),
        }
    }

    /// Releases a session.
    pub(super) async fn release(&self, session: i64) -> anyhow::Result<()> {
        match self {
            Self::Door(door) => {
                let path = below(&format!("/sessions/{session}/hold"));
                done(door, Question::order(Method::DELETE, path)).await
            }
            Self::Database(store) => Ok(history::release(store, session).await?),
        }
    }
}

impl Pieces {
    /// The next piece. `None` at the end.
    pub(super) async fn next(&mut self) -> anyhow::Result<Option<Bytes>> {
        match self {
            Self::Door(answer) => answer.next().await,
            Self::Database(export) => Ok(export.next().await?),
        }
    }
}

fn page(order: Order, limit: u32, after: Option<String>) -> store::Page {
    store::Page {
        order: convert::order(Some(order)),
        limit,
        after,
    }
}

/// A path with its parameters.
fn with(path: &str, query: &impl Serialize) -> anyhow::Result<String> {
    let query = serde_urlencoded::to_string(query)?;
    Ok(below(&format!("{path}?{query}")))
}

async fn pieces(door: &Door, path: &str) -> anyhow::Result<Pieces> {
    let answer = door.ask(Question::get(path)).await;
    answer.map(Pieces::Door).map_err(|not| told(door, not))
}
