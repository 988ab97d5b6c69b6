//! What arrives in a chunk, piece by piece.

use super::{
    Stream, Taken,
    agenda::{End, Judged, Spoken, Task},
    choice::{Call, Choice, Finish, Run, Said},
    malformed,
    queue::{Piece, Place, Slot},
};
use crate::{
    Block, BlockKind, Delivery,
    json::Span,
    openai_chat::{
        MAX_CHOICES,
        chunk::{Chunk, Element, Entry},
        content,
        turn::{Fate, Field, Ticket, Turn},
    },
    sse::Frame,
};

/// Where a piece arrives.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    data: &'a [u8],
    place: Place,
    choice: u64,
}

impl Stream {
    /// Takes a chunk in: what is to be done about its pieces is put on the agenda.
    pub(super) fn arrive(&mut self, frame: Frame, chunk: Chunk) -> Taken {
        if self.envelope.follow(frame.data(), &chunk) {
            let id = self.envelope.id();
            for (index, choice) in &mut self.choices {
                choice.turn.identify(&id, *index);
            }
        }
        for (at, entry) in chunk.choices.iter().enumerate() {
            let place = Place {
                frame: self.queue.next_number(),
                entry: at,
            };
            let arrival = Arrival {
                data: frame.data(),
                place,
                choice: entry.index,
            };
            self.entry(arrival, entry)?;
        }
        if self.slots.is_empty() && self.queue.is_empty() && self.agenda.is_empty() {
            self.fill(&frame, &chunk);
        }
        let slots = std::mem::take(&mut self.slots);
        self.queue.push(frame, Some(chunk), slots);
        Ok(())
    }

    fn entry(&mut self, at: Arrival<'_>, entry: &Entry) -> Taken {
        if at.choice >= MAX_CHOICES {
            return malformed("it has too many choices");
        }
        if let Some(fault) = entry.unjudgeable(&self.wants) {
            return malformed(fault);
        }
        let envelope = &self.envelope;
        let choice = self.choices.entry(at.choice);
        let choice = choice.or_insert_with(|| Choice::new(Turn::new(&envelope.id(), at.choice)));
        if entry.has_role {
            choice.role_at.get_or_insert(at.place.frame);
        }
        self.text(at, Field::Thinking, entry.thinking)?;
        self.text(at, Field::Content, entry.content)?;
        self.parts(at, entry.parts)?;
        self.text(at, Field::Refusal, entry.refusal)?;
        for (number, element) in entry.calls.iter().enumerate() {
            self.call(at, Piece::Call(number), element)?;
        }
        if let Some(element) = &entry.function_call {
            self.call(at, Piece::FunctionCall, element)?;
        }
        match entry.finish_reason {
            Some(reason) => self.finish_reason(at, reason),
            None => Ok(()),
        }
    }

    fn text(&mut self, at: Arrival<'_>, field: Field, text: Option<Span>) -> Taken {
        let Some(text) = text else {
            return Ok(());
        };
        let delivery = match field {
            Field::Thinking => Self::whole(self.wants.thinking),
            Field::Content | Field::Refusal => self.wants.text,
        };
        self.check_late(at.choice, delivery)?;
        let ends = |run: &Run| run.field != field;
        self.end_run_if(at.choice, End::Before(Some(at.place)), ends);
        let Some(choice) = self.choices.get_mut(&at.choice) else {
            return Ok(());
        };
        choice.has_late_content |= field == Field::Content && choice.first_call.is_some();
        if delivery == Delivery::None {
            let said = match choice.turn.has_said(field) {
                true => Said::Nothing,
                false => Said::Text(field, content::read(at.data, text)),
            };
            self.pass(at, Piece::Text(field), said);
            return Ok(());
        }
        let text = content::read(at.data, text);
        self.run_on(at, field, delivery, text);
        Ok(())
    }

    /// Adds a piece to the text or thinking that is open, or opens it.
    fn run_on(&mut self, at: Arrival<'_>, field: Field, delivery: Delivery, text: String) {
        let ticket = self.next_ticket();
        let Some(choice) = self.choices.get_mut(&at.choice) else {
            return;
        };
        let begins = choice.run.is_none();
        let run = choice.run.get_or_insert_with(|| {
            let is_live = delivery == Delivery::Pieces && self.live.is_none();
            if is_live {
                self.live = Some(at.choice);
            }
            Run {
                field,
                delivery,
                is_live,
                ticket,
                text: String::new(),
                latest: at.place,
            }
        });
        run.latest = at.place;
        if run.is_live {
            self.slot(at, Piece::Text(field), ticket, true);
            return self.agenda.push(Task::Piece(Spoken {
                choice: at.choice,
                ticket,
                field,
                text,
            }));
        }
        self.assembled += text.len();
        run.text.push_str(&text);
        let ticket = run.ticket;
        if delivery == Delivery::Observe {
            self.pass(at, Piece::Text(field), Said::Text(field, text));
        } else {
            self.slot(at, Piece::Text(field), ticket, begins);
        }
    }

    /// Content that is no string is a block of its own.
    fn parts(&mut self, at: Arrival<'_>, parts: Option<Span>) -> Taken {
        let Some(parts) = parts else {
            return Ok(());
        };
        let delivery = Self::whole(self.wants.other);
        self.check_late(at.choice, delivery)?;
        self.end_run_if(at.choice, End::Before(Some(at.place)), |_| true);
        let block = Block::Other(parts.text(at.data).to_owned());
        match delivery {
            Delivery::Whole | Delivery::Pieces => {
                let ticket = self.next_ticket();
                self.slot(at, Piece::Parts, ticket, true);
                self.agenda.push(Task::Judge(Judged {
                    choice: at.choice,
                    ticket,
                    field: None,
                    block,
                }));
            }
            Delivery::None | Delivery::Observe => {
                self.pass(at, Piece::Parts, Said::Block(BlockKind::Other));
                if delivery == Delivery::Observe {
                    let choice = at.choice;
                    self.agenda.push(Task::Observe { choice, block });
                }
            }
        }
        Ok(())
    }

    fn call(&mut self, at: Arrival<'_>, piece: Piece, element: &Element) -> Taken {
        let delivery = Self::whole(self.wants.tool_call);
        self.check_late(at.choice, delivery)?;
        self.end_run_if(at.choice, End::Before(Some(at.place)), |_| true);
        let new = self.next_ticket();
        let Some(choice) = self.choices.get_mut(&at.choice) else {
            return Ok(());
        };
        let is_function_call = piece == Piece::FunctionCall;
        if delivery == Delivery::None {
            let index = element.index.or(Some(choice.next_call));
            choice.count_call(index.filter(|_| !is_function_call));
            self.pass(at, piece, Said::Block(BlockKind::ToolCall));
            return Ok(());
        }
        let added = choice.add_call(at.data, element, is_function_call, new)?;
        if added.is_ambiguous && delivery == Delivery::Whole {
            return malformed("its calls can't be told apart");
        }
        if added.is_first && !is_function_call {
            let index = element.index.or(Some(choice.next_call));
            choice.count_call(index);
        }
        self.assembled += added.size;
        if delivery == Delivery::Observe {
            self.pass(at, piece, Said::Block(BlockKind::ToolCall));
        } else {
            choice.first_call.get_or_insert(at.place);
            self.slot(at, piece, added.ticket, added.is_first);
        }
        Ok(())
    }

    fn finish_reason(&mut self, at: Arrival<'_>, reason: Span) -> Taken {
        self.end_blocks(at.choice, End::Before(Some(at.place)));
        let ticket = self.next_ticket();
        let is_idle = self.agenda.is_empty() && !self.wants.end;
        let Some(choice) = self.choices.get_mut(&at.choice) else {
            return Ok(());
        };
        choice.is_finished = true;
        if is_idle && choice.judged.is_empty() && !choice.turn.is_changed() {
            choice.is_closed = true;
            return Ok(());
        }
        let reason = reason.string(at.data).unwrap_or_default();
        if choice.is_closed {
            // Some servers say it twice.
            if let Some(mended) = choice.turn.mended(&reason) {
                let fate = Fate::Says(mended.to_owned());
                self.queue.fates.settle(ticket, fate);
                self.slot(at, Piece::FinishReason, ticket, true);
            }
            return Ok(());
        }
        choice.finishes.push(Finish {
            ticket,
            place: at.place,
            reason,
        });
        self.slot(at, Piece::FinishReason, ticket, true);
        if !self.wants.end {
            let choice = at.choice;
            self.agenda.push(Task::Close { choice });
        }
        Ok(())
    }

    /// No more pieces of the blocks of this choice come.
    pub(super) fn end_blocks(&mut self, index: u64, end: End) {
        self.end_run_if(index, end, |_| true);
        let delivery = Self::whole(self.wants.tool_call);
        let Some(choice) = self.choices.get_mut(&index) else {
            return;
        };
        let mut calls = std::mem::take(&mut choice.calls);
        calls.sort_by_key(Call::rank);
        for call in calls {
            self.assembled = self.assembled.saturating_sub(call.size());
            let judged = call.judged();
            if delivery == Delivery::Observe {
                let (choice, block) = (index, call.finish());
                self.agenda.push(Task::Observe { choice, block });
                continue;
            }
            if call.is_function_call() {
                choice.function_call = Some(judged.ticket);
                choice.turn.note_function_call(judged.ticket);
            }
            choice.judged.push(judged);
            self.agenda.push(Task::Judge(Judged {
                choice: index,
                ticket: judged.ticket,
                field: None,
                block: call.finish(),
            }));
        }
    }

    /// The text or thinking that is open is over, if this holds for it.
    fn end_run_if(&mut self, index: u64, end: End, ends: impl Fn(&Run) -> bool) {
        let Some(choice) = self.choices.get_mut(&index) else {
            return;
        };
        let Some(run) = choice.run.take_if(|run| ends(run)) else {
            return;
        };
        self.assembled = self.assembled.saturating_sub(run.text.len());
        let end = match end {
            End::Before(Some(place)) if place == run.latest => End::In(place),
            end => end,
        };
        let block = |text| match run.field {
            Field::Thinking => Block::Thinking(text),
            Field::Content | Field::Refusal => Block::Text(text),
        };
        self.agenda.push(match run.delivery {
            Delivery::Pieces if run.is_live => {
                self.live = None;
                Task::LastPiece {
                    choice: index,
                    field: run.field,
                    end,
                }
            }
            Delivery::Pieces => Task::Text(Spoken {
                choice: index,
                ticket: run.ticket,
                field: run.field,
                text: run.text,
            }),
            Delivery::Whole => Task::Judge(Judged {
                choice: index,
                ticket: run.ticket,
                field: Some(run.field),
                block: block(run.text),
            }),
            Delivery::None | Delivery::Observe => Task::Observe {
                choice: index,
                block: block(run.text),
            },
        });
    }

    /// A piece that nobody judges goes out: now, or after what is to be done about those before it.
    fn pass(&mut self, at: Arrival<'_>, piece: Piece, said: Said) {
        if self.agenda.is_empty() {
            if let Some(choice) = self.choices.get_mut(&at.choice) {
                choice.note(&said);
            }
            return;
        }
        let (choice, ticket) = (at.choice, self.next_ticket());
        self.slot(at, piece, ticket, true);
        self.agenda.push(Task::Pass {
            choice,
            ticket,
            said,
        });
    }

    fn slot(&mut self, at: Arrival<'_>, piece: Piece, ticket: Ticket, is_first: bool) {
        self.slots.push(Slot {
            entry: at.place.entry,
            piece,
            ticket,
            is_first,
        });
    }

    fn next_ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }

    /// Only text comes in pieces.
    pub(super) fn whole(delivery: Delivery) -> Delivery {
        match delivery {
            Delivery::Pieces => Delivery::Whole,
            delivery => delivery,
        }
    }

    /// What comes behind a finish reason has no place where it could be judged.
    fn check_late(&self, choice: u64, delivery: Delivery) -> Taken {
        let is_judged = matches!(delivery, Delivery::Pieces | Delivery::Whole);
        let is_finished = |choice: &Choice| choice.is_finished;
        if is_judged && self.choices.get(&choice).is_some_and(is_finished) {
            return malformed("content comes behind its finish reason");
        }
        Ok(())
    }
}
