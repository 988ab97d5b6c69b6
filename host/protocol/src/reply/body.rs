//! The body of a whole reply while it comes in, bounded.

use bytes::{Bytes, BytesMut};

use crate::ReplyError;

/// The bytes so far of a body.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: BytesMut,
    /// How many bytes there were, those of bodies before it too.
    size: usize,
    limit: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Over,
    TooLarge,
}

impl Body {
    /// A body of up to `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            bytes: BytesMut::new(),
            size: 0,
            limit,
            state: State::Open,
        }
    }

    /// A body that has to fit in with this one.
    pub(crate) fn anew(&self) -> Self {
        Self {
            size: self.size,
            ..Self::new(self.limit)
        }
    }

    /// Takes the next bytes; those behind the end or over the limit are thrown away.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.state != State::Open {
            return;
        }
        self.size = self.size.saturating_add(bytes.len());
        if self.size > self.limit {
            self.state = State::TooLarge;
            return;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// All bytes are in.
    pub(crate) fn end(&mut self) {
        if self.state == State::Open {
            self.state = State::Over;
        }
    }

    /// All of it, once it is there.
    pub(crate) fn take(&mut self) -> Result<Option<Bytes>, ReplyError> {
        match self.state {
            State::Open => Ok(None),
            State::Over => Ok(Some(std::mem::take(&mut self.bytes).freeze())),
            State::TooLarge => Err(ReplyError::ReplyTooLarge { limit: self.limit }),
        }
    }
}
