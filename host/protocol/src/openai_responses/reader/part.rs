//! The parts of a message as they come.

mod finding;

use std::collections::BTreeMap;

pub(super) use self::finding::PartAt;
use super::{
    message::{Message, Said},
    open::{inner, joined, replaced},
};
use crate::{
    Block, BlockKind, Delivery,
    json::{Halves, Span, quote, unescape},
    openai::items::{read_text, set_text},
    openai_responses::{
        event::{Event, Kind},
        item::{judges_parts, part_block, part_kind, part_spans, raw_text, string},
        made,
        transcript::is_same_text,
    },
    reply::reading::{BlockId, What},
    sse::Frame,
};

/// The parts of an open message, in the order in which they begin.
#[derive(Debug, Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
    /// The latest of each of upstream's numbers.
    by_index: BTreeMap<u64, usize>,
    /// The text that was opened last.
    speaking: Option<usize>,
    /// The bytes that are kept of what they said.
    said: usize,
}

#[derive(Debug)]
struct Part {
    block: BlockId,
    kind: BlockKind,
    is_open: bool,
    /// Whether an event of its own said that it begins. Then another one of its message begins so too.
    is_added: bool,
    /// Whether an event of its own said that it is done.
    is_done: bool,
    /// The same of its text.
    is_text_done: bool,
    /// Whether nothing of its text was told.
    is_silent: bool,
    /// What its deltas said, as it stands between quotes, where policies judge it.
    said: Vec<u8>,
    halves: Halves,
}

impl Parts {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.parts.len() * (size_of::<Part>() + size_of::<(u64, usize)>()) + self.said
    }

    /// The number of the latest part, for an event that names none.
    pub(super) fn latest(&self) -> u64 {
        let last = self.by_index.last_key_value();
        last.map_or(0, |(index, _)| *index)
    }

    /// Whether half a letter waits for what a part says next.
    pub(super) fn has_half(&self, at: usize) -> bool {
        let part = self.parts.get(at);
        part.is_some_and(|part| part.halves.is_pending())
    }

    fn known(&self, index: u64) -> Option<usize> {
        self.by_index.get(&index).copied()
    }

    /// The frame of an event of a judged text as it has to be for all clients to read the same from it together with those
    /// around it, and a frame that follows it.
    pub(super) fn mended(
        &mut self,
        at: PartAt,
        frame: &Frame,
        event: &Event,
    ) -> Option<(Frame, Option<Frame>)> {
        let (data, value) = (frame.data(), event.value.unwrap_or_default());
        if event.kind == Kind::PartAdded {
            return begun_silently(frame, event);
        }
        let PartAt::Known(at) = at else { return None };
        let part = self
            .parts
            .get_mut(at)
            .filter(|_| event.kind.is_text_delta())?;
        let with = joined(&mut part.halves, inner(event, data))?;
        Some((replaced(frame, value, with), None))
    }

    /// Takes an event of the message.
    pub(super) fn take(&mut self, at: PartAt, event: &Event, message: &mut Message<'_, '_>) {
        let (kind, value) = (event.kind, event.value.unwrap_or_default());
        let at = match (at, event.part) {
            (PartAt::Message, _) | (_, None) => {
                return message.tell(message.group, None, (value, false), What::Passes);
            }
            (PartAt::Known(at), Some(index)) => {
                self.by_index.entry(index.value).or_insert(at);
                at
            }
            (PartAt::New, Some(index)) => {
                let json = message.json(value);
                let is_part = matches!(kind, Kind::PartAdded | Kind::PartDone);
                let (block, shown) = match is_part {
                    true => (part_kind(json), value),
                    false => (BlockKind::Text, Span::default()),
                };
                self.open(index.value, block, shown, message)
            }
        };
        let mut differs = false;
        match kind {
            Kind::PartAdded => {
                if let Some(part) = self.parts.get_mut(at) {
                    part.is_added = true;
                }
                if let Block::Text(text) = part_block(message.json(value)) {
                    self.say(at, text, value, message);
                }
            }
            Kind::PartDone => {
                differs = self.end_part(at, value, message);
                if let Some(part) = self.parts.get_mut(at) {
                    part.is_done = true;
                }
            }
            _ if kind.is_text_delta() || kind.is_text_done() => {
                differs = self.take_text((kind, at), event, message);
            }
            _ => {}
        }
        // What says nothing of a block waits for the one that it is about.
        if message.events.is_told() {
            return;
        }
        match self.parts.get(at).filter(|part| part.is_open) {
            Some(part) => {
                let what = What::Grows(String::new());
                message.tell(part.block, Some(at), (value, differs), what);
            }
            None => message.tell(message.group, Some(at), (value, differs), What::Passes),
        }
    }

    /// The message is done, and is what stands at `value`. Whether that is something else than what was said.
    pub(super) fn end(&mut self, value: Span, message: &mut Message<'_, '_>) -> bool {
        let spans = part_spans(message.json(value));
        let kind_at = |span: &Span| part_kind(span.shifted(value.start).text(message.events.data));
        let known = self.parts.iter().zip(&spans);
        let is_judged = judges_parts(message.wants);
        let line_up = |(part, span): (&Part, &Span)| kind_at(span) == part.kind;
        if is_judged && !known.into_iter().all(line_up) {
            self.end_missing(0, message);
            return true;
        }
        let mut differs = false;
        for (at, span) in spans.iter().enumerate() {
            let span = span.shifted(value.start);
            if at == self.parts.len() {
                let kind = part_kind(message.json(span));
                self.open(at as u64, kind, span, message);
            }
            differs |= self.end_part(at, span, message);
        }
        self.end_missing(spans.len(), message) || differs
    }

    /// Ends the parts from here on that are open, with what they said. Whether there are parts at all.
    fn end_missing(&mut self, from: usize, message: &mut Message<'_, '_>) -> bool {
        for at in from..self.parts.len() {
            if self.parts[at].is_open {
                let said = unescape(&self.parts[at].said);
                let block = match self.parts[at].kind {
                    BlockKind::Text => Block::Text(said),
                    _ => Block::Other("null".to_owned()),
                };
                self.close(at, || block, (Span::default(), false), message);
            }
        }
        from < self.parts.len()
    }

    /// The message ends where upstream does not end it.
    pub(super) fn end_all(&mut self, message: &mut Message<'_, '_>) {
        self.end_missing(0, message);
    }

    /// The blocks of the parts that are not over, and never will be, with the texts that are judged as far as they came.
    pub(super) fn close_all(
        &mut self,
        is_judged: bool,
    ) -> impl Iterator<Item = (usize, BlockId, Option<Block>)> {
        let open = self
            .parts
            .iter_mut()
            .zip(0..)
            .filter(|(part, _)| part.is_open);
        open.map(move |(part, at)| {
            part.is_open = false;
            let is_there = is_judged && part.kind == BlockKind::Text;
            let text = is_there.then(|| Block::Text(unescape(&part.said)));
            (at, part.block, text)
        })
    }

    fn open(
        &mut self,
        index: u64,
        kind: BlockKind,
        value: Span,
        message: &mut Message<'_, '_>,
    ) -> usize {
        let at = self.parts.len();
        if kind == BlockKind::Text {
            let before = self.speaking.replace(at);
            let before = before.and_then(|before| Some((before, self.parts.get_mut(before)?)));
            // Policies hear one text at a time.
            if let Some((before, part)) = before.filter(|(_, part)| part.is_open)
                && message.wants.text == Delivery::Pieces
            {
                part.is_open = false;
                let none = (Span::default(), false);
                message.tell(part.block, Some(before), none, What::Closes(None));
            }
        }
        *message.blocks += 1;
        let block = *message.blocks;
        self.parts.push(Part::new(block, kind));
        self.by_index.insert(index, at);
        let what = What::OpensIn(message.group, kind);
        message.tell(block, Some(at), (value, false), what);
        at
    }

    fn say(&mut self, at: usize, text: String, value: Span, message: &mut Message<'_, '_>) {
        if let Some(part) = self.parts.get_mut(at).filter(|_| !text.is_empty()) {
            part.is_silent = false;
            message.tell(part.block, Some(at), (value, false), What::Grows(text));
        }
    }

    /// Keeps what a judged text said, as it stands between quotes.
    fn keep(&mut self, at: usize, raw: &[u8], message: &Message<'_, '_>) {
        if let Some(part) = self.parts.get_mut(at)
            && message.judges(part.kind)
        {
            part.said.extend_from_slice(raw);
            self.said += raw.len();
        }
    }

    /// Takes an event of a text. Whether it says something else than what was said.
    fn take_text(
        &mut self,
        (kind, at): (Kind, usize),
        event: &Event,
        message: &mut Message<'_, '_>,
    ) -> bool {
        let Some(part) = self
            .parts
            .get(at)
            .filter(|part| part.kind == BlockKind::Text)
        else {
            return false;
        };
        let value = event.value.unwrap_or_default();
        let raw = inner(event, message.events.data);
        let (is_open, is_silent) = (part.is_open, part.is_silent);
        let differs = kind.is_text_done() && part.is_other(|| raw, message);
        self.parts[at].is_text_done |= kind.is_text_done();
        if !is_open {
            return differs;
        }
        if kind.is_text_delta() || is_silent {
            self.keep(at, raw, message);
            self.say(at, unescape(raw), value, message);
        }
        if kind.is_text_done() {
            self.close(at, || Block::Text(unescape(raw)), (value, differs), message);
        }
        differs
    }

    /// A part is done, and is what stands at `value`. Whether that is something else than what was said.
    fn end_part(&mut self, at: usize, value: Span, message: &mut Message<'_, '_>) -> bool {
        let json = message.json(value);
        let Some(part) = self.parts.get(at) else {
            return false;
        };
        let (is_open, is_silent) = (part.is_open, part.is_silent);
        let is_text = part.kind == BlockKind::Text;
        let differs = is_text && part.is_other(|| raw_text(json), message);
        if !is_open {
            return differs;
        }
        if let (true, Block::Text(text)) = (is_silent, part_block(json)) {
            self.keep(at, raw_text(json), message);
            self.say(at, text, value, message);
        }
        self.close(at, || part_block(json), (value, differs), message);
        differs
    }

    /// A part is over. Of a judged text what its deltas said counts.
    fn close(
        &mut self,
        at: usize,
        block: impl FnOnce() -> Block,
        said: Said,
        message: &mut Message<'_, '_>,
    ) {
        let Some(part) = self.parts.get_mut(at) else {
            return;
        };
        part.is_open = false;
        let is_seen = match message.wants.delivery(part.kind) {
            Delivery::None => false,
            Delivery::Pieces => part.kind != BlockKind::Text,
            Delivery::Observe | Delivery::Whole => true,
        };
        let block = is_seen.then(|| match part.said.is_empty() {
            true => block(),
            false => Block::Text(unescape(&part.said)),
        });
        message.tell(part.block, Some(at), said, What::Closes(block));
    }
}

impl Part {
    /// A part that begins, and of which nothing was said yet.
    fn new(block: BlockId, kind: BlockKind) -> Self {
        Self {
            block,
            kind,
            is_open: true,
            is_added: false,
            is_done: false,
            is_text_done: false,
            is_silent: true,
            said: Vec::new(),
            halves: Halves::default(),
        }
    }

    /// Whether it is a judged text that has said something else than this.
    fn is_other<'a>(&self, raw: impl FnOnce() -> &'a [u8], message: &Message<'_, '_>) -> bool {
        let is_judged = !self.is_silent && message.judges(self.kind);
        is_judged && !is_same_text(&self.said, raw())
    }
}

/// The start of a part without the text that it says, and a delta that says it. `None` where it says none.
fn begun_silently(frame: &Frame, event: &Event) -> Option<(Frame, Option<Frame>)> {
    let (data, value) = (frame.data(), event.value.unwrap_or_default());
    let json = value.text(data);
    let text = read_text(json).filter(|text| !text.is_empty())?;
    let place = made::Place {
        item_id: &event.id.and_then(|id| id.string(data)).unwrap_or_default(),
        item: event.item?.value,
        part: event.part?.value,
    };
    let is_refusal = string(json, "type") == "refusal";
    let delta = made::text_delta(is_refusal, place, &quote(&text));
    Some((replaced(frame, value, set_text(json, "")), Some(delta)))
}
