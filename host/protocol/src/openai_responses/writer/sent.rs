//! An item that has gone out, as far as a client has it.

use std::borrow::Cow;

use crate::{
    Block, ToolCall,
    compose::is_blank,
    json::{between_quotes, quote, unescape},
    openai::items::{read_text, set_call, set_text},
    openai_responses::{
        call,
        item::{ItemKind, kind_of, part_block, parts, set_content, set_status, string},
        made::{self, Place},
        reader::Key,
    },
    reply::writing::Disposition,
    sse::Frame,
};

/// An item that has gone out, or begun to.
#[derive(Debug)]
pub(super) struct SentItem {
    /// The item that came, of which it is what is left. `None` where it is of our own making.
    pub(super) key: Option<Key>,
    pub(super) number: u64,
    /// What was changed in it, once it is done.
    edit: Edited,
    /// Its JSON: as it was added, then as it is done.
    pub(super) json: String,
    pub(super) is_done: bool,
    /// Whether the end of the reply alone says it, so that it is out once that is.
    pub(super) is_in_end: bool,
    /// The parts of a message that is not done, by their places in it.
    parts: Vec<SentPart>,
    next_part: u64,
    /// A call's arguments as far as they went out, as they stand between quotes.
    pub(super) arguments: Vec<u8>,
    /// Bytes that are kept of its parts.
    kept: usize,
}

/// What was changed in an item.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Edited {
    Stays,
    /// It says this call.
    Call(ToolCall),
    /// These parts say something else, or are left out.
    Parts(Vec<(usize, Option<String>)>),
    /// All of it.
    Whole,
}

/// A part of a message.
#[derive(Debug, Default)]
pub(super) struct SentPart {
    /// `None` where it is left out.
    pub(super) number: Option<u64>,
    pub(super) json: String,
    /// Its text as far as it went out or will, as it stands between quotes.
    pub(super) said: Vec<u8>,
    /// Whether that is another text than upstream's.
    pub(super) is_edited: bool,
    /// Whether it was ruled as a whole, so that its deltas have no say.
    is_whole: bool,
    /// Whether no delta has said it yet.
    is_due: bool,
    /// Whether it begins in the frame that is looked at, and no delta says it.
    is_new: bool,
    pub(super) is_text_done: bool,
    pub(super) is_done: bool,
}

/// What becomes of an item that is done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ruled {
    Stays,
    Becomes(String, Edited),
    /// Nothing is left of its parts.
    Goes,
}

/// What becomes of a delta.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Delta {
    Stays,
    Says(String),
    Goes,
}

impl SentItem {
    pub(super) fn new(key: Option<Key>, number: u64, json: &str) -> Self {
        Self {
            key,
            number,
            edit: Edited::Stays,
            json: json.to_owned(),
            is_done: false,
            is_in_end: false,
            parts: Vec::new(),
            next_part: 0,
            arguments: Vec::new(),
            kept: 0,
        }
    }

    /// The bytes that are kept of it.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.kept + self.json.len() + self.arguments.len() + self.edit.size()
    }

    /// It is done, and is this, in which that was changed.
    pub(super) fn finish(&mut self, json: String, edit: Edited) {
        *self = Self {
            is_done: true,
            is_in_end: self.is_in_end,
            edit,
            ..Self::new(self.key, self.number, "")
        };
        self.json = json;
    }

    /// Nothing that comes is about it any more.
    pub(super) fn be_over(&mut self) {
        (self.key, self.edit) = (None, Edited::Whole);
    }

    /// What the end of the reply says of it, which repeats it so.
    pub(super) fn edited<'a>(&'a self, json: &'a str) -> Cow<'a, str> {
        match &self.edit {
            Edited::Stays => Cow::Borrowed(json),
            Edited::Call(call) => Cow::Owned(set_call(json, call)),
            Edited::Parts(edits) => Cow::Owned(set_parts(json, edits)),
            Edited::Whole => Cow::Borrowed(&self.json),
        }
    }

    /// Whether this part is left out.
    pub(super) fn lacks_part(&self, at: usize) -> bool {
        let part = self.parts.get(at);
        part.is_some_and(|part| part.number.is_none())
    }

    /// The number of this part, if it goes out.
    pub(super) fn part_number(&self, at: usize) -> Option<u64> {
        self.parts.get(at)?.number
    }

    /// Changes this part, if it goes out.
    pub(super) fn part<T>(
        &mut self,
        at: usize,
        change: impl FnOnce(&mut SentPart) -> T,
    ) -> Option<T> {
        let part = self.parts.get_mut(at);
        let part = part.filter(|part| part.number.is_some())?;
        let before = part.size();
        let changed = change(part);
        self.kept = (self.kept + part.size()).saturating_sub(before);
        Some(changed)
    }

    /// A part begins, and gets this number.
    pub(super) fn open_part(&mut self, at: usize, json: String) -> u64 {
        let number = self.next_part;
        self.next_part += 1;
        let part = SentPart {
            number: Some(number),
            json,
            ..SentPart::default()
        };
        self.set_part(at, part);
        number
    }

    pub(super) fn leave_part_out(&mut self, at: usize) {
        self.set_part(at, SentPart::default());
    }

    fn set_part(&mut self, at: usize, part: SentPart) {
        if at >= self.parts.len() {
            self.kept += (at + 1 - self.parts.len()) * size_of::<SentPart>();
            self.parts.resize_with(at + 1, SentPart::default);
        }
        self.kept += part.size();
        self.parts[at] = part;
    }

    /// It says more, or this part of it, as it stands between quotes.
    pub(super) fn say(&mut self, part: Option<usize>, said: &[u8]) {
        let Some(at) = part else {
            return self.arguments.extend_from_slice(said);
        };
        if let Some(part) = self.parts.get_mut(at) {
            part.said.extend_from_slice(said);
            self.kept += said.len();
        }
    }

    /// Its JSON as it is done, with what became of its parts. `differs` says whether that is something else than what they
    /// said.
    pub(super) fn ruled(&self, json: &str, differs: bool) -> Ruled {
        let is_kept = |part: &SentPart| part.number.is_some() && !part.is_edited;
        if !differs && self.parts.iter().all(is_kept) {
            return Ruled::Stays;
        }
        let parts = parts(json);
        let known = self.parts.iter().zip(&parts);
        let is_text = |part: &str| read_text(part).is_some();
        let line_up = |(part, json): (&SentPart, &&str)| {
            part.number.is_none() || is_text(&part.json) == is_text(json)
        };
        if parts.len() < self.parts.len() || !known.into_iter().all(line_up) {
            let out = self.parts.iter().filter(|part| part.number.is_some());
            let left: Vec<String> = out.map(SentPart::finished).collect();
            return match left.is_empty() {
                true => Ruled::Goes,
                false => Ruled::Becomes(set_content(json, &left), Edited::Whole),
            };
        }
        let edits = self.parts.iter().enumerate().zip(&parts);
        let edits = edits.filter_map(|((at, part), json)| match part {
            SentPart { number: None, .. } => Some((at, None)),
            part if part.is_edited => Some((at, Some(part.text()))),
            part => {
                let said = differs.then(|| part.text());
                let said = said.filter(|said| read_text(json).is_some_and(|text| text != *said));
                Some((at, Some(said?)))
            }
        });
        let edits: Vec<_> = edits.collect();
        let left_out = edits.iter().filter(|(_, said)| said.is_none()).count();
        match (edits.is_empty(), left_out == parts.len()) {
            (true, _) => Ruled::Stays,
            (_, true) => Ruled::Goes,
            _ => Ruled::Becomes(set_parts(json, &edits), Edited::Parts(edits)),
        }
    }

    /// The events that end it where upstream does not, of which the last has all of it. `status` is that of a call.
    pub(super) fn closing(&self, status: &str) -> Vec<Frame> {
        let id = string(&self.json, "id");
        let place = Place {
            item_id: &id,
            item: self.number,
            part: 0,
        };
        let mut frames = Vec::new();
        let json = match kind_of(&self.json) {
            ItemKind::Message => {
                let out = self.parts.iter().filter(|part| part.number.is_some());
                let parts: Vec<String> = out.clone().map(SentPart::finished).collect();
                for (part, json) in out.zip(&parts) {
                    frames.extend(part.closing(place, json));
                }
                // It was cut off before it said something.
                let silent = blank(&parts);
                let status = if silent { "incomplete" } else { "completed" };
                set_status(&set_content(&self.json, &parts), status)
            }
            ItemKind::Call => {
                let call = call::with_arguments(&self.json, &self.arguments);
                let said = call.said.iter();
                frames.extend(said.map(|(kind, said)| made::call_event(*kind, place, said)));
                set_status(&call.json, status)
            }
            _ => set_status(&self.json, status),
        };
        frames.push(made::item_event("response.output_item.done", place, &json));
        frames
    }
}

impl SentPart {
    fn size(&self) -> usize {
        self.json.len() + self.said.len()
    }

    /// Another text stands in the place of all of it.
    pub(super) fn replace(&mut self, text: &str) {
        self.add(text);
        (self.is_edited, self.is_whole, self.is_due) = (true, true, true);
    }

    /// It begins in a frame that is no delta.
    pub(super) fn begin_anew(&mut self) {
        self.is_new = true;
    }

    /// Takes a piece of upstream's text, or what stands in its place. Whether it is another.
    pub(super) fn grow(&mut self, raw: &[u8], disposition: &Disposition) -> bool {
        match disposition {
            _ if self.is_whole => return false,
            Disposition::Says(text) => self.add(text),
            _ => {
                self.said.extend_from_slice(raw);
                return false;
            }
        }
        self.is_edited = true;
        true
    }

    /// Says more. Whether a delta has to tell it; `None` where the part was ruled as a whole.
    pub(super) fn say_rest(&mut self, rest: &str) -> Option<bool> {
        if self.is_whole {
            return None;
        }
        self.add(rest);
        self.is_edited = true;
        Some(!std::mem::take(&mut self.is_new))
    }

    /// What a delta says that upstream's stands for, if not what it says.
    pub(super) fn delta(&mut self, disposition: &Disposition) -> Delta {
        match disposition {
            _ if self.is_whole && std::mem::take(&mut self.is_due) => Delta::Says(self.text()),
            _ if self.is_whole => Delta::Goes,
            Disposition::Says(text) if text.is_empty() => Delta::Goes,
            Disposition::Says(text) => Delta::Says(text.clone()),
            _ => Delta::Stays,
        }
    }

    fn add(&mut self, text: &str) {
        let quoted = quote(text);
        self.said
            .extend_from_slice(between_quotes(quoted.as_bytes()));
    }

    pub(super) fn is_refusal(&self) -> bool {
        string(&self.json, "type") == "refusal"
    }

    /// What went out of its text.
    pub(super) fn text(&self) -> String {
        unescape(&self.said)
    }

    /// The part as it is done.
    fn finished(&self) -> String {
        if self.is_done || read_text(&self.json).is_none() {
            return self.json.clone();
        }
        set_text(&self.json, &self.text())
    }

    fn closing(&self, place: Place<'_>, json: &str) -> Vec<Frame> {
        let place = Place {
            part: self.number.unwrap_or_default(),
            ..place
        };
        let mut frames = Vec::new();
        if !self.is_done && !self.is_text_done && read_text(&self.json).is_some() {
            let said = quote(&self.text());
            frames.push(made::text_done(self.is_refusal(), place, &said));
        }
        if !self.is_done {
            frames.push(made::part_event("response.content_part.done", place, json));
        }
        frames
    }
}

impl Edited {
    fn size(&self) -> usize {
        match self {
            Self::Stays | Self::Whole => 0,
            Self::Call(call) => call.id.len() + call.name.len() + call.arguments.len(),
            Self::Parts(parts) => {
                let texts = parts
                    .iter()
                    .map(|(_, said)| said.as_ref().map_or(0, String::len));
                texts.sum::<usize>() + size_of_val(&parts[..])
            }
        }
    }
}

/// A message in which these parts say something else, or are left out.
fn set_parts(json: &str, edits: &[(usize, Option<String>)]) -> String {
    let mut edits = edits.iter().peekable();
    let parts = parts(json).into_iter().enumerate();
    let left = parts.filter_map(
        |(at, part)| match edits.next_if(|(edited, _)| *edited == at) {
            None => Some(part.to_owned()),
            Some((_, said)) => Some(set_text(part, said.as_ref()?)),
        },
    );
    let left: Vec<String> = left.collect();
    set_content(json, &left)
}

/// Whether a text among these parts is blank, or there are none.
fn blank(parts: &[String]) -> bool {
    let mut texts = parts.iter().map(|part| part_block(part));
    let blank = |block| matches!(block, Block::Text(text) if is_blank(&text));
    parts.is_empty() || texts.any(blank)
}
