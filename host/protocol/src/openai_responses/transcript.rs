//! What the events of an item have said of it before it is done, to be compared with what is said then.
//!
//! A client may read the one or the other, so where policies judge the item both have to agree.

use std::collections::BTreeMap;

use super::{
    event::Kind,
    item::{string, texts_in},
};
use crate::{
    json::fields,
    openai::items::{read_call, read_text},
};

/// What was said of one item.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    texts: BTreeMap<(List, u64), Text>,
    size: usize,
}

/// A text or arguments as far as they were said.
#[derive(Debug, Default)]
struct Text {
    deltas: String,
    done: Option<String>,
}

/// Where in an item a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Content,
    Summary,
    Arguments,
}

const DISAGREES: &str = "its events say different things of one item";

impl Transcript {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Takes in what an event carries, and the string that this is if it is one. Err where that can't be brought together
    /// with what was said before.
    pub(super) fn hear(
        &mut self,
        kind: Kind,
        part: u64,
        json: &str,
        said: &str,
    ) -> Result<(), &'static str> {
        match kind {
            Kind::PartAdded => return self.begin(part, json),
            Kind::PartDone => {
                if let Some(text) = read_text(json) {
                    self.done(List::Content, part, text)?;
                }
            }
            _ if kind.is_delta() || kind.is_done() => {
                let (list, at) = place(kind, part);
                match kind.is_delta() {
                    true => self.delta(list, at, said)?,
                    false => self.done(list, at, said.to_owned())?,
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the finished item says the same.
    pub(super) fn check(&self, added: Option<&str>, json: &str) -> Result<(), &'static str> {
        let (content, summary) = (texts_in(json, "content"), texts_in(json, "summary"));
        for ((list, at), text) in &self.texts {
            let said = text.done.as_ref().unwrap_or(&text.deltas);
            let text_at = |texts: &[Option<String>]| {
                let at = usize::try_from(*at).ok()?;
                texts.get(at)?.clone()
            };
            let finished = match list {
                List::Content => text_at(&content),
                List::Summary => text_at(&summary),
                List::Arguments => raw_arguments(json),
            };
            if finished.as_ref() != Some(said) {
                return Err(DISAGREES);
            }
        }
        added.map_or(Ok(()), |added| check_added(added, json))
    }

    fn begin(&mut self, at: u64, json: &str) -> Result<(), &'static str> {
        if self.texts.contains_key(&(List::Content, at)) {
            return Err("a part begins twice");
        }
        match read_text(json) {
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
        let size = &mut self.size;
        self.texts.entry((list, at)).or_insert_with(|| {
            *size += size_of::<((List, u64), Text)>();
            Text::default()
        })
    }
}

fn place(kind: Kind, part: u64) -> (List, u64) {
    match kind {
        Kind::SummaryDelta | Kind::SummaryDone => (List::Summary, part),
        kind if kind.is_call_delta() || kind.is_call_done() => (List::Arguments, 0),
        _ => (List::Content, part),
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
