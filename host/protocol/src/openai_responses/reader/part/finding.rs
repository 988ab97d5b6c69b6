//! Which part of its message an event is about.

use super::Parts;
use crate::{
    BlockKind, Wants,
    openai_responses::{
        event::{Event, Kind},
        item::{is_judged, part_kind},
    },
};

/// Which part an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::openai_responses::reader) enum PartAt {
    Known(usize),
    New,
    /// None that is known.
    Message,
}

impl Parts {
    /// Whether what is said of this part may be a text that is judged.
    pub(in crate::openai_responses::reader) fn may_be_text(
        &self,
        at: PartAt,
        wants: &Wants,
    ) -> bool {
        let known = match at {
            PartAt::Known(at) => self.parts.get(at),
            PartAt::New | PartAt::Message => None,
        };
        let is_other = known.is_some_and(|part| part.kind != BlockKind::Text);
        is_judged(BlockKind::Text, wants) && !is_other
    }

    /// The part that an event is about. `None` where it has no place: policies could not judge what it says.
    pub(in crate::openai_responses::reader) fn find(
        &self,
        event: &Event,
        data: &[u8],
        wants: &Wants,
    ) -> Option<PartAt> {
        let Some(index) = event.part.map(|part| part.value) else {
            return Some(PartAt::Message);
        };
        let kind = match event.kind {
            kind if kind.is_text_delta() || kind.is_text_done() => BlockKind::Text,
            Kind::PartAdded | Kind::PartDone => {
                let part = event.value.unwrap_or_default().text(data);
                part_kind(part)
            }
            _ => return Some(self.known(index).map_or(PartAt::Message, PartAt::Known)),
        };
        let acts = wants.judge_any() || wants.end;
        let at = self.known(index);
        let known = at.and_then(|at| self.parts.get(at));
        match (event.kind, at, known) {
            (Kind::PartAdded, Some(_), Some(part)) if acts => {
                (!part.is_open || !part.is_silent).then_some(PartAt::New)
            }
            (delta, Some(at), Some(part)) if acts => {
                // Of a judged part everything is said once.
                let was_said = match delta {
                    Kind::PartDone => part.is_done,
                    delta if delta.is_text_done() => part.is_text_done,
                    _ => !part.is_open,
                };
                let is_over = was_said && is_judged(kind, wants);
                (part.kind == kind && !is_over).then_some(PartAt::Known(at))
            }
            (_, Some(at), _) => Some(PartAt::Known(at)),
            (Kind::PartAdded, None, _) => Some(PartAt::New),
            (_, None, _) => {
                let last = self.parts.len().checked_sub(1);
                // Some servers number each delta.
                let goes_on = last.is_some_and(|at| {
                    let part = &self.parts[at];
                    part.is_silent || part.is_added
                });
                let is_next = index == self.parts.len() as u64 && !goes_on;
                let fits = |at: &usize| {
                    let part = &self.parts[*at];
                    let goes_on = match event.kind {
                        Kind::PartDone => !part.is_done,
                        _ => part.is_open,
                    };
                    goes_on && part.kind == kind
                };
                let last = last.filter(|at| acts && !is_next && fits(at));
                Some(last.map_or(PartAt::New, PartAt::Known))
            }
        }
    }
}
