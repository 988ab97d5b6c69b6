//! One choice as far as it has come.

use super::{
    call::{Call, Calls},
    numbering::Numbering,
    telling::Telling,
    texts::Texts,
};
use crate::{
    Block, BlockKind, Delivery,
    compose::is_blank,
    json::Span,
    openai_chat::{
        chunk::{Element, Entry, Form},
        content::{self, Part},
        place::{Field, Piece},
    },
    reply::{
        Result,
        reading::{What, malformed},
    },
};

/// The blocks of a choice that are not complete.
#[derive(Debug, Default)]
pub(super) struct Choice {
    has_begun: bool,
    has_role: bool,
    texts: Texts,
    calls: Calls,
    /// Tells pieces of calls apart, before they are taken in.
    pub(super) numbering: Numbering,
    /// Whether its content is known to be more than blank.
    has_content: bool,
    has_refusal: bool,
    /// Whether upstream gave a finish reason.
    is_finished: bool,
}

impl Choice {
    /// Takes an element of `choices` in, in the order of the fields of a message.
    pub(super) fn take(&mut self, entry: &Entry, telling: &mut Telling<'_>) -> Result {
        self.begin(entry, telling);
        self.text(Field::Thinking, entry.thinking, telling)?;
        self.text(Field::Content, entry.content, telling)?;
        for (at, part) in entry.parts.iter().enumerate() {
            self.part(at, part, telling)?;
        }
        self.text(Field::Refusal, entry.refusal, telling)?;
        for (at, element) in entry.calls.iter().enumerate() {
            let is_bare = element.id.is_none() && element.name.is_none();
            let number = element.index.unwrap_or(at as u64);
            let piece = Piece::Call {
                at,
                number,
                is_bare,
            };
            self.call(piece, element, telling)?;
        }
        if let Some(element) = &entry.function_call {
            self.call(Piece::FunctionCall, element, telling)?;
        }
        if entry.finish_reason.is_some() || telling.form == Form::Message {
            self.finish(entry.finish_reason, telling);
        }
        Ok(())
    }

    /// Takes a piece that is like one before, but for what is written at `value`.
    pub(super) fn repeat(
        &mut self,
        piece: Piece,
        value: Span,
        telling: &mut Telling<'_>,
    ) -> Result {
        match piece {
            Piece::Text(field) => self.text(field, Some(value), telling),
            Piece::Call { number, .. } => {
                self.numbering.goes_on(telling.data, value);
                let element = Element {
                    index: Some(number),
                    arguments: Some(value),
                    is_custom: self.calls.is_custom(Some(number)),
                    ..Element::default()
                };
                self.call(piece, &element, telling)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Whether a text here makes no difference: one before was more than blank already.
    pub(super) fn has_said(&self, field: Field) -> bool {
        match field {
            Field::Thinking => true,
            Field::Content => self.has_content,
            Field::Refusal => self.has_refusal,
        }
    }

    /// Bytes that are kept of its blocks.
    pub(super) fn held(&self) -> usize {
        self.texts.held() + self.calls.held() + self.numbering.held()
    }

    /// The reply is over.
    pub(super) fn end(&mut self, telling: &mut Telling<'_>) {
        match self.is_finished {
            true => self.end_blocks(telling),
            false => self.finish(None, telling),
        }
    }

    /// The reply is over, and its blocks are not complete.
    pub(super) fn break_off(&mut self, telling: &mut Telling<'_>) {
        self.texts.break_off(telling);
        // Calls stay open: a stop at a text must not take them for complete.
    }

    fn begin(&mut self, entry: &Entry, telling: &mut Telling<'_>) {
        let is_known = std::mem::replace(&mut self.has_begun, true);
        if entry.has_role && !std::mem::replace(&mut self.has_role, true) {
            telling.tell(0, Piece::Role, None, What::Passes);
        } else if !is_known {
            telling.tell_whole(What::Passes);
        }
    }

    fn text(&mut self, field: Field, value: Option<Span>, telling: &mut Telling<'_>) -> Result {
        match value {
            Some(value) => self.text_at(Piece::Text(field), field, value, telling),
            None => Ok(()),
        }
    }

    /// A text, or a piece of one, that stands at this piece of the choice.
    fn text_at(
        &mut self,
        piece: Piece,
        field: Field,
        value: Span,
        telling: &mut Telling<'_>,
    ) -> Result {
        let kind = field.kind();
        let delivery = telling.delivery(kind);
        self.check_late(delivery)?;
        if field != Field::Thinking {
            self.texts.pause_thinking(telling);
        }
        // Read only where it makes a difference.
        let is_told = match (delivery, kind) {
            (Delivery::Pieces, _) => true,
            (Delivery::Whole, _) => false,
            (Delivery::None | Delivery::Observe, _) => !self.has_said(field),
        };
        let open = self.texts.open(field, piece, telling);
        let mut said = String::new();
        if is_told || open.is_kept() {
            said = content::read(telling.data, value);
        }
        open.add(&said);
        let block = open.block;
        if !is_told {
            said.clear();
        }
        match field {
            Field::Thinking => {}
            Field::Content => self.has_content |= !is_blank(&said),
            Field::Refusal => self.has_refusal |= !is_blank(&said),
        }
        telling.tell(block, piece, Some(value), What::Grows(said));
        Ok(())
    }

    /// A part of content that is a list. One that is no text is a block of its own.
    fn part(&mut self, at: usize, part: &Part, telling: &mut Telling<'_>) -> Result {
        let kind = part.kind;
        let piece = Piece::Part { at, kind };
        match (kind, part.value) {
            (BlockKind::Text, Some(value)) => {
                return self.text_at(piece, Field::Content, value, telling);
            }
            (BlockKind::Thinking, Some(value)) => {
                return self.text_at(piece, Field::Thinking, value, telling);
            }
            _ => {}
        }
        let delivery = telling.delivery(kind);
        self.check_late(delivery)?;
        self.texts.pause_thinking(telling);
        let block = telling.next_block();
        let content = || Block::Other(part.span.text(telling.data).to_owned());
        let content = (delivery != Delivery::None).then(content);
        telling.tell(block, piece, None, What::Opens(kind));
        telling.tell(block, piece, None, What::Closes(content));
        Ok(())
    }

    fn call(&mut self, piece: Piece, element: &Element, telling: &mut Telling<'_>) -> Result {
        let delivery = telling.delivery(BlockKind::ToolCall);
        self.check_late(delivery)?;
        self.texts.pause_thinking(telling);
        let value = element.arguments;
        let opens = What::Opens(BlockKind::ToolCall);
        let grows = What::Grows(String::new());
        if telling.form == Form::Message {
            // All is there, and policies hear of it in the order in which a stream is judged.
            self.texts.end(telling);
            let block = telling.next_block();
            let call = (delivery != Delivery::None).then(|| element.call(telling.data));
            telling.tell(block, piece, value, opens);
            telling.tell(block, piece, value, grows);
            let closes = What::Closes(call.map(Block::ToolCall));
            telling.tell(block, piece, value, closes);
            return Ok(());
        }
        let number = match piece {
            Piece::Call { number, .. } => Some(number),
            _ => None,
        };
        let added = self.calls.add(number, element, delivery, telling);
        if added.is_first {
            telling.tell(added.block, piece, value, opens);
        }
        if added.is_torn {
            telling.tell(added.block, Piece::Whole, None, What::Tears);
        }
        telling.tell(added.block, piece, value, grows);
        Ok(())
    }

    fn finish(&mut self, reason: Option<Span>, telling: &mut Telling<'_>) {
        self.end_blocks(telling);
        self.is_finished |= reason.is_some();
        let said = reason.and_then(|reason| reason.string(telling.data));
        let finishes = What::Finishes(said.unwrap_or_default());
        telling.tell(0, Piece::FinishReason, reason, finishes);
    }

    /// No more pieces of its blocks come.
    fn end_blocks(&mut self, telling: &mut Telling<'_>) {
        self.texts.end(telling);
        let is_wanted = telling.delivery(BlockKind::ToolCall) != Delivery::None;
        for call in self.calls.take() {
            let block = call.block();
            let content = is_wanted.then(|| Call::finish(call));
            telling.tell(block, Piece::Whole, None, What::Closes(content));
        }
    }

    /// What comes behind a finish reason has no place where it could be judged.
    fn check_late(&self, delivery: Delivery) -> Result {
        match delivery {
            Delivery::Pieces | Delivery::Whole if self.is_finished => {
                malformed("content comes behind its finish reason")
            }
            _ => Ok(()),
        }
    }
}
