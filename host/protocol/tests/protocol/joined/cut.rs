//! Two replies, and the block of the first behind which the second goes on.

use proptest::prelude::*;
use sluice_protocol::{Delivery, Wants};

use crate::{
    dialect::Dialect,
    drive::{Judge, Outcome},
    generate::{MARK, Upstream, wants},
    redone::{Form, LIMITS, Redone, Then, redone},
};

/// Stands in the place of the mark in calls of the first reply.
pub(super) const FIRST: &str = "first_";

/// What else is drawn for two replies that are joined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(crate) wants: Wants,
    /// Which of the blocks that are judged is rejected.
    pub(crate) at: usize,
    pub(crate) size: usize,
    /// Whether the rest of the first reply is read before the second one.
    pub(crate) drains: bool,
}

pub(crate) fn cut() -> impl Strategy<Value = Cut> {
    let parts = (wants(), 0..5_usize, 1..400_usize, any::<bool>());
    parts.prop_map(|(wants, at, size, drains)| Cut {
        wants: Wants {
            tool_call: Delivery::Whole,
            ..wants
        },
        at,
        size,
        drains,
    })
}

/// The two replies, told apart: their ids and models differ, and so do the marks of their calls.
pub(super) fn told_apart<D: Dialect>(
    first: &Upstream,
    second: &Upstream,
) -> Option<(Upstream, Upstream)> {
    let numbered = |upstream: &Upstream| upstream.stream.contains("\"sequence_number\"");
    if first.choices > 1 || second.choices > 1 || numbered(first) != numbered(second) {
        return None;
    }
    let mut both = (first.clone(), second.clone());
    for text in [&mut both.0.stream, &mut both.0.whole] {
        *text = text.replace(MARK, FIRST);
    }
    for text in [&mut both.1.stream, &mut both.1.whole] {
        *text = text
            .replace(D::ID, "other_id")
            .replace("\"model\":\"m\"", "\"model\":\"other_model\"")
            .replace("\"model\": \"m\"", "\"model\": \"other_model\"");
    }
    Some(both)
}

impl Cut {
    pub(super) fn run<D: Dialect>(
        &self,
        form: Form,
        first: &Upstream,
        then: Then,
        judge: &mut dyn Judge,
    ) -> (Outcome, Redone) {
        let bytes = match form {
            Form::Stream => first.stream.as_bytes(),
            Form::Whole => first.whole.as_bytes(),
        };
        let plan = [(self.at, then)];
        redone::<D>(form, (bytes, self.size), (self.wants, LIMITS), plan, judge)
    }

    pub(super) fn join<D: Dialect>(
        &self,
        form: Form,
        (first, second): (&Upstream, &Upstream),
        judge: &mut dyn Judge,
    ) -> (Outcome, Redone) {
        let bytes = match form {
            Form::Stream => second.stream.clone().into_bytes(),
            Form::Whole => second.whole.clone().into_bytes(),
        };
        let then = match self.drains {
            true => Then::RestAndReply(bytes),
            false => Then::Reply(bytes),
        };
        self.run::<D>(form, first, then, judge)
    }
}
