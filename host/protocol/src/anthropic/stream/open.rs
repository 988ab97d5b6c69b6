//! The block whose frames are coming in.

use crate::{
    BlockKind, Delivery,
    anthropic::{
        assembly::Assembly,
        emit::{Held, text_delta},
    },
    compose::is_blank,
    json::{Span, fields, quote},
    sse::Frame,
};

/// A block between its start and its stop.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) index: u64,
    pub(super) kind: BlockKind,
    pub(super) delivery: Delivery,
    /// Its number on the wire, once its start is there.
    pub(super) number: Option<u64>,
    pub(super) assembly: Option<Assembly>,
    /// What waits.
    pub(super) frames: Vec<Frame>,
    /// Whether a piece went out other than it came.
    pub(super) edited: bool,
    /// Whether the text that goes out is blank so far.
    pub(super) blank: bool,
}

/// A frame that a policy was asked about, with its text and where that is written.
#[derive(Debug)]
pub(super) enum Piece {
    Start(Frame, String, Span),
    Delta(Frame, String, Span),
    Stop(Frame),
}

impl Open {
    pub(super) fn new(index: u64, kind: BlockKind, delivery: Delivery) -> Self {
        Self {
            index,
            kind,
            delivery,
            number: None,
            assembly: None,
            frames: Vec::new(),
            edited: false,
            blank: true,
        }
    }

    /// Whether its frames go out without anyone being asked.
    pub(super) fn goes_through(&self) -> bool {
        matches!(self.delivery, Delivery::None | Delivery::Observe)
    }

    /// What waits, as a block.
    pub(super) fn into_held(self) -> Held {
        Held {
            index: self.index,
            frames: self.frames,
        }
    }

    /// The frames of a piece that goes out as it came.
    pub(super) fn kept(&mut self, piece: Piece) -> Vec<Frame> {
        match piece {
            Piece::Start(frame, text, _) | Piece::Delta(frame, text, _) => {
                self.blank &= is_blank(&text);
                vec![frame]
            }
            Piece::Stop(frame) => vec![frame],
        }
    }

    /// The frames of a piece in whose place `text` goes out.
    pub(super) fn replaced(&mut self, piece: Piece, text: &str) -> Vec<Frame> {
        let old = match &piece {
            Piece::Start(_, old, _) | Piece::Delta(_, old, _) => old.as_str(),
            Piece::Stop(_) => "",
        };
        if old == text {
            return self.kept(piece);
        }
        self.edited = true;
        self.blank &= is_blank(text);
        match piece {
            Piece::Delta(..) if text.is_empty() => Vec::new(),
            Piece::Start(frame, _, at) | Piece::Delta(frame, _, at) => {
                vec![frame.with_data(at.start..at.end, &quote(text))]
            }
            Piece::Stop(frame) => vec![text_delta(self.index, text), frame],
        }
    }
}

/// The text that a text block's start has already, and where its string is written in `data`.
pub(super) fn start_text(data: &[u8], block: Span) -> Option<(String, Span)> {
    let [at] = fields(block.bytes(data), ["text"]).ok()?;
    let at = at?.shifted(block.start);
    let text = at.string(data)?;
    (!text.is_empty()).then_some((text, at))
}
