//! The costs of upstream's replies, as one reply tells them that is made of several.

use super::spent::Spent;
use crate::{
    account::Account,
    sse::{BYTE_ORDER_MARK, Frame},
};

/// What upstream's replies cost, and how far they are.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    spent: Spent,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// All is of one reply.
    #[default]
    Sole,
    /// Another one was asked for, and nothing came of it yet.
    Awaits,
    /// Another one comes, whose frames tell the costs of all.
    Joined,
}

impl Costs {
    /// Notes what these frames say of a reply, if it is the first. Of a later one all was noted as it came.
    pub(crate) fn hear_sole<A: Account>(&mut self, frames: &[Frame]) {
        if self.stage == Stage::Sole {
            frames.iter().for_each(|frame| self.hear::<A>(frame));
        }
    }

    /// Notes what a frame says of the latest reply.
    pub(crate) fn hear<A: Account>(&mut self, frame: &Frame) {
        self.spent.hear::<A>(frame.data());
    }

    /// Another reply was asked for.
    pub(crate) fn begin_next(&mut self) {
        self.spent.begin_next();
        self.stage = Stage::Awaits;
    }

    /// Whether nothing came yet of a reply that was asked for.
    pub(crate) fn awaits(&self) -> bool {
        self.stage == Stage::Awaits
    }

    /// A frame of upstream's as one of the reply that the caller gets.
    pub(crate) fn adapted<A: Account>(&mut self, frame: Frame) -> Frame {
        let frame = match self.stage {
            Stage::Sole => return frame,
            Stage::Awaits => without_mark(frame),
            Stage::Joined => frame,
        };
        self.stage = Stage::Joined;
        self.spent.adapted::<A>(frame)
    }
}

/// A byte order mark stands at the start of a stream alone.
fn without_mark(frame: Frame) -> Frame {
    let has_mark = frame.raw().starts_with(BYTE_ORDER_MARK);
    let is_body = frame.raw().len() == frame.data().len();
    if !has_mark || is_body || frame.is_loose() {
        return frame;
    }
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Frame::new(&text(frame.event()), &text(frame.data()))
}
