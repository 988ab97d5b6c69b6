//! Writes the frames of a streamed reply, its blocks numbered as they go out.

use bytes::Bytes;

use super::{
    content::set_call,
    emit::{block_stop, call_block, message_end, rewritten_block, text_block, text_delta},
    error::{ErrorType, error_frame},
    place::Place,
};
use crate::{
    ReplyError,
    json::{Edit, quote},
    reply::{
        dispositions::Dispositions,
        reading::BlockId,
        writing::{Call, Disposition, Made, Pending, Role, Slot, Stop, Writer},
    },
    sse::Frame,
};

/// Writes a stream of the Messages API.
#[derive(Debug, Default)]
pub(crate) struct StreamWriter {
    /// The number of the next block.
    next: u64,
    /// The block whose start has gone out and whose stop has not, with its number.
    open: Option<(BlockId, u64)>,
}

/// What becomes of a frame.
enum Fate {
    Goes,
    /// It goes out with the edits made.
    Stays,
}

impl Writer for StreamWriter {
    type Place = Place;

    const HEARTBEAT: Option<&'static [u8]> = Some(b"event: ping\ndata: {\"type\": \"ping\"}\n\n");

    fn begin(&mut self, _: &Frame, _: &Place) {}

    fn write(&mut self, pending: Pending<Place>, known: &Dispositions, out: &mut Vec<Bytes>) {
        // A frame is about one block at most, so all that is put in stands before it.
        for insert in pending.inserts {
            out.push(self.made(&insert.made));
        }
        let Some(frame) = pending.frame else {
            return;
        };
        let mut edits = Vec::new();
        let is_sole = pending.slots.len() == 1;
        for slot in &pending.slots {
            let written = match (slot.role, known.of(slot)) {
                (Role::Opens, disposition) => {
                    self.start(&frame, slot, disposition, out, &mut edits)
                }
                // Upstream's error ends a block and goes out in any case.
                (Role::Closes, _) if !is_sole => {
                    self.go_on(slot, known.of(slot), out, &mut edits);
                    Fate::Stays
                }
                (Role::Grows | Role::Closes, _) if self.number(slot.block).is_none() => Fate::Goes,
                (Role::Grows, Disposition::Says(text)) if text.is_empty() && is_sole => Fate::Goes,
                (Role::Grows | Role::Closes, Disposition::Goes) => Fate::Goes,
                (Role::Grows | Role::Closes, disposition) => {
                    self.go_on(slot, disposition, out, &mut edits);
                    Fate::Stays
                }
                (_, Disposition::Goes) => Fate::Goes,
                (_, disposition) => {
                    edits.extend(said(slot, disposition));
                    Fate::Stays
                }
            };
            if let Fate::Goes = written {
                return;
            }
        }
        out.push(frame.edited(edits).into_raw());
    }

    fn cut(&mut self, out: &mut Vec<Bytes>) -> Option<Bytes> {
        self.close(out);
        None
    }

    fn stop(&mut self, stops: Vec<Stop>, out: &mut Vec<Bytes>) {
        self.close(out);
        for stop in stops {
            out.extend(stop.text.map(|text| self.made(&Made::Text(text))));
            out.push(message_end(&stop.reason));
        }
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        error_frame(error_type(error), &error.to_string(), None)
    }
}

impl StreamWriter {
    /// A block of a policy.
    pub(super) fn made(&mut self, made: &Made) -> Bytes {
        let number = self.next_number();
        match made {
            Made::Text(text) => text_block(number, text),
            Made::ToolCall(call) => call_block(number, call),
        }
    }

    /// Ends the block that is going out.
    fn close(&mut self, out: &mut Vec<Bytes>) {
        if let Some((_, number)) = self.open.take() {
            out.push(block_stop(number).into_raw());
        }
    }

    fn next_number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// The number of a block of upstream's that is going out.
    fn number(&self, block: BlockId) -> Option<u64> {
        let (_, number) = self.open.filter(|(open, _)| *open == block)?;
        Some(number)
    }

    fn start(
        &mut self,
        frame: &Frame,
        slot: &Slot<Place>,
        disposition: &Disposition,
        out: &mut Vec<Bytes>,
        edits: &mut Vec<Edit>,
    ) -> Fate {
        match disposition {
            Disposition::Keeps => {
                let number = self.next_number();
                self.open = Some((slot.block, number));
                edits.extend(numbered(slot, number));
                return Fate::Stays;
            }
            Disposition::Goes => {}
            Disposition::Says(text) => out.push(self.made(&Made::Text(text.clone()))),
            Disposition::Becomes(calls) => {
                for call in calls {
                    out.push(match call {
                        Call::Made(call) => self.made(&Made::ToolCall(call.clone())),
                        Call::Rewritten(call) => {
                            let json = slot.place.value.unwrap_or_default().text(frame.data());
                            let start = set_call(json, call, "{}");
                            rewritten_block(self.next_number(), &start, call)
                        }
                    });
                }
            }
        }
        Fate::Goes
    }

    fn go_on(
        &mut self,
        slot: &Slot<Place>,
        disposition: &Disposition,
        out: &mut Vec<Bytes>,
        edits: &mut Vec<Edit>,
    ) {
        let Some(number) = self.number(slot.block) else {
            return;
        };
        edits.extend(numbered(slot, number));
        if slot.role == Role::Grows {
            edits.extend(said(slot, disposition));
            return;
        }
        self.open = None;
        if let Disposition::Says(rest) = disposition {
            out.push(text_delta(number, rest).into_raw());
        }
    }
}

/// The edit that gives a block's event its number, where it has another.
fn numbered(slot: &Slot<Place>, number: u64) -> Option<Edit> {
    let index = slot.place.index?;
    (index.value != number).then(|| Edit {
        span: index.span,
        with: number.to_string(),
    })
}

/// The edit that says another text at a slot.
fn said(slot: &Slot<Place>, disposition: &Disposition) -> Option<Edit> {
    match (disposition, slot.place.value) {
        (Disposition::Says(text), Some(span)) => Some(Edit {
            span,
            with: quote(text),
        }),
        _ => None,
    }
}

/// The kind of error that a caller is told.
pub(super) fn error_type(error: &ReplyError) -> ErrorType {
    match error {
        ReplyError::Idle { .. } => ErrorType::Timeout,
        _ => ErrorType::Api,
    }
}
