//! Which exchanges a command is about.

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize as _;
use serde::de::value::{Error as Fault, StrDeserializer};
use sluice_api::{Ending, ExchangeFilter, ExportFormat};
use uuid::Uuid;

use crate::clock::unix_millis;

/// The filters. An exchange has to fit all that are given.
#[derive(Args, Debug, Default)]
pub(in crate::cli) struct Which {
    /// Since a time (`2026-11-28`, `2026-11-28T05:00:00Z`) or for so long (`2h`, `7d`).
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<u64>,
    /// Until a time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<u64>,
    /// Of this session: the number that `list` prints.
    #[arg(long, value_name = "NUMBER")]
    session: Option<i64>,
    /// Of this caller: `clr_…`, or the name of its keys.
    #[arg(long, value_name = "CALLER")]
    caller: Option<String>,
    /// For this model.
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// In this API: `anthropic`, `openai-chat`, `openai-responses`, `openai-embeddings`.
    #[arg(long, value_name = "API")]
    api: Option<String>,
    /// Where this policy said something.
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Where a policy said this: `allow`, `deny`, `modify`, `warn`, `escalate`.
    #[arg(long, value_name = "VERDICT")]
    verdict: Option<String>,
    /// Where a policy named this rule.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Where the caller got this status.
    #[arg(long, value_name = "STATUS")]
    status: Option<u16>,
    /// That ended so: `delivered`, `refused`, `answered`, `failed`, `aborted`.
    #[arg(long, value_name = "ENDING", value_parser = ending)]
    ending: Option<Ending>,
    /// With these words. In double quotes they are a phrase.
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
}

impl Which {
    /// The filter, as the operators' API has it.
    pub(super) fn filter(&self) -> ExchangeFilter {
        ExchangeFilter {
            from_ms: self.since,
            until_ms: self.until,
            session: self.session.map(|id| id.to_string()),
            caller: self.caller.clone(),
            model: self.model.clone(),
            api: self.api.clone(),
            policy: self.policy.clone(),
            verdict: self.verdict.clone(),
            rule: self.rule.clone(),
            status: self.status,
            ending: self.ending,
            text: self.text.clone(),
        }
    }
}

/// Reads the id of an exchange, as the log and errors have it or as a plain UUID.
pub(super) fn exchange(text: &str) -> Result<Uuid, String> {
    let id = text.strip_prefix("exg_").unwrap_or(text);
    Uuid::try_parse(id).map_err(|_| "expected the id of an exchange, as in `exg_0198…`".to_owned())
}

fn ending(text: &str) -> Result<Ending, String> {
    let read = Ending::deserialize(StrDeserializer::<Fault>::new(text));
    read.map_err(|_| {
        "expected one of delivered, refused, answered, failed, aborted, cut".to_owned()
    })
}

/// Reads the form of an export.
pub(super) fn format(text: &str) -> Result<ExportFormat, String> {
    let read = ExportFormat::deserialize(StrDeserializer::<Fault>::new(text));
    read.map_err(|_| "expected one of markdown, jsonl".to_owned())
}

/// Reads a time as milliseconds since 1970.
fn time(text: &str) -> Result<u64, String> {
    let now = i64::try_from(unix_millis()).unwrap_or(i64::MAX);
    let at = match text.parse::<Timestamp>() {
        Ok(time) => Some(time.as_millisecond()),
        Err(_) => match text.parse::<Date>() {
            Ok(day) => TimeZone::UTC
                .to_ambiguous_zoned(day.into())
                .compatible()
                .ok()
                .map(|day| day.timestamp().as_millisecond()),
            Err(_) => ago(text).map(|ago| now.saturating_sub(ago)),
        },
    };
    let at = at.and_then(|at| u64::try_from(at).ok());
    at.ok_or_else(|| "expected a day (`2026-11-28`), a time (`2026-11-28T05:00:00Z`) or how long ago (`2h`, `7d`)".to_owned())
}

/// How many milliseconds ago: a duration, whose largest unit may be days.
fn ago(text: &str) -> Option<i64> {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    if let Some(days) = text.strip_suffix('d') {
        return days.trim().parse::<i64>().ok()?.checked_mul(DAY);
    }
    let duration: SignedDuration = text.parse().ok()?;
    i64::try_from(duration.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_or_moments_or_how_long_ago() {
        assert_eq!(time("1970-01-02"), Ok(86_400_000));
        assert_eq!(time("1970-01-01T00:00:01Z"), Ok(1000));
        let hours = time("2h").unwrap();
        let days = time("7d").unwrap();
        assert!(hours.abs_diff(days) > 6 * 86_400_000);
        for text in ["", "yesterday", "2", "2026-13-01"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_exchange_has_one_id_in_two_forms() {
        let id = Uuid::now_v7();
        assert_eq!(exchange(&format!("exg_{}", id.simple())), Ok(id));
        assert_eq!(exchange(&id.to_string()), Ok(id));
        assert!(exchange("exg_1").is_err());
    }
}
