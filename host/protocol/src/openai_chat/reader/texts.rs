//! The texts of a choice as far as they have come.
//!
//! Clients add up what each field says, whatever stands in between: a text that goes on behind a tool call is still the same
//! text. So there is one block for the content of a choice, one for its refusal and one for its thinking, and they are over
//! when the choice is.

use super::telling::Telling;
use crate::{
    Block, BlockKind, Delivery,
    openai_chat::place::{Field, Piece},
    reply::reading::{BlockId, What},
};

/// The texts of a choice that may go on.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// In the order in which they began.
    open: Vec<Text>,
    /// The thinking that was judged, of which more may come.
    thought: String,
}

/// A text, or thinking, that may go on.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) block: BlockId,
    field: Field,
    /// All of it, where policies want to see that.
    said: Option<String>,
}

impl Texts {
    /// The text in this field, which begins with this piece if it has not yet.
    pub(super) fn open(
        &mut self,
        field: Field,
        piece: Piece,
        telling: &mut Telling<'_>,
    ) -> &mut Text {
        let known = self.open.iter().position(|text| text.field == field);
        let at = known.unwrap_or_else(|| {
            let (block, kind) = (telling.next_block(), field.kind());
            telling.tell(block, piece, None, What::Opens(kind));
            let is_kept = matches!(telling.delivery(kind), Delivery::Observe | Delivery::Whole);
            let before = match field {
                Field::Thinking => std::mem::take(&mut self.thought),
                Field::Content | Field::Refusal => String::new(),
            };
            self.open.push(Text {
                block,
                field,
                said: is_kept.then_some(before),
            });
            self.open.len() - 1
        });
        &mut self.open[at]
    }

    /// Bytes that are kept.
    pub(super) fn held(&self) -> usize {
        let said = self.open.iter().filter_map(|text| text.said.as_ref());
        said.map(String::len).sum::<usize>() + self.thought.len()
    }

    /// Something else begins. Thinking that is held is judged now, since all that follows waits for it. If it goes on, it is
    /// judged once more, with all that came before: no verdict on thinking changes what has gone out.
    pub(super) fn pause_thinking(&mut self, telling: &mut Telling<'_>) {
        if self.open.is_empty() || telling.delivery(BlockKind::Thinking) != Delivery::Whole {
            return;
        }
        let thinking = self
            .open
            .iter()
            .position(|text| text.field == Field::Thinking);
        if let Some(at) = thinking {
            let text = self.open.remove(at);
            self.thought = text.said.clone().unwrap_or_default();
            text.end(telling);
        }
    }

    /// The choice is over.
    pub(super) fn end(&mut self, telling: &mut Telling<'_>) {
        for text in self.open.drain(..) {
            text.end(telling);
        }
    }

    /// The reply is over, and the texts are not complete. Those that are judged are judged as far as they came.
    pub(super) fn break_off(&mut self, telling: &mut Telling<'_>) {
        let is_judged = telling.delivery(BlockKind::Text) == Delivery::Whole;
        for mut text in self.open.drain(..) {
            if text.field == Field::Thinking || !is_judged {
                text.said = None;
            }
            text.end(telling);
        }
    }
}

impl Text {
    /// Whether all that it says is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.said.is_some()
    }

    pub(super) fn add(&mut self, said: &str) {
        if let Some(all) = &mut self.said {
            all.push_str(said);
        }
    }

    fn end(self, telling: &mut Telling<'_>) {
        let content = self.said.map(|said| match self.field {
            Field::Thinking => Block::Thinking(said),
            Field::Content | Field::Refusal => Block::Text(said),
        });
        let piece = Piece::Text(self.field);
        telling.tell(self.block, piece, None, What::Closes(content));
    }
}
