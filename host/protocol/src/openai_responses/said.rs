//! What the events of an item have said of it before it is done, to be compared with what is said then.
//!
//! A client may read the one or the other, so where policies judge the item both have to agree.

use super::{
    entry::Entry,
    event::Kind,
    item::{ItemKind, string, text_in},
};
use crate::{
    json::fields,
    openai::items::{read_call, read_text},
};

/// What was said of one item.
#[derive(Debug, Default)]
pub(super) struct Said {
    texts: Vec<Text>,
    size: usize,
}

/// A text or arguments as far as they were said.
#[derive(Debug)]
struct Text {
    list: List,
    at: u64,
    deltas: String,
    done: Option<String>,
}

/// Where in an item a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Content,
    Summary,
    Arguments,
}

const DISAGREES: &str = "its events say different things of one item";

impl Said {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Takes in what an event says. Err where that can't be brought together with what was said before.
    pub(super) fn hear(&mut self, entry: &Entry) -> Result<(), &'static str> {
        let kind = entry.event.kind;
        match kind {
            Kind::PartAdded => return self.begin(entry),
            Kind::PartDone => {
                if let Some(text) = read_text(entry.value()) {
                    self.done(List::Content, entry.part().unwrap_or_default(), text)?;
                }
            }
            _ if kind.is_delta() || kind.is_done() => {
                let text = entry.said().unwrap_or_default();
                let (list, at) = place(entry);
                match kind.is_delta() {
                    true => self.delta(list, at, &text)?,
                    false => self.done(list, at, text)?,
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the finished item says the same.
    pub(super) fn check(&self, added: Option<&str>, json: &str) -> Result<(), &'static str> {
        for text in &self.texts {
            let said = text.done.as_ref().unwrap_or(&text.deltas);
            let at = usize::try_from(text.at).ok();
            let finished = at.and_then(|at| match text.list {
                List::Content => text_in(json, "content", at),
                List::Summary => text_in(json, "summary", at),
                List::Arguments => raw_arguments(json),
            });
            if finished.as_ref() != Some(said) {
                return Err(DISAGREES);
            }
        }
        added.map_or(Ok(()), |added| check_added(added, json))
    }

    fn begin(&mut self, entry: &Entry) -> Result<(), &'static str> {
        let at = entry.part().unwrap_or_default();
        let mut texts = self.texts.iter();
        if texts.any(|text| (text.list, text.at) == (List::Content, at)) {
            return Err("a part begins twice");
        }
        match read_text(entry.value()) {
            Some(text) if !text.is_empty() => return Err("a part has a text before its deltas"),
            Some(_) => {
                self.text(List::Content, at);
            }
            None => {}
        }
        Ok(())
    }

    fn delta(&mut self, list: List, at: u64, more: &str) -> Result<(), &'static str> {
        self.size += more.len();
        let text = self.text(list, at);
        if text.done.is_some() {
            return Err("a text goes on after its end");
        }
        text.deltas.push_str(more);
        Ok(())
    }

    fn done(&mut self, list: List, at: u64, said: String) -> Result<(), &'static str> {
        self.size += said.len();
        let text = self.text(list, at);
        let agrees = match &text.done {
            Some(done) => *done == said,
            None => text.deltas.is_empty() || text.deltas == said,
        };
        text.done = Some(said);
        if agrees { Ok(()) } else { Err(DISAGREES) }
    }

    fn text(&mut self, list: List, at: u64) -> &mut Text {
        let known = self
            .texts
            .iter()
            .position(|text| (text.list, text.at) == (list, at));
        let known = known.unwrap_or_else(|| {
            self.size += size_of::<Text>();
            self.texts.push(Text {
                list,
                at,
                deltas: String::new(),
                done: None,
            });
            self.texts.len() - 1
        });
        &mut self.texts[known]
    }
}

fn place(entry: &Entry) -> (List, u64) {
    let at = entry.part().unwrap_or_default();
    match entry.event.kind {
        Kind::SummaryDelta | Kind::SummaryDone => (List::Summary, at),
        kind if kind.is_call_delta() || kind.is_call_done() => (List::Arguments, 0),
        _ => (List::Content, at),
    }
}

/// A call that changes its name, its id or the arguments that it had from the start.
fn check_added(added: &str, json: &str) -> Result<(), &'static str> {
    let (Some(old), Some(new)) = (read_call(added), read_call(json)) else {
        return Ok(());
    };
    let early = raw_arguments(added).is_some_and(|early| !early.is_empty());
    let changes = early && raw_arguments(added) != raw_arguments(json);
    match old.name != new.name || old.id != new.id || changes {
        true => Err(DISAGREES),
        false => Ok(()),
    }
}

/// The arguments of a call of the caller's own tools, as they are written in their string, or as the
/// object that some servers write there.
fn raw_arguments(json: &str) -> Option<String> {
    let text = json.as_bytes();
    let [arguments, input] = fields(text, ["arguments", "input"]).ok()?;
    let of_custom = string(json, "type") == "custom_tool_call";
    let place = if of_custom { input } else { arguments }?;
    match place.bytes(text) {
        [b'{', ..] => Some(place.text(text).to_owned()),
        _ => place.string(text),
    }
}

/// Err where an item is done as another than it was added.
pub(super) fn check_type(added: &str, json: &str) -> Result<(), &'static str> {
    match string(added, "type") == string(json, "type") {
        true => Ok(()),
        false => Err("an item changes its type"),
    }
}

/// Err where an item that says it is a call can't be read as one.
pub(super) fn check_call(kind: ItemKind, json: &str) -> Result<(), &'static str> {
    match kind == ItemKind::Call && read_call(json).is_none() {
        true => Err("a call can't be read"),
        false => Ok(()),
    }
}
