//! Chunks that pass as the one before did.

use bytes::Bytes;

use super::Stream;
use crate::{
    Delivery,
    mold::Run,
    openai_chat::{
        chunk::{Chunk, Event, PieceKind},
        turn::Field,
    },
    sse::Frame,
};

impl Stream {
    /// Takes frames that pass as the one before did. Where something waits they would wait too.
    pub(super) fn take_run(&mut self) -> Option<Bytes> {
        if !self.queue.is_empty() || !self.agenda.is_empty() {
            return None;
        }
        let queue = &mut self.queue;
        self.mold.take_run(&mut self.decoder, |_, _| {
            queue.skip();
            Run::GoesOn
        })
    }

    /// Where a chunk passes that only adds to a block, so will those like it, if nothing is kept of them.
    pub(super) fn fill(&mut self, frame: &Frame, chunk: &Chunk) {
        let Some(piece) = chunk.sole_piece() else {
            return;
        };
        let Some(choice) = self.choices.get(&piece.choice) else {
            return;
        };
        let passes = match piece.kind {
            PieceKind::Text(field) => choice.turn.has_said(field),
            // Without an index each piece would count as another call.
            PieceKind::Call { is_numbered } => is_numbered,
        };
        let delivery = match piece.kind {
            PieceKind::Text(Field::Thinking) => self.wants.thinking,
            PieceKind::Text(_) => self.wants.text,
            PieceKind::Call { .. } => self.wants.tool_call,
        };
        let nothing_waits = choice.run.is_none() && choice.first_call.is_none();
        if passes && nothing_waits && delivery == Delivery::None {
            self.mold.fill(frame, piece.value, None);
        }
    }

    /// Where nothing is read, a frame that only adds to a choice that has begun makes no difference.
    pub(super) fn fill_unread(&mut self, frame: &Frame) {
        if self.mold.is_wanted()
            && let Ok(Event::Chunk(chunk)) = Event::parse(frame)
            && let Some(piece) = chunk.sole_piece()
            && self.watch.knows(piece.choice)
        {
            self.mold.fill(frame, piece.value, None);
        }
    }
}
