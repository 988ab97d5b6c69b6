//! Deltas that pass as the one before did, where nobody reads the reply.

use super::{Phase, Stream};
use crate::{
    anthropic::event::{Delta, Event},
    sse::Frame,
};

impl Stream {
    /// A frame that nobody reads: only the end is watched for.
    pub(super) fn pass_unread(&mut self, frame: Frame) {
        if Event::is_terminal(&frame) {
            self.phase = Phase::Ended;
        } else if frame.event() == b"content_block_delta"
            && self.mold.is_wanted()
            && let Ok(Event::BlockDelta { delta, .. }) = Event::parse(&frame)
        {
            let said = Delta::said(frame.data(), delta);
            self.mold.fill(&frame, said, None);
        }
        self.send(frame);
    }
}
