//! An item that has gone out, as far as a client has it.

use crate::{
    Block,
    compose::is_blank,
    json::{quote, unescape},
    openai::items::set_text,
    openai_responses::{
        call,
        entry::Entry,
        event::Kind,
        item::{ItemKind, kind_of, part_block, set_content, set_status, string},
        made::{self, Place},
    },
    sse::Frame,
};

/// An item that has gone out, or is about to.
#[derive(Debug)]
pub(super) struct Sent {
    /// Upstream's number of it; nothing where it is of our making.
    pub(super) upstream: Option<u64>,
    pub(super) number: u64,
    /// Its JSON: as it was added, then as it is done.
    pub(super) json: String,
    pub(super) is_done: bool,
    parts: Vec<SentPart>,
    /// A call's arguments as far as they went out, as they stand between quotes.
    arguments: Vec<u8>,
    /// Bytes that are kept besides its JSON and its arguments.
    kept: usize,
}

/// A part of a message that is not done yet.
#[derive(Debug)]
struct SentPart {
    upstream: u64,
    number: u64,
    json: String,
    /// Its text as far as it went out, as it stands between quotes.
    said: Vec<u8>,
    is_text_done: bool,
    is_done: bool,
}

impl Sent {
    pub(super) fn new(upstream: u64, number: u64, json: &str) -> Self {
        Self {
            upstream: Some(upstream),
            number,
            json: json.to_owned(),
            is_done: false,
            parts: Vec::new(),
            arguments: Vec::new(),
            kept: size_of::<Self>(),
        }
    }

    /// A finished item of our own making.
    pub(super) fn own(number: u64, json: &str) -> Self {
        Self {
            upstream: None,
            is_done: true,
            ..Self::new(0, number, json)
        }
    }

    /// The bytes that are kept of it.
    pub(super) fn size(&self) -> usize {
        self.kept + self.json.len() + self.arguments.len()
    }

    /// Notes what an event says of it, and gives it the number of its part.
    pub(super) fn note(&mut self, entry: &Entry, changed: bool) -> Option<u64> {
        match entry.event.kind {
            Kind::ItemDone => {
                *self = Self {
                    upstream: self.upstream,
                    is_done: true,
                    ..Self::new(0, self.number, entry.value())
                };
            }
            kind if kind.is_call_delta() => self.add(kind, None, entry.raw_said()),
            kind if kind.is_call_done() => self.arguments = entry.raw_said().to_vec(),
            _ => return self.note_part(entry, changed),
        }
        None
    }

    fn note_part(&mut self, entry: &Entry, changed: bool) -> Option<u64> {
        let (upstream, kind) = (entry.part()?, entry.event.kind);
        let known = self
            .parts
            .iter()
            .rposition(|part| part.upstream == upstream);
        let at = match known {
            Some(at) => at,
            None if self.is_done || !kind.is_of_part() => return None,
            None => self.open_part(upstream, kind, changed),
        };
        let part = &mut self.parts[at];
        match kind {
            Kind::PartAdded | Kind::PartDone => {
                self.kept += entry.value().len();
                entry.value().clone_into(&mut part.json);
            }
            _ if kind.is_text_delta() => {
                let number = part.number;
                self.add(kind, Some(upstream), entry.raw_said());
                return Some(number);
            }
            _ if kind.is_text_done() => part.said = entry.raw_said().to_vec(),
            _ => {}
        }
        part.is_text_done |= kind.is_text_done();
        part.is_done |= kind == Kind::PartDone;
        Some(part.number)
    }

    /// Notes what a delta adds to the arguments, or to the text of a part that is there.
    pub(super) fn add(&mut self, kind: Kind, part: Option<u64>, said: &[u8]) {
        if kind.is_call_delta() {
            return self.arguments.extend_from_slice(said);
        }
        let mut parts = self.parts.iter_mut();
        let known = parts.rfind(|known| Some(known.upstream) == part);
        if let Some(part) = known.filter(|_| kind.is_text_delta()) {
            self.kept += said.len();
            part.said.extend_from_slice(said);
        }
    }

    fn open_part(&mut self, upstream: u64, kind: Kind, changed: bool) -> usize {
        let next = self.parts.iter().map(|part| part.number + 1).max();
        let refusal = matches!(kind, Kind::RefusalDelta | Kind::RefusalDone);
        let json = match refusal {
            true => r#"{"type":"refusal","refusal":""}"#.to_owned(),
            false => made::text_part(""),
        };
        self.kept += size_of::<SentPart>();
        self.parts.push(SentPart {
            upstream,
            number: if changed { next.unwrap_or(0) } else { upstream },
            json,
            said: Vec::new(),
            is_text_done: false,
            is_done: false,
        });
        self.parts.len() - 1
    }

    /// The events that end it.
    pub(super) fn closing(&self) -> Vec<Frame> {
        let id = string(&self.json, "id");
        let place = Place {
            item_id: &id,
            item: self.number,
            part: 0,
        };
        let mut frames = Vec::new();
        let json = match kind_of(&self.json) {
            Ok(ItemKind::Message) => {
                let parts: Vec<String> = self.parts.iter().map(SentPart::finished).collect();
                for (part, json) in self.parts.iter().zip(&parts) {
                    frames.extend(part.closing(place, json));
                }
                // It was cut off before it said something.
                let silent = blank(&parts);
                let status = if silent { "incomplete" } else { "completed" };
                set_status(&set_content(&self.json, &parts), status)
            }
            Ok(ItemKind::Call) => {
                let call = call::with_arguments(&self.json, &self.arguments);
                let said = call.said.iter();
                frames.extend(said.map(|(kind, said)| made::call_event(*kind, place, said)));
                set_status(&call.json, "incomplete")
            }
            _ => set_status(&self.json, "incomplete"),
        };
        frames.push(made::item_event("response.output_item.done", place, &json));
        frames
    }
}

impl SentPart {
    /// The part as it is done.
    fn finished(&self) -> String {
        if self.is_done {
            return self.json.clone();
        }
        set_text(&self.json, &unescape(&self.said))
    }

    fn closing(&self, place: Place<'_>, json: &str) -> Vec<Frame> {
        let place = Place {
            part: self.number,
            ..place
        };
        let mut frames = Vec::new();
        if !self.is_done && !self.is_text_done {
            let refusal = string(json, "type") == "refusal";
            let said = quote(&unescape(&self.said));
            frames.push(made::text_done(refusal, place, &said));
        }
        if !self.is_done {
            frames.push(made::part_event("response.content_part.done", place, json));
        }
        frames
    }
}

/// Whether a text among these parts is blank, or there are none.
fn blank(parts: &[String]) -> bool {
    let mut texts = parts.iter().map(|part| part_block(part));
    let blank = |block| matches!(block, Block::Text(text) if is_blank(&text));
    parts.is_empty() || texts.any(blank)
}
