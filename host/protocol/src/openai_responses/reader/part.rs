//! The parts of a message as they come.

use std::collections::BTreeMap;

use super::{FrameEvents, Place, Taken, items::string_of};
use crate::{
    Block, BlockKind, Delivery, Wants,
    json::Span,
    openai_responses::{
        event::Kind,
        item::{part_block, part_kind, part_spans},
    },
    reply::reading::{BlockId, What, malformed},
};

/// The parts of an open message, by upstream's numbers.
#[derive(Debug, Default)]
pub(super) struct Parts {
    known: BTreeMap<u64, Part>,
    /// The text that was opened last.
    speaking: Option<u64>,
}

#[derive(Debug)]
struct Part {
    block: BlockId,
    kind: BlockKind,
    is_open: bool,
    /// Whether nothing of its text was told.
    is_silent: bool,
}

/// The message that something is told of.
#[derive(Debug)]
pub(super) struct Message<'a, 'b> {
    pub(super) wants: &'a Wants,
    /// The last number of a block.
    pub(super) blocks: &'a mut BlockId,
    /// Upstream's number of it.
    pub(super) number: u64,
    /// The number of the group of its parts.
    pub(super) group: BlockId,
    pub(super) events: &'a mut FrameEvents<'b>,
}

impl<'b> Message<'_, 'b> {
    fn json(&self, value: Span) -> &'b str {
        value.text(self.events.data)
    }

    fn tell(&mut self, block: BlockId, part: Option<u64>, value: Span, what: What) {
        let place = Place {
            item: Some(self.number),
            part,
            value,
            ..Place::default()
        };
        self.events.push(block, place, what);
    }
}

impl Parts {
    /// The bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.known.len() * size_of::<(u64, Part)>()
    }

    /// Takes an event of the message, which carries what stands at `value`, and the string there if it was read.
    pub(super) fn take(
        &mut self,
        (kind, part): (Kind, Option<u64>),
        value: Span,
        said: Option<String>,
        message: &mut Message<'_, '_>,
    ) -> Taken {
        let Some(at) = part else {
            message.tell(message.group, None, value, What::Passes);
            return Ok(());
        };
        let is_open = self.known.get(&at).map(|part| part.is_open);
        match kind {
            Kind::PartAdded if is_open.is_none() => {
                let json = message.json(value);
                self.open(
                    at,
                    part_kind(json).unwrap_or(BlockKind::Other),
                    value,
                    message,
                );
                if let Block::Text(text) = part_block(json) {
                    self.say(at, text, value, message);
                }
                return Ok(());
            }
            Kind::PartDone => {
                self.end_part(at, value, message)?;
            }
            _ if kind.is_text_delta() || kind.is_text_done() => {
                if is_open.is_none() {
                    self.open(at, BlockKind::Text, Span::default(), message);
                }
                self.take_text((kind, at), value, said, message)?;
            }
            _ => {}
        }
        // What says nothing of a block waits for the one that it is about.
        let told = message.events.is_told();
        if let Some(part) = self.known.get(&at).filter(|part| part.is_open && !told) {
            message.tell(part.block, Some(at), value, What::Grows(String::new()));
        } else if !told {
            message.tell(message.group, Some(at), value, What::Passes);
        }
        Ok(())
    }

    /// The message is done, and is what stands at `value`.
    pub(super) fn end(&mut self, value: Span, message: &mut Message<'_, '_>) -> Taken {
        let spans = part_spans(message.json(value)).into_iter();
        let mut next = 0;
        for span in spans {
            self.end_part(next, span.shifted(value.start), message)?;
            next += 1;
        }
        let missing = self
            .known
            .range_mut(next..)
            .filter(|(_, part)| part.is_open);
        for (at, part) in missing {
            if message.wants.delivery(part.kind) >= Delivery::Pieces {
                return malformed("a message is done without one of its parts");
            }
            part.is_open = false;
            message.tell(part.block, Some(*at), Span::default(), What::Closes(None));
        }
        Ok(())
    }

    /// The blocks of the parts that are not over, and never will be.
    pub(super) fn close_all(&mut self) -> impl Iterator<Item = (u64, BlockId)> {
        let open = self.known.iter_mut().filter(|(_, part)| part.is_open);
        open.map(|(at, part)| {
            part.is_open = false;
            (*at, part.block)
        })
    }

    fn open(&mut self, at: u64, kind: BlockKind, value: Span, message: &mut Message<'_, '_>) {
        if kind == BlockKind::Text {
            let before = self.speaking.replace(at);
            let before = before.and_then(|before| Some((before, self.known.get_mut(&before)?)));
            // Policies hear one text at a time.
            if let Some((before, part)) = before.filter(|(_, part)| part.is_open)
                && message.wants.text == Delivery::Pieces
            {
                part.is_open = false;
                let none = Span::default();
                message.tell(part.block, Some(before), none, What::Closes(None));
            }
        }
        *message.blocks += 1;
        let block = *message.blocks;
        let part = Part {
            block,
            kind,
            is_open: true,
            is_silent: true,
        };
        self.known.insert(at, part);
        message.tell(block, Some(at), value, What::OpensIn(message.group, kind));
    }

    fn say(&mut self, at: u64, text: String, value: Span, message: &mut Message<'_, '_>) {
        if let Some(part) = self.known.get_mut(&at).filter(|_| !text.is_empty()) {
            part.is_silent = false;
            message.tell(part.block, Some(at), value, What::Grows(text));
        }
    }

    /// Takes an event of a text.
    fn take_text(
        &mut self,
        (kind, at): (Kind, u64),
        value: Span,
        said: Option<String>,
        message: &mut Message<'_, '_>,
    ) -> Taken {
        let Some(part) = self.known.get(&at) else {
            return Ok(());
        };
        if part.kind != BlockKind::Text && message.wants.judge_any() {
            return malformed("an event is not about a part of that type");
        }
        if part.kind != BlockKind::Text || !part.is_open {
            return Ok(());
        }
        let json = message.json(value);
        let text = || said.unwrap_or_else(|| string_of(json));
        if kind.is_text_delta() {
            self.say(at, text(), value, message);
        } else if part.is_silent {
            let text = text();
            self.say(at, text.clone(), value, message);
            self.close(at, || Block::Text(text), value, message);
        } else {
            self.close(at, || Block::Text(text()), value, message);
        }
        Ok(())
    }

    /// A part is done, and is what stands at `value`.
    fn end_part(&mut self, at: u64, value: Span, message: &mut Message<'_, '_>) -> Taken {
        let json = message.json(value);
        let kind = part_kind(json).unwrap_or(BlockKind::Other);
        if !self.known.contains_key(&at) {
            self.open(at, kind, value, message);
        }
        let Some(part) = self.known.get(&at) else {
            return Ok(());
        };
        if part.kind != kind && message.wants.judge_any() {
            return malformed("a part changes its type");
        }
        if !part.is_open {
            return Ok(());
        }
        if let (true, Block::Text(text)) = (part.is_silent, part_block(json)) {
            self.say(at, text, value, message);
        }
        self.close(at, || part_block(json), value, message);
        Ok(())
    }

    fn close(
        &mut self,
        at: u64,
        block: impl FnOnce() -> Block,
        value: Span,
        message: &mut Message<'_, '_>,
    ) {
        if let Some(part) = self.known.get_mut(&at) {
            part.is_open = false;
            let is_seen = match message.wants.delivery(part.kind) {
                Delivery::None => false,
                Delivery::Pieces => part.kind != BlockKind::Text,
                Delivery::Observe | Delivery::Whole => true,
            };
            let block = is_seen.then(block);
            message.tell(part.block, Some(at), value, What::Closes(block));
        }
    }
}
