//! Lists of the history: for people on a terminal, for programs elsewhere.

use std::io::{self, IsTerminal as _};

use sluice_api::{Ending, ExchangeSummary, Hit};

use crate::cli::columns::{columns, json};
use crate::history::time;
use crate::telemetry::clip;

/// The headings of the columns.
const HEADINGS: [&str; 7] = [
    "TIME (UTC)",
    "SESSION",
    "API",
    "MODEL",
    "STATUS",
    "ENDING",
    "ID",
];

/// Exchanges as a terminal shows them, or as lines of JSON.
pub(super) fn rows(entries: &[ExchangeSummary], has_headings: bool) -> String {
    match io::stdout().is_terminal() {
        true => columns(HEADINGS, has_headings, entries.iter().map(row)),
        false => entries.iter().map(json).collect(),
    }
}

/// A block that was found, as a terminal shows it or as a line of JSON.
pub(super) fn hit(hit: &Hit) -> String {
    match io::stdout().is_terminal() {
        true => found(hit),
        false => json(hit),
    }
}

/// A block that was found, with the words around the place.
fn found(hit: &Hit) -> String {
    let exchange = &hit.exchange;
    let role = clip(hit.role.as_deref().unwrap_or("assistant"));
    let head = format!(
        "{}  {}  {role}, {}",
        time(exchange.received_at_ms),
        name(&exchange.id),
        hit.kind
    );
    // What was said is foreign text, and a terminal obeys some of it.
    let parts = hit.snippet.parts.iter().map(|part| part.text.as_str());
    let text: String = parts.collect();
    let lines = text.lines().map(|line| format!("    {}\n", clip(line)));
    format!("{head}\n{}\n", lines.collect::<String>())
}

/// The id of an exchange as the log and errors have it.
fn name(id: &str) -> String {
    format!("exg_{}", id.replace('-', ""))
}

fn row(summary: &ExchangeSummary) -> [String; 7] {
    let text =
        |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |text| clip(text).into_owned());
    [
        time(summary.received_at_ms),
        session(summary),
        summary.api.clone(),
        text(summary.model.as_deref()),
        summary
            .status
            .map_or_else(|| "-".to_owned(), |status| status.to_string()),
        ending(summary.ending).to_owned(),
        name(&summary.id),
    ]
}

/// The number of a session, and of the one that it continues.
fn session(summary: &ExchangeSummary) -> String {
    let id = &summary.session_id;
    let earlier = summary.session_continues.as_ref();
    earlier.map_or_else(|| id.clone(), |earlier| format!("{id} after {earlier}"))
}

fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Delivered => "delivered",
        Ending::Refused => "refused",
        Ending::Answered => "answered",
        Ending::Failed => "failed",
        Ending::Aborted => "aborted",
        Ending::Cut => "cut",
    }
}

#[cfg(test)]
mod tests {
    use sluice_api::{SessionKey, Times};

    use super::*;

    #[test]
    fn a_session_is_told_with_the_one_that_it_continues() {
        let of = |continues: Option<&str>| ExchangeSummary {
            id: "0198b0a0-0000-7000-8000-000000000001".to_owned(),
            received_at_ms: 0,
            caller: None,
            session_id: "17".to_owned(),
            session: SessionKey {
                key: "s".to_owned(),
                found_by: "nothing".to_owned(),
                agent: None,
                parent_agent: None,
            },
            session_continues: continues.map(str::to_owned),
            api: "anthropic".to_owned(),
            model: None,
            method: "POST".to_owned(),
            path: "/v1/messages".to_owned(),
            streaming: false,
            status: Some(200),
            ending: Ending::Delivered,
            cause: None,
            times: Times::default(),
            dropped_events: 0,
            contents: true,
        };
        let told = columns(HEADINGS, false, [of(None), of(Some("12"))].iter().map(row));
        let rest = "anthropic  -      200     delivered  exg_0198b0a0000070008000000000000001";
        let time = "1970-01-01 00:00:00";
        assert_eq!(
            told,
            format!("{time}  17           {rest}\n{time}  17 after 12  {rest}\n")
        );
    }
}
