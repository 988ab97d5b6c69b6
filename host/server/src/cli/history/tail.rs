//! Prints what is recorded from now on, until nobody reads any more.
//!
//! An exchange is recorded when it is over, so one that began earlier may come later. So each look goes over all that
//! began within the last ten minutes.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::bail;
use sluice_api::{ExchangeFilter, ExchangeSummary, Order};

use super::table::rows;
use crate::cli::output;
use crate::cli::way::Place;
use crate::clock::unix_millis;
use crate::history::Pages;

/// How often `tail` looks for new exchanges.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How much earlier than the newest an exchange may have begun that `tail` still tells of.
const LATE_MS: u64 = 10 * 60 * 1000;
/// How many exchanges are read at once.
const AT_ONCE: u32 = 100;

/// Prints what is new.
pub(super) async fn tail(record: &Place, mut filter: ExchangeFilter) -> anyhow::Result<()> {
    if filter.from_ms.is_some() || filter.until_ms.is_some() {
        bail!("it tells what is recorded from now on, so it takes no --since and no --until");
    }
    let mut newest = unix_millis();
    // Those that are there already are not news.
    filter.from_ms = Some(newest.saturating_sub(LATE_MS));
    let mut seen: HashMap<String, u64> = HashMap::new();
    look(record, &filter, &mut seen).await?;
    let mut is_first = true;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        filter.from_ms = Some(newest.saturating_sub(LATE_MS));
        let new = look(record, &filter, &mut seen).await?;
        newest = new
            .iter()
            .map(|entry| entry.received_at_ms)
            .fold(newest, u64::max);
        seen.retain(|_, received_at| *received_at >= newest.saturating_sub(LATE_MS));
        if !new.is_empty() && !output::goes_on(rows(&new, is_first)) {
            return Ok(());
        }
        is_first &= new.is_empty();
    }
}

/// The exchanges that a filter lets through and that were not seen before, from the oldest to the newest.
async fn look(
    record: &Place,
    filter: &ExchangeFilter,
    seen: &mut HashMap<String, u64>,
) -> anyhow::Result<Vec<ExchangeSummary>> {
    let (mut new, mut pages) = (Vec::new(), Pages::new());
    let page = |after| record.exchanges(filter, Order::OldestFirst, AT_ONCE, after);
    while let Some(entries) = pages.next(page).await? {
        let entries = entries.into_iter();
        let is_new = |entry: &ExchangeSummary| {
            let known = seen.insert(entry.id.clone(), entry.received_at_ms);
            known.is_none()
        };
        new.extend(entries.filter(is_new));
    }
    Ok(new)
}
