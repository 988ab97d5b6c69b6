//! A conversation as a document in Markdown.
//!
//! An agent sends its whole conversation with each request, so of a request only what is new is told: what follows the
//! model's last words. A tool call is told together with its result, which comes with the next request.

use std::collections::VecDeque;
use std::fmt::Write as _;

use serde_json::Value;
use sluice_store::{Ending, Error, Record, Store, StoredMessage, StoredVerdict, Words as _};

use super::time;
use crate::recorder::SearchedWords;

/// A longer output of a tool is folded.
const FOLDED_LINES: usize = 20;
/// The most calls that wait for their results. Of more, the oldest is told without one.
const MOST_OPEN: usize = 1000;
/// The fields in which the dialects name the call that a result answers.
const CALL_IDS: [&str; 3] = ["tool_use_id", "tool_call_id", "call_id"];

/// Writes exchanges, in the order in which it is given them.
pub(super) struct Markdown {
    store: Store,
    /// The session of the exchange that is told.
    session: i64,
    /// The calls whose results have not come yet, from the oldest on. Sessions take turns in an export, as agents do.
    calls: VecDeque<Call>,
}

/// A tool call of the model.
struct Call {
    /// Providers number calls, so a result belongs to a call of its own session alone.
    session: i64,
    id: String,
    name: String,
    arguments: String,
}

impl Markdown {
    /// Begins a document.
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            session: 0,
            calls: VecDeque::new(),
        }
    }

    /// Returns the text of an exchange.
    pub(super) async fn exchange(&mut self, record: &Record) -> Result<String, Error> {
        let summary = &record.summary;
        let is_next = std::mem::replace(&mut self.session, summary.session_id) != self.session;
        let mut text = self.unanswered(MOST_OPEN);
        text += &heading(record);
        if let (true, Some(earlier)) = (is_next, summary.continues) {
            let _ = write!(text, "It goes on from session {earlier}.\n\n");
        }
        self.request(&record.asked, &mut text).await?;
        self.reply(record, &mut text).await?;
        let said = record.verdicts.iter().filter_map(notice);
        said.for_each(|notice| text += &notice);
        if record.summary.ending != Ending::Delivered {
            let ending = record.summary.ending.as_str();
            let cause = record
                .summary
                .cause
                .as_deref()
                .unwrap_or("it has no reply of the model");
            text += &quoted(&format!("**{ending}**: {cause}"));
        }
        Ok(text)
    }

    /// Ends the document with the calls that were never answered.
    pub(super) fn finish(mut self) -> String {
        self.unanswered(0)
    }

    /// Ends a document of one exchange with its calls. Their results are part of the next one.
    pub(super) fn calls(self) -> String {
        self.calls.iter().map(Call::text).collect()
    }

    /// Tells the oldest calls without a result, until so many are left.
    fn unanswered(&mut self, left: usize) -> String {
        let calls = self.calls.drain(..self.calls.len().saturating_sub(left));
        calls
            .map(|call| call.text() + &quoted("no result was recorded"))
            .collect()
    }

    async fn request(&mut self, asked: &StoredMessage, text: &mut String) -> Result<(), Error> {
        if !asked.body.kept {
            *text += &quoted("what was asked is not kept");
            return Ok(());
        }
        let blocks = self.store.blocks(asked.body.id).await?;
        let is_said = |kind: &str| !matches!(kind, "system" | "tool");
        let said: Vec<_> = blocks.iter().filter(|block| is_said(&block.kind)).collect();
        let is_models = |role: Option<&str>| role == Some("assistant");
        let known = said
            .iter()
            .rposition(|block| is_models(block.role.as_deref()));
        for block in &said[known.map_or(0, |at| at + 1)..] {
            let content = self.store.content(block.content).await?.bytes;
            let words = SearchedWords
                .text("", &block.kind, &content)
                .unwrap_or_default();
            match &*block.kind {
                "tool_result" => self.result(&content, &words, text),
                _ => *text += &told(block.role.as_deref().unwrap_or("user"), &words),
            }
            if SearchedWords::may_be_cut(&words) {
                *text += &quoted("this is only its beginning; the bytes are in the record");
            }
        }
        Ok(())
    }

    fn result(&mut self, content: &[u8], words: &str, text: &mut String) {
        let json: Value = serde_json::from_slice(content).unwrap_or_default();
        let id = CALL_IDS.iter().find_map(|name| json[name].as_str());
        let is_it = |call: &Call| call.session == self.session && Some(&*call.id) == id;
        let at = self.calls.iter().position(is_it);
        if let Some(call) = at.and_then(|at| self.calls.remove(at)) {
            *text += &call.text();
        }
        *text += &output(words);
    }

    async fn reply(&mut self, record: &Record, text: &mut String) -> Result<(), Error> {
        for block in &record.reply {
            let Some(id) = block.content else {
                *text += &quoted("a part of the reply is not kept");
                continue;
            };
            let content = self.store.content(id).await?.bytes;
            let words = String::from_utf8_lossy(&content);
            match &*block.kind {
                "tool_call" => self.calls.push_back(Call::read(self.session, &content)),
                "thinking" => *text += &folded("thinking", &words),
                _ => *text += &told("assistant", &words),
            }
        }
        Ok(())
    }
}

impl Call {
    fn read(session: i64, content: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(content).unwrap_or_default();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self {
            session,
            id: text("id"),
            name: text("name"),
            arguments: text("arguments"),
        }
    }

    fn text(&self) -> String {
        format!(
            "**tool** `{}`\n\n{}",
            self.name,
            fenced("json", &self.arguments)
        )
    }
}

fn heading(record: &Record) -> String {
    let summary = &record.summary;
    let time = time(summary.received_at);
    let model = summary.model.as_deref().unwrap_or("no model");
    let caller = summary.caller.as_deref().unwrap_or("nobody known");
    let id = summary.id.simple();
    format!(
        "## {time} UTC, {model}\n\n`exg_{id}`, session `{}` of `{caller}`\n\n",
        summary.session.key
    )
}

/// What a policy did, if it did something.
fn notice(row: &StoredVerdict) -> Option<String> {
    let said = &row.verdict;
    let verdict = said.verdict.as_deref().or(said.outcome.as_deref())?;
    if matches!(verdict, "allow" | "edit") {
        return None;
    }
    let mut text = format!("policy `{}`: **{verdict}**", said.policy);
    if let Some(rule) = &said.rule {
        let _ = write!(text, " by rule `{rule}`");
    }
    if let Some(reason) = &said.reason {
        let _ = write!(text, ". {reason}");
    }
    Some(quoted(&text))
}

fn told(role: &str, words: &str) -> String {
    match words.trim() {
        "" => format!("**{role}**\n\n> nothing of it is text\n\n"),
        words => format!("**{role}**\n\n{words}\n\n"),
    }
}

fn output(words: &str) -> String {
    match words.lines().count() > FOLDED_LINES {
        true => folded("result", words),
        false => fenced("", words),
    }
}

fn folded(name: &str, words: &str) -> String {
    let lines = words.lines().count();
    format!(
        "<details><summary>{name}, {lines} lines</summary>\n\n{}</details>\n\n",
        fenced("", words)
    )
}

/// A block of code, whatever marks of code are in it.
fn fenced(language: &str, words: &str) -> String {
    let runs = words.split(|letter| letter != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or_default().max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n\n", words.trim_end())
}

fn quoted(words: &str) -> String {
    let lines = words.lines().map(|line| format!("> {line}\n"));
    lines.collect::<String>() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_code_whatever_is_in_it() {
        assert_eq!(fenced("json", "{}"), "```json\n{}\n```\n\n");
        let nested = fenced("", "```sh\nls\n```");
        assert!(nested.starts_with("````\n```sh"), "{nested}");
        assert!(nested.ends_with("```\n````\n\n"), "{nested}");
    }

    #[test]
    fn a_long_output_is_folded_and_a_short_one_is_not() {
        let long = "line\n".repeat(FOLDED_LINES + 1);
        assert!(output(&long).starts_with("<details><summary>result, 21 lines</summary>"));
        assert_eq!(output("line\n"), "```\nline\n```\n\n");
    }
}
