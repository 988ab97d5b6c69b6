//! What goes to the caller, and what the driver is told to do.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{
    kept::Kept,
    queue::Queue,
    writing::{Stop, Writer},
};
use crate::{Step, sse::Frame};

/// The caller's side of a reply.
#[derive(Debug)]
pub(crate) struct Outgoing<W> {
    pub(crate) writer: W,
    pub(crate) steps: VecDeque<Step>,
    /// What the writer writes.
    out: Vec<Bytes>,
    /// There if blocks may be rejected.
    pub(crate) kept: Option<Box<Kept>>,
}

impl<W: Writer> Outgoing<W> {
    pub(crate) fn new(writer: W, kept: Option<Kept>) -> Self {
        Self {
            writer,
            steps: VecDeque::new(),
            out: Vec::new(),
            kept: kept.map(Box::new),
        }
    }

    /// Sends the frames of which all is known. False where there are none.
    pub(crate) fn release(&mut self, queue: &mut Queue<W::Place>) -> bool {
        let mut released = false;
        while let Some(pending) = queue.pop_ready() {
            released = true;
            self.writer.write(pending, &queue.known, &mut self.out);
        }
        if released && queue.is_empty() {
            queue.known.clear();
        }
        self.send_out();
        released
    }

    /// Sends these bytes as they are.
    pub(crate) fn send(&mut self, bytes: Bytes) {
        if let Some(kept) = &mut self.kept {
            kept.add(&bytes);
        }
        self.steps.push_back(Step::Send(bytes));
    }

    /// Whether what goes out last are these very bytes.
    pub(crate) fn went_out(&self, raw: &Bytes) -> bool {
        let place = |bytes: &Bytes| (bytes.as_ptr(), bytes.len());
        matches!(self.steps.back(), Some(Step::Send(bytes)) if place(bytes) == place(raw))
    }

    /// Sends what goes out of a frame behind the end of the reply.
    pub(crate) fn send_behind(&mut self, frame: Frame) {
        let frame = self.writer.behind(frame);
        self.send(frame.into_raw());
    }

    /// Ends the reply in all choices that are not over.
    pub(crate) fn stop(&mut self, stops: Vec<Stop>) {
        self.writer.stop(stops, &mut self.out);
        self.send_out();
    }

    /// Ends what is open, behind which another reply goes on. Of a whole reply, returns what is left of its body.
    pub(crate) fn cut(&mut self) -> Option<Bytes> {
        let body = self.writer.cut(&mut self.out);
        self.send_out();
        body
    }

    fn send_out(&mut self) {
        let out = self.out.drain(..).filter(|bytes| !bytes.is_empty());
        for bytes in out {
            if let Some(kept) = &mut self.kept {
                kept.add(&bytes);
            }
            self.steps.push_back(Step::Send(bytes));
        }
    }
}
