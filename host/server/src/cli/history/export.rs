//! Exchanges for machines and for people: JSON Lines and Markdown.
//!
//! A page of exchanges is read at a time, and what is written is forgotten, so an export of any size costs little memory.

use clap::ValueEnum;
use serde::Serialize;
use sluice_store::{Filter, Hit, Order, Page, Store, Summary};

use crate::admin::history::convert;
use crate::cli::output;
use crate::history::Markdown;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// A document to read.
    Markdown,
    /// An exchange a line, in the words of `/api/v1/exchanges/{id}`. `version` counts changes of the form.
    Jsonl,
}

/// The version of the lines of an export.
const VERSION: u32 = 1;

/// A line of an export.
#[derive(Serialize)]
struct Line {
    version: u32,
    #[serde(flatten)]
    exchange: sluice_api::Exchange,
    /// The bodies, as text where they are text.
    bodies: Vec<Body>,
}

/// A body of an exchange.
#[derive(Serialize)]
struct Body {
    /// `asked`, `sent-1`, `received-1`, `delivered`.
    place: String,
    /// `None` if it is not kept.
    text: Option<String>,
    /// The same in base64, if it is no text.
    base64: Option<String>,
}

/// Writes all exchanges that a filter lets through.
pub(super) async fn export(store: &Store, filter: &Filter, format: Format) -> anyhow::Result<()> {
    let mut document = Markdown::new(store);
    let mut page = Page {
        order: Order::OldestFirst,
        ..Page::default()
    };
    loop {
        let found = store.exchanges(filter, &page).await?;
        for summary in &found.entries {
            // It may have been erased since the list was read.
            let Some(record) = store.exchange(summary.id).await? else {
                continue;
            };
            let text = match format {
                Format::Markdown => document.exchange(&record).await?,
                Format::Jsonl => json(&Line {
                    version: VERSION,
                    bodies: bodies(store, &record).await?,
                    exchange: convert::exchange(record),
                }),
            };
            if !output::goes_on(output::harmless(text)) {
                return Ok(());
            }
        }
        page.after = found.next;
        if page.after.is_none() {
            break;
        }
    }
    if format == Format::Markdown {
        output::answer(document.finish());
    }
    Ok(())
}

async fn bodies(store: &Store, record: &sluice_store::Record) -> anyhow::Result<Vec<Body>> {
    let mut places = vec![("asked".to_owned(), &record.asked)];
    for attempt in &record.attempts {
        places.push((format!("sent-{}", attempt.number), &attempt.sent));
        let received = attempt.received.as_ref();
        places.extend(received.map(|received| (format!("received-{}", attempt.number), received)));
    }
    places.extend(
        record
            .delivered
            .as_ref()
            .map(|delivered| ("delivered".to_owned(), delivered)),
    );
    let mut bodies = Vec::with_capacity(places.len());
    for (place, message) in places {
        let (mut text, mut base64) = (None, None);
        if message.body.kept {
            let bytes = store.body(message.body.id).await?.collect().await?;
            match String::from_utf8(bytes.to_vec()) {
                Ok(read) => text = Some(read),
                Err(_) => base64 = Some(encoded(&bytes)),
            }
        }
        bodies.push(Body {
            place,
            text,
            base64,
        });
    }
    Ok(bodies)
}

fn encoded(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The line of an exchange in a list.
pub(super) fn line(summary: &Summary) -> String {
    json(&convert::summary(summary.clone()))
}

/// The line of a block that was found.
pub(super) fn hit(hit: &Hit) -> String {
    json(&convert::hit(hit.clone()))
}

fn json(value: &impl Serialize) -> String {
    let line = serde_json::to_string(value);
    line.expect("these types are JSON") + "\n"
}
