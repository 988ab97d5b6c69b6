//! From the words of the store to those of the API, and back for what is asked.

use sluice_api as api;
use sluice_store as store;

use super::Error;
use crate::clock::micros;
use crate::hex::hex;
use crate::telemetry::clip;

/// The most digits of an id. It would take some centuries to get there.
const LONGEST_ID: usize = 18;

/// Which exchanges a filter means.
pub(crate) fn filter(asked: api::ExchangeFilter) -> Result<store::Filter, Error> {
    let session = asked.session.map(|text| session_id(&text)).transpose()?;
    for (name, time) in [("from_ms", asked.from_ms), ("until_ms", asked.until_ms)] {
        let is_time = time.is_none_or(|time| i64::try_from(time).is_ok());
        is_time.then_some(()).ok_or(Error::NoTime(name))?;
    }
    Ok(store::Filter {
        from: asked.from_ms,
        until: asked.until_ms,
        session,
        caller: asked.caller,
        model: asked.model,
        api: asked.api,
        policy: asked.policy,
        verdict: asked.verdict,
        rule: asked.rule,
        status: asked.status,
        ending: asked.ending.map(ending_asked),
        text: asked.text,
    })
}

/// The id of a session, as a request or a person writes it.
pub(crate) fn session_id(text: &str) -> Result<i64, Error> {
    number(text).ok_or_else(|| Error::NoId(clip(text).into_owned()))
}

/// A number by which the record names something. There is one way to write each.
pub(crate) fn number(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number >= 0 && number.to_string() == text && text.len() <= LONGEST_ID).then_some(number)
}

pub(crate) fn order(asked: Option<api::Order>) -> store::Order {
    match asked.unwrap_or_default() {
        api::Order::NewestFirst => store::Order::NewestFirst,
        api::Order::OldestFirst => store::Order::OldestFirst,
    }
}

fn ending_asked(ending: api::Ending) -> store::Ending {
    match ending {
        api::Ending::Delivered => store::Ending::Delivered,
        api::Ending::Refused => store::Ending::Refused,
        api::Ending::Answered => store::Ending::Answered,
        api::Ending::Failed => store::Ending::Failed,
        api::Ending::Aborted => store::Ending::Aborted,
        api::Ending::Cut => store::Ending::Cut,
    }
}

fn ending(ending: store::Ending) -> api::Ending {
    match ending {
        store::Ending::Delivered => api::Ending::Delivered,
        store::Ending::Refused => api::Ending::Refused,
        store::Ending::Answered => api::Ending::Answered,
        store::Ending::Failed => api::Ending::Failed,
        store::Ending::Aborted => api::Ending::Aborted,
        store::Ending::Cut => api::Ending::Cut,
    }
}

pub(crate) fn page<T, U>(page: store::Paged<T>, entry: fn(T) -> U) -> api::Page<U> {
    api::Page {
        entries: page.entries.into_iter().map(entry).collect(),
        next: page.next,
    }
}

pub(crate) fn session(session: store::Session) -> api::Session {
    api::Session {
        id: session.id.to_string(),
        caller: session.caller,
        key: session_key(session.key),
        first_at_ms: session.first_at,
        last_at_ms: session.last_at,
        exchanges: session.exchanges,
        hold: session.hold,
        continues: session.continues.map(|id| id.to_string()),
        continued_by: session.continued_by.map(|id| id.to_string()),
    }
}

fn session_key(key: store::SessionKey) -> api::SessionKey {
    api::SessionKey {
        key: key.key,
        found_by: key.found_by.into_owned(),
        agent: key.agent,
        parent_agent: key.parent_agent,
    }
}

pub(crate) fn summary(summary: store::Summary) -> api::ExchangeSummary {
    api::ExchangeSummary {
        id: summary.id.to_string(),
        received_at_ms: summary.received_at,
        caller: summary.caller,
        session_id: summary.session_id.to_string(),
        session: session_key(summary.session),
        session_continues: summary.continues.map(|id| id.to_string()),
        api: summary.api,
        model: summary.model,
        method: summary.method,
        path: summary.path,
        streaming: summary.streaming,
        status: summary.status,
        ending: ending(summary.ending),
        cause: summary.cause,
        times: times(summary.times),
        dropped_events: summary.dropped_events,
        contents: summary.contents,
    }
}

pub(crate) fn hit(hit: store::Hit) -> api::Hit {
    api::Hit {
        exchange: summary(hit.exchange),
        content: hit.content.0.to_string(),
        kind: hit.kind,
        role: hit.role,
        snippet: snippet(&hit.snippet),
    }
}

/// Cuts a text where what was found begins and ends, so that readers need not count bytes.
fn snippet(snippet: &store::Snippet) -> api::Snippet {
    let mut parts = Vec::new();
    let mut part = |from: usize, to: usize, found| {
        let text = snippet.text.get(from..to).unwrap_or_default().to_owned();
        if !text.is_empty() {
            parts.push(api::SnippetPart { text, found });
        }
    };
    let mut at = 0;
    for place in &snippet.places {
        part(at, place.start, false);
        part(place.start, place.end, true);
        at = place.end;
    }
    part(at, snippet.text.len(), false);
    api::Snippet {
        parts,
        cut_before: snippet.cut.0,
        cut_behind: snippet.cut.1,
    }
}

pub(crate) fn exchange(record: store::Record) -> api::Exchange {
    let not_judged = |not: store::NotJudged| api::NotJudged {
        side: side(not.side),
        kind: not.kind.into_owned(),
        because: not.because.into_owned(),
    };
    let block = |block: store::StoredBlock| api::Block {
        number: block.number,
        kind: block.kind,
        tool: block.tool,
        content: block.content.map(content),
    };
    api::Exchange {
        summary: summary(record.summary),
        asked: message(record.asked),
        attempts: record.attempts.into_iter().map(attempt).collect(),
        delivered: record.delivered.map(message),
        verdicts: record.verdicts.into_iter().map(verdict).collect(),
        not_judged: record.not_judged.into_iter().map(not_judged).collect(),
        reply: record.reply.into_iter().map(block).collect(),
    }
}

fn message(message: store::StoredMessage) -> api::Message {
    let header = |(name, value)| api::Header { name, value };
    api::Message {
        headers: message
            .headers
            .map(|headers| headers.into_iter().map(header).collect()),
        frames: message.frames.len() as u64,
        encoding: message.encoding,
        body_bytes: message.body.length,
        body_sha256: hex(&message.body.digest),
        body_kept: message.body.kept,
    }
}

fn attempt(attempt: store::StoredAttempt) -> api::Attempt {
    let usage = attempt.usage;
    api::Attempt {
        number: attempt.number,
        upstream: attempt.upstream,
        started_at_ms: attempt.started_at,
        sent: message(attempt.sent),
        status: attempt.status,
        received: attempt.received.map(message),
        usage: api::Usage {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write_5m: usage.cache_write_5m,
            cache_write_1h: usage.cache_write_1h,
            reasoning: usage.reasoning,
        },
        reply_id: attempt.reply_id,
        reply_model: attempt.reply_model,
        stop_reason: attempt.stop_reason,
        error: attempt.error,
        times: times(attempt.times),
    }
}

fn verdict(stored: store::StoredVerdict) -> api::Verdict {
    let verdict = stored.verdict;
    let word = |name: Option<store::Name>| name.map(store::Name::into_owned);
    api::Verdict {
        policy: verdict.policy,
        revision: verdict.revision,
        hook: verdict.hook.into_owned(),
        side: side(verdict.side),
        block: verdict.block,
        verdict: word(verdict.verdict),
        action: word(verdict.action),
        rule: verdict.rule,
        reason: verdict.reason,
        detail: verdict.detail,
        fuel: verdict.fuel,
        time_us: micros(verdict.time),
        before: stored.before.map(content),
        after: stored.after.map(content),
        pointer: verdict.pointer,
        outcome: word(verdict.outcome),
        emitted: word(verdict.emitted),
    }
}

fn side(side: store::Side) -> api::Side {
    match side {
        store::Side::Request => api::Side::Request,
        store::Side::Reply => api::Side::Reply,
    }
}

fn content(id: store::ContentId) -> String {
    id.0.to_string()
}

fn times(times: store::Times) -> api::Times {
    api::Times {
        first_byte_us: times.first_byte.map(micros),
        held_us: micros(times.held),
        total_us: micros(times.total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_in_one_way() {
        for (text, read) in [
            ("0", Some(0)),
            ("17", Some(17)),
            ("999999999999999999", Some(999_999_999_999_999_999)),
        ] {
            assert_eq!(number(text), read);
        }
        for text in [
            "",
            "-1",
            "+1",
            "01",
            " 1",
            "1.0",
            "x",
            "1000000000000000000",
        ] {
            assert_eq!(number(text), None, "{text}");
            assert!(session_id(text).is_err());
        }
    }
}
