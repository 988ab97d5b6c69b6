//! The block whose frames are coming in.

use crate::{
    BlockKind, ReplyError,
    anthropic::{
        assembly::Assembly,
        event::{Delta, DeltaKind, Event, Parsed},
        place::{Events, Place, told},
    },
    json::{Edit, Halves, Span, fields},
    reply::reading::{BlockId, Event as Told, Reading, What},
    sse::Frame,
};

/// A block between its start and its stop.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) id: BlockId,
    pub(super) index: u64,
    pub(super) kind: BlockKind,
    /// There where policies want to see the block.
    pub(super) assembly: Option<Assembly>,
    pub(super) halves: Halves,
}

impl Open {
    pub(super) fn told(&self, place: Place, what: What) -> Told<Place> {
        told(self.id, place, what)
    }

    /// What a delta adds.
    pub(super) fn grown(&mut self, frame: &Frame, place: Place) -> Told<Place> {
        let is_text = self.kind == BlockKind::Text && place.delta == Some(DeltaKind::Text);
        let mut said = String::new();
        if is_text || self.assembly.is_some() {
            let at = place.value;
            said = at
                .and_then(|at| at.string(frame.data()))
                .unwrap_or_default();
        }
        if let (Some(assembly), Some(delta)) = (&mut self.assembly, place.delta) {
            assembly.add(delta, &said);
        }
        if !is_text {
            said.clear();
        }
        self.told(place, What::Grows(said))
    }

    /// A delta with the halves of letters put together.
    pub(super) fn joined(
        &mut self,
        frame: Frame,
        delta: Delta,
    ) -> Result<(Frame, Delta), ReplyError> {
        let Some(span) = delta.value.filter(|_| delta.kind.is_said()) else {
            return Ok((frame, delta));
        };
        let inner = Span {
            start: span.start + 1,
            end: span.end - 1,
        };
        match self.halves.join(inner.bytes(frame.data())) {
            None => Ok((frame, delta)),
            Some(said) => {
                let with = String::from_utf8_lossy(&said).into_owned();
                let edit = Edit { span: inner, with };
                let frame = frame.edited(vec![edit]);
                match Parsed::read(&frame).map_err(ReplyError::Malformed)?.event {
                    Event::BlockDelta(_, delta) => Ok((frame, delta)),
                    _ => Ok((frame, delta)),
                }
            }
        }
    }

    /// Its end where it is not complete. Of a text that is judged what is there counts.
    pub(super) fn broken_off(self, is_judged: bool) -> Told<Place> {
        let is_there = is_judged && self.kind == BlockKind::Text;
        let text = self.assembly.filter(|_| is_there).map(Assembly::finish);
        told(self.id, Place::default(), What::Closes(text))
    }

    /// Its end, with this frame.
    pub(super) fn closed(self, frame: Frame, place: Place) -> Reading<Place> {
        let content = self.assembly.map(Assembly::finish);
        let events = Events::from_iter([told(self.id, place, What::Closes(content))]);
        Reading { frame, events }
    }
}

impl DeltaKind {
    /// Whether such deltas say one text together.
    fn is_said(self) -> bool {
        matches!(self, Self::Text | Self::Thinking | Self::InputJson)
    }

    /// Whether a client may add such a delta to a block of this kind.
    pub(super) fn fits(self, block: BlockKind) -> bool {
        match self {
            Self::Text | Self::Citations => block == BlockKind::Text,
            Self::Thinking | Self::Signature => block == BlockKind::Thinking,
            Self::InputJson => matches!(block, BlockKind::ToolCall | BlockKind::Other),
            Self::Other => true,
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
