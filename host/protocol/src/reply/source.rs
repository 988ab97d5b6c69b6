//! Where the frames of a reply come from: a stream, or one body.

use bytes::Bytes;

use super::body::Body;
use crate::{
    ReplyError,
    sse::{Decoder, Frame},
};

/// The bytes of upstream.
#[derive(Debug)]
pub(crate) enum Source {
    Stream {
        decoder: Decoder,
        is_over: bool,
    },
    /// One body, which comes as one frame.
    Whole {
        body: Body,
        is_taken: bool,
    },
}

/// What is there of them.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// Nothing that is complete.
    None,
    Frame(Frame),
    /// They are over, behind this frame if one was cut off.
    End(Option<Frame>),
}

impl Source {
    /// A stream of frames of up to `frame` bytes.
    pub(crate) fn stream(frame: usize) -> Self {
        let decoder = Decoder::new(frame);
        Self::Stream {
            decoder,
            is_over: false,
        }
    }

    /// A body of up to `limit` bytes.
    pub(crate) fn whole(limit: usize) -> Self {
        let body = Body::new(limit);
        Self::Whole {
            body,
            is_taken: false,
        }
    }

    pub(crate) fn push(&mut self, bytes: Bytes) {
        match self {
            Self::Stream { decoder, .. } => decoder.push(bytes),
            Self::Whole { body, .. } => body.push(&bytes),
        }
    }

    /// The bytes of another reply of upstream's. Its limit is what this one left of its own.
    pub(crate) fn anew(&self) -> Self {
        match self {
            Self::Stream { decoder, .. } => Self::stream(decoder.limit()),
            Self::Whole { body, .. } => Self::Whole {
                body: body.anew(),
                is_taken: false,
            },
        }
    }

    /// No more bytes come.
    pub(crate) fn end(&mut self) {
        match self {
            Self::Stream { decoder, is_over } => {
                decoder.end();
                *is_over = true;
            }
            Self::Whole { body, .. } => body.end(),
        }
    }

    pub(crate) fn next(&mut self) -> Result<Arrival, ReplyError> {
        match self {
            Self::Stream { decoder, is_over } => match decoder.next_frame() {
                Ok(Some(frame)) => Ok(Arrival::Frame(frame)),
                Ok(None) if *is_over => Ok(Arrival::End(decoder.tail())),
                Ok(None) => Ok(Arrival::None),
                Err(error) => Err(ReplyError::FrameTooLarge { limit: error.limit }),
            },
            Self::Whole { is_taken: true, .. } => Ok(Arrival::End(None)),
            Self::Whole { body, is_taken } => {
                let Some(body) = body.take()? else {
                    return Ok(Arrival::None);
                };
                *is_taken = true;
                Ok(Arrival::Frame(Frame::body(body)))
            }
        }
    }
}
