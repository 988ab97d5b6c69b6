//! The parts of a message as they come.

use std::collections::BTreeMap;

use super::{
    message::{Message, Said},
    open::{inner, joined, replaced},
};
use crate::{
    Block, BlockKind, Delivery, Wants,
    json::{Halves, Span, quote, unescape},
    openai::items::{read_text, set_text},
    openai_responses::{
        event::{Event, Kind},
        item::{is_judged, part_block, part_kind, part_spans, raw_text, string},
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

/// Which part an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartAt {
    Known(usize),
    New,
    /// None that is known.
    Message,
}

impl Parts {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.parts.len() * (size_of::<Part>() + size_of::<(u64, usize)>()) + self.said
    }

    /// The part that an event is about. `None` where it has no place: policies could not judge what it says.
    pub(super) fn find(&self, event: &Event, data: &[u8], wants: &Wants) -> Option<PartAt> {
        let Some(index) = event.part.map(|part| part.value) else {
            return Some(PartAt::Message);
        };
        let kind = match event.kind {
            kind if kind.is_text_delta() || kind.is_text_done() => BlockKind::Text,
            Kind::PartAdded | Kind::PartDone => {
                let part = event.value.unwrap_or_default().text(data);
                part_kind(part)
            }
            _ => return Some(self.known(index).map_or(PartAt::Message, PartAt::Known)),
        };
        let acts = wants.judge_any() || wants.end;
        let at = self.known(index);
        let known = at.and_then(|at| self.parts.get(at));
        match (event.kind, at, known) {
            (Kind::PartAdded, Some(_), Some(part)) if acts => {
                (!part.is_open || !part.is_silent).then_some(PartAt::New)
            }
            (delta, Some(at), Some(part)) if acts => {
                // Of a judged part everything is said once.
                let was_said = match delta {
                    Kind::PartDone => part.is_done,
                    delta if delta.is_text_done() => part.is_text_done,
                    _ => !part.is_open,
                };
                let is_over = was_said && is_judged(kind, wants);
                (part.kind == kind && !is_over).then_some(PartAt::Known(at))
            }
            (_, Some(at), _) => Some(PartAt::Known(at)),
            (Kind::PartAdded, None, _) => Some(PartAt::New),
            (_, None, _) => {
                let last = self.parts.len().checked_sub(1);
                let is_silent = last.is_some_and(|at| self.parts[at].is_silent);
                let is_next = index == self.parts.len() as u64 && !is_silent;
                let fits = |at: &usize| {
                    let part = &self.parts[*at];
                    let goes_on = match event.kind {
                        Kind::PartDone => !part.is_done,
                        _ => part.is_open,
                    };
                    goes_on && part.kind == kind
                };
                let last = last.filter(|at| acts && !is_next && fits(at));
                Some(last.map_or(PartAt::New, PartAt::Known))
            }
        }
    }

    /// The number of the latest part, for an event that names none.
    pub(super) fn latest(&self) -> u64 {
        let last = self.by_index.last_key_value();
        last.map_or(0, |(index, _)| *index)
    }

    /// Whether half a letter waits for what a part says next.
    pub(super) fn has_half(&self, at: u64) -> bool {
        let part = usize::try_from(at).ok().and_then(|at| self.parts.get(at));
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
            let json = value.text(data);
            let text = read_text(json).filter(|text| !text.is_empty())?;
            let place = made::Place {
                item_id: &event.id.and_then(|id| id.string(data)).unwrap_or_default(),
                item: event.item?.value,
                part: event.part?.value,
            };
            let is_refusal = string(json, "type") == "refusal";
            let delta = made::text_delta(is_refusal, place, &quote(&text));
            return Some((replaced(frame, value, set_text(json, "")), Some(delta)));
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
        let acts = message.wants.judge_any() || message.wants.end;
        let line_up = |(part, span): (&Part, &Span)| kind_at(span) == part.kind;
        if acts && !known.into_iter().all(line_up) {
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

    /// The blocks of the parts that are not over, and never will be.
    pub(super) fn close_all(&mut self) -> impl Iterator<Item = (u64, BlockId)> {
        let open = self
            .parts
            .iter_mut()
            .zip(0..)
            .filter(|(part, _)| part.is_open);
        open.map(|(part, at)| {
            part.is_open = false;
            (at, part.block)
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
        self.parts.push(Part {
            block,
            kind,
            is_open: true,
            is_done: false,
            is_text_done: false,
            is_silent: true,
            said: Vec::new(),
            halves: Halves::default(),
        });
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
        let differs = kind.is_text_done() && self.is_other(at, raw, message);
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

    /// Whether a judged text has said something else than this.
    fn is_other(&self, at: usize, raw: &[u8], message: &Message<'_, '_>) -> bool {
        let part = self.parts.get(at);
        let part = part.filter(|part| !part.is_silent && message.judges(part.kind));
        part.is_some_and(|part| !is_same_text(&part.said, raw))
    }

    /// A part is done, and is what stands at `value`. Whether that is something else than what was said.
    fn end_part(&mut self, at: usize, value: Span, message: &mut Message<'_, '_>) -> bool {
        let json = message.json(value);
        let Some(part) = self.parts.get(at) else {
            return false;
        };
        let (is_open, is_silent) = (part.is_open, part.is_silent);
        let is_text = part.kind == BlockKind::Text;
        let differs = is_text && self.is_other(at, raw_text(json), message);
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
