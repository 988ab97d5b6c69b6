//! The exchanges of an export, one after the other.

use std::collections::VecDeque;

use sluice_api::Page as Entries;
use sluice_store::{Error, Filter, Order, Page, Store};
use uuid::Uuid;

use crate::history::Pages;

/// How many ids are read at once.
const AT_ONCE: u32 = 50;

/// Those that are left.
pub(super) struct Ids {
    waiting: VecDeque<Uuid>,
    /// The pages behind them. `None` if the export is of one exchange.
    pages: Option<(Filter, Pages)>,
    /// What comes behind these pages.
    behind: VecDeque<Filter>,
}

impl Ids {
    /// Those that a filter lets through, and then those of others, one after the other.
    pub(super) fn of(filter: Filter, behind: VecDeque<Filter>) -> Self {
        Self {
            waiting: VecDeque::new(),
            pages: Some((filter, Pages::new())),
            behind,
        }
    }

    pub(super) fn one(id: Uuid) -> Self {
        Self {
            waiting: VecDeque::from([id]),
            pages: None,
            behind: VecDeque::new(),
        }
    }

    pub(super) fn is_one(&self) -> bool {
        self.pages.is_none()
    }

    pub(super) async fn next(&mut self, store: &Store) -> Result<Option<Uuid>, Error> {
        while self.waiting.is_empty() {
            let Some((filter, pages)) = &mut self.pages else {
                return Ok(None);
            };
            let filter = &*filter;
            let page = |after| async move {
                let page = Page {
                    order: Order::OldestFirst,
                    limit: AT_ONCE,
                    after,
                };
                let found = store.exchanges(filter, &page).await?;
                Ok::<_, Error>(Entries {
                    entries: found.entries.into_iter().map(|entry| entry.id).collect(),
                    next: found.next,
                })
            };
            match pages.next(page).await? {
                Some(ids) => self.waiting = ids.into(),
                None => match self.behind.pop_front() {
                    Some(filter) => self.pages = Some((filter, Pages::new())),
                    None => return Ok(None),
                },
            }
        }
        Ok(self.waiting.pop_front())
    }
}
