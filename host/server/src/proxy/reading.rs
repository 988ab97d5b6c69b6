//! Runs the protocol's reader of a reply on the thread that fits the size of its next step.
//!
//! Most steps take microseconds. At the end of a large block the reader goes through all of it at once, so while more
//! than 1 MiB is held the reader steps on a thread for large work. To know how much is held costs one addition for
//! each read.

use bytes::Bytes;
use sluice_protocol::{PieceRuling, Reply, ReplyError, Ruling, Step};

use super::offload::{SMALL, Turn};

/// A reply's reader, and how much it may have to go through in its next step.
pub(super) struct Reading {
    reply: Box<dyn Reply>,
    /// The number of bytes that came in and did not go out yet. If policies shorten texts, it is too high until
    /// nothing is held.
    held: usize,
    /// Whether upstream's body is over, cleanly or not.
    is_whole: bool,
}

/// Stands in for a reader that is at work on another thread. It is never called, because whoever sent the reader
/// there waits for it.
struct Away;

impl Reading {
    pub(super) fn new(reply: Box<dyn Reply>) -> Self {
        Self {
            reply,
            held: 0,
            is_whole: false,
        }
    }

    /// Returns about how many bytes came in and did not go out yet.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Whether nothing more comes of upstream's body.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether the next step may have to go through more than 1 MiB.
    pub(super) fn is_large(&self) -> bool {
        self.held > SMALL
    }

    /// Takes the next bytes of upstream's body.
    pub(super) fn push(&mut self, bytes: Bytes) {
        self.held = self.held.saturating_add(bytes.len());
        self.reply.push(bytes);
    }

    /// Notes that upstream's body is over.
    pub(super) fn end(&mut self) {
        self.is_whole = true;
        self.reply.end();
    }

    /// Notes that upstream's body broke off.
    pub(super) fn break_off(&mut self) {
        self.is_whole = true;
        self.reply.break_off();
    }

    /// Takes the next step on this thread.
    pub(super) fn next(&mut self) -> Step {
        let step = self.reply.next();
        self.count(&step);
        step
    }

    /// Takes the next step in a turn of its own. If the future is dropped, the reader is lost.
    pub(super) async fn next_in(&mut self, turn: Turn) -> Step {
        let mut reply = std::mem::replace(&mut self.reply, Box::new(Away));
        let stepped = turn.run(async move {
            let step = reply.next();
            (reply, step)
        });
        let (reply, step) = stepped.await;
        self.reply = reply;
        self.count(&step);
        step
    }

    fn count(&mut self, step: &Step) {
        let Step::Send(bytes) = step else {
            return;
        };
        self.held = self.held.saturating_sub(bytes.len());
        // Only a reply that holds something has a heartbeat.
        if self.is_large() && self.reply.heartbeat().is_none() {
            self.held = 0;
        }
    }

    pub(super) fn rule(&mut self, ruling: Ruling) {
        self.reply.rule(ruling);
    }

    pub(super) fn rule_piece(&mut self, ruling: PieceRuling) {
        self.reply.rule_piece(ruling);
    }

    pub(super) fn finish(&mut self, added: Vec<String>) {
        self.reply.finish(added);
    }

    pub(super) fn heartbeat(&self) -> Option<Bytes> {
        self.reply.heartbeat()
    }

    /// Whether the reply ends with what the last step sent.
    pub(super) fn has_ended(&self) -> bool {
        self.reply.has_ended()
    }

    /// Returns the legal ending, or `None` if the caller has to be cut off.
    pub(super) fn fail(&mut self, error: &ReplyError) -> Option<Bytes> {
        self.reply.fail(error)
    }
}

impl Reply for Away {
    fn push(&mut self, _: Bytes) {}

    fn end(&mut self) {}

    fn next(&mut self) -> Step {
        Step::Fail(ReplyError::Other("the reply's reader is away".to_owned()))
    }

    fn has_ended(&self) -> bool {
        false
    }

    fn rule(&mut self, _: Ruling) {}

    fn rule_piece(&mut self, _: PieceRuling) {}

    fn finish(&mut self, _: Vec<String>) {}

    fn heartbeat(&self) -> Option<Bytes> {
        None
    }

    fn fail(&mut self, _: &ReplyError) -> Option<Bytes> {
        None
    }
}
