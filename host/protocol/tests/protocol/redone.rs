//! A driver's part in a reply that goes on with another one of upstream's.

use std::collections::VecDeque;

use bytes::Bytes;
use sluice_protocol::{
    Irrevocable, Limits, PieceRuling, Rejected, Reply, ReplyError, Ruling, Step, Wants,
};

use crate::{
    dialect::{Dialect, recorded},
    drive::{self, Judge, KeepAll, Outcome},
};

/// What comes behind a block that is rejected.
#[derive(Clone, Debug)]
pub(crate) enum Then {
    /// Another reply of upstream's, with these bytes.
    Reply(Vec<u8>),
    /// The rest of the first one, and then another reply.
    RestAndReply(Vec<u8>),
    /// The reply fails: there is no other one.
    Nothing,
}

/// A reply of which the driver rejects blocks.
pub(crate) struct Redone {
    reply: Box<dyn Reply>,
    /// How many blocks are judged before the next that is rejected, and what comes then.
    plan: VecDeque<(usize, Then)>,
    /// What upstream still sends of a reply that is not the first.
    next: Option<VecDeque<Bytes>>,
    /// Another reply, once the rest of the one before it has come.
    behind: Option<Vec<u8>>,
    has_failed: bool,
    pub(crate) rejected: Vec<Result<Rejected, Irrevocable>>,
    /// The heartbeats while the driver waits for another reply.
    pub(crate) beats: Vec<Option<Bytes>>,
}

impl Redone {
    pub(crate) fn new(
        reply: Box<dyn Reply>,
        plan: impl IntoIterator<Item = (usize, Then)>,
    ) -> Self {
        Self {
            reply,
            plan: plan.into_iter().collect(),
            next: None,
            behind: None,
            has_failed: false,
            rejected: Vec::new(),
            beats: Vec::new(),
        }
    }

    /// How often a block was rejected.
    pub(crate) fn count(&self) -> usize {
        self.rejected.iter().flatten().count()
    }

    fn begin(&mut self, bytes: &[u8]) {
        self.beats.push(self.reply.heartbeat());
        self.reply.continue_anew();
        self.beats.push(self.reply.heartbeat());
        let pieces = bytes.chunks(100).map(Bytes::copy_from_slice);
        self.next = Some(pieces.collect());
    }

    /// Rejects the block that is asked about. False where that is not possible.
    fn reject(&mut self, then: Then) -> bool {
        let rejected = self.reply.reject();
        let is_rejected = rejected.is_ok();
        self.rejected.push(rejected);
        if !is_rejected {
            return false;
        }
        match (then, self.next.is_some()) {
            (Then::Nothing, _) => self.has_failed = true,
            (Then::RestAndReply(bytes), false) => self.behind = Some(bytes),
            (Then::Reply(bytes) | Then::RestAndReply(bytes), _) => self.begin(&bytes),
        }
        true
    }
}

impl Reply for Redone {
    fn push(&mut self, bytes: Bytes) {
        self.reply.push(bytes);
    }
    fn end(&mut self) {
        self.reply.end();
        if let Some(bytes) = self.behind.take() {
            assert_eq!(self.reply.next(), Step::More);
            self.begin(&bytes);
        }
    }
    fn next(&mut self) -> Step {
        loop {
            let step = self.reply.next();
            match (&step, &mut self.next) {
                (Step::More, _) if self.has_failed => {
                    return Step::Fail(ReplyError::Other("upstream is away".to_owned()));
                }
                (Step::More, Some(next)) => match next.pop_front() {
                    Some(piece) => self.reply.push(piece),
                    None => self.reply.end(),
                },
                _ => return step,
            }
        }
    }
    fn has_ended(&self) -> bool {
        self.reply.has_ended()
    }
    fn rule(&mut self, ruling: Ruling) {
        if let Some((before, _)) = self.plan.front_mut() {
            if *before > 0 {
                *before -= 1;
            } else if let Some((_, then)) = self.plan.pop_front()
                && self.reject(then)
            {
                return;
            }
        }
        self.reply.rule(ruling);
    }
    fn rule_piece(&mut self, ruling: PieceRuling) {
        self.reply.rule_piece(ruling);
    }
    fn finish(&mut self, added: Vec<String>) {
        self.reply.finish(added);
    }
    fn heartbeat(&self) -> Option<Bytes> {
        self.reply.heartbeat()
    }
    fn fail(&mut self, error: &ReplyError) -> Option<Bytes> {
        self.has_failed = false;
        self.reply.fail(error)
    }
}

/// Whether a reply comes as a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Stream,
    Whole,
}

/// Limits of a request that asked for one reply.
pub(crate) const LIMITS: Limits = Limits {
    messages: 100_000,
    elements: 100_000,
    depth: 128,
    frame: 64 << 20,
    held: 64 << 20,
    whole: 128 << 20,
    choices: 1,
    items: 10_000,
};

/// Drives a reply whose bytes come in pieces of this size, and of which blocks are rejected by this plan.
pub(crate) fn redone<D: Dialect>(
    form: Form,
    (first, size): (&[u8], usize),
    (wants, limits): (Wants, Limits),
    plan: impl IntoIterator<Item = (usize, Then)>,
    judge: &mut dyn Judge,
) -> (Outcome, Redone) {
    let wants = Wants {
        redo: true,
        ..wants
    };
    let reply = match form {
        Form::Stream => D::stream(wants, limits),
        Form::Whole => D::whole(wants, limits),
    };
    let mut redone = Redone::new(reply, plan);
    let outcome = drive::drive(&mut redone, first.chunks(size), judge);
    (outcome, redone)
}

/// What goes out of a recorded stream of which a block is rejected, and that goes on with another one.
pub(crate) fn recorded_redone<D: Dialect>(
    [first, second]: [&str; 2],
    wants: Wants,
    at: usize,
) -> (String, Rejected) {
    let [first, second] = [first, second].map(|name| recorded::<D>(name).as_bytes());
    let plan = [(at, Then::RestAndReply(second.to_vec()))];
    let (outcome, redone) = redone::<D>(
        Form::Stream,
        (first, 1000),
        (wants, LIMITS),
        plan,
        &mut KeepAll,
    );
    assert_eq!(outcome.error, None);
    let received = D::receive(&outcome.sent).unwrap();
    D::check(&received).unwrap();
    let rejected = redone.rejected.into_iter().next().unwrap().unwrap();
    (String::from_utf8(outcome.sent).unwrap(), rejected)
}
