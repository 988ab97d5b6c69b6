//! Another reply of upstream's, which goes on behind a block that was rejected.
//!
//! What knows of the caller stays: the writer, the counts of what goes out, the bounds. What knows of upstream is new.

use super::{Core, Phase};
use crate::{
    Irrevocable, Rejected,
    reply::{
        kept::{Kept, blocks},
        reading::Reader,
        writing::Writer,
    },
    sse::Frame,
};

impl<R: Reader, W: Writer<Place = R::Place>> Core<R, W> {
    /// The block that is asked about is rejected.
    pub(super) fn cut(&mut self) -> Result<Rejected, Irrevocable> {
        let kept = self.outgoing.kept.as_mut().ok_or(Irrevocable::NotKept)?;
        kept.check()?;
        if self.limits.choices > 1 {
            return Err(Irrevocable::SeveralChoices);
        }
        let block = self.judging.reject()?;
        let waiting = self.judging.queue.frames().cloned();
        self.incoming
            .reject(kept.frames().into_iter().chain(waiting).collect());
        kept.reject();
        self.release();
        let body = self.outgoing.cut();
        self.judging.begin_next();
        self.forget_model();
        self.phase = Phase::Rejected;
        let kept = self.outgoing.kept.as_ref();
        let frames = match body {
            Some(body) => vec![Frame::body(body)],
            None => kept.map_or_else(Vec::new, |kept| kept.frames()),
        };
        let delivered = blocks(frames, self.incoming.reader.anew(Kept::ALL));
        Ok(Rejected { delivered, block })
    }

    /// Upstream's bytes are those of another reply from now on.
    pub(super) fn begin_next(&mut self) {
        let kept = self.outgoing.kept.as_mut();
        let has_begun = kept.is_some_and(|kept| {
            kept.begin_next();
            kept.has_any()
        });
        self.incoming.begin_next(has_begun);
        self.phase = Phase::Content;
    }
}
