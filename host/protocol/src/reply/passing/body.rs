//! One body that passes.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::{PieceRuling, Reply, ReplyError, Ruling, Step};

/// A whole reply that passes. Its JSON is not looked at: where upstream sends something else, the caller gets that.
#[derive(Debug, Default)]
pub(crate) struct PassingBody {
    /// What came and did not go out yet.
    bytes: VecDeque<Bytes>,
    phase: Phase,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    Over,
    Failed,
}

impl Reply for PassingBody {
    fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.bytes.push_back(bytes);
        }
    }

    fn end(&mut self) {
        self.phase = Phase::Over;
    }

    fn break_off(&mut self) {
        self.phase = Phase::Failed;
    }

    fn next(&mut self) -> Step {
        match (self.bytes.pop_front(), &self.phase) {
            (Some(bytes), _) => Step::Send(bytes),
            (None, Phase::Open) => Step::More,
            (None, Phase::Over) => Step::Done,
            (None, Phase::Failed) => Step::Fail(ReplyError::Truncated),
        }
    }

    fn has_ended(&self) -> bool {
        self.phase == Phase::Over && self.bytes.is_empty()
    }

    fn fail(&mut self, _: &ReplyError) -> Option<Bytes> {
        let has_ended = self.phase == Phase::Over && self.bytes.is_empty();
        self.bytes.clear();
        self.phase = Phase::Over;
        // An error of our own would stand in the middle of the body.
        has_ended.then(Bytes::new)
    }

    fn heartbeat(&self) -> Option<Bytes> {
        None
    }

    fn rule(&mut self, _: Ruling) {}

    fn rule_piece(&mut self, _: PieceRuling) {}

    fn finish(&mut self, _: Vec<String>) {}
}
