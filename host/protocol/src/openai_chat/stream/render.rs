//! A frame as it goes out, once it is known what becomes of its pieces.

use super::queue::{Fates, Patch, Piece, Queued};
use crate::{
    json::{Edit, Span, quote, set_fields, splice},
    openai_chat::{
        amend::{amended, is_idle, named, rewritten, with_more},
        chunk::Entry,
        made::numbered_call,
        turn::{Fate, Field},
    },
    sse::Frame,
};

/// The frames that go out in the place of one: those of our own before it, and itself with its edits,
/// if anything is left in it.
pub(super) fn frames(queued: Queued, fates: &Fates) -> Vec<Frame> {
    let edited = edited(&queued, fates);
    let mut frames = queued.before;
    match edited {
        Edited::Untouched => frames.push(queued.frame),
        Edited::Changed(frame) => frames.push(frame),
        Edited::Idle => {}
    }
    frames
}

enum Edited {
    Untouched,
    Changed(Frame),
    /// Nothing is left in it.
    Idle,
}

fn edited(queued: &Queued, fates: &Fates) -> Edited {
    let Some(chunk) = &queued.chunk else {
        return Edited::Untouched;
    };
    let data = queued.frame.data();
    let mut edits = Vec::new();
    let mut is_left = chunk.says_more;
    for (at, entry) in chunk.choices.iter().enumerate() {
        let element = Changing {
            data,
            queued,
            fates,
            at,
            entry,
        };
        is_left |= element.edit(&mut edits);
    }
    match (edits.is_empty(), is_left) {
        (true, _) => Edited::Untouched,
        (false, false) => Edited::Idle,
        (false, true) => {
            let edited = splice(data, edits);
            let edited = String::from_utf8_lossy(&edited);
            Edited::Changed(queued.frame.with_data(0..data.len(), &edited))
        }
    }
}

/// An element of `choices` with all that is known of it.
struct Changing<'a> {
    data: &'a [u8],
    queued: &'a Queued,
    fates: &'a Fates,
    at: usize,
    entry: &'a Entry,
}

/// A change of a field: another value, or none.
type Change = Option<Option<String>>;

impl Changing<'_> {
    /// Adds the edits; says whether anything is left in it then.
    fn edit(&self, edits: &mut Vec<Edit>) -> bool {
        let entry = self.entry;
        let before = edits.len();
        let mut set = |span: Option<Span>, with: String| {
            edits.extend(span.map(|span| Edit { span, with }));
        };
        let finish = self.fate(Piece::FinishReason);
        match finish {
            Some((Fate::Goes, _)) => set(entry.finish_reason, "null".to_owned()),
            Some((Fate::Says(reason), _)) => set(entry.finish_reason, quote(reason)),
            _ => {}
        }
        let delta = self.delta();
        if let Some(delta) = &delta {
            set(entry.said, delta.clone());
            // They would still tell what stood there.
            set(entry.logprobs, "null".to_owned());
        }
        let is_idle = match (&delta, entry.said) {
            // What was not edited is not looked at either.
            _ if edits.len() == before && self.queued.patches.is_empty() => {
                !entry.has_content()
                    && entry
                        .said
                        .is_none_or(|delta| is_idle(delta.text(self.data)))
            }
            (Some(delta), _) => is_idle(delta),
            (None, Some(delta)) => is_idle(delta.text(self.data)),
            (None, None) => true,
        };
        let finishes = entry.finish_reason.is_some() && !matches!(finish, Some((Fate::Goes, _)));
        !is_idle || finishes || entry.says_more
    }

    /// The delta, if it is another.
    fn delta(&self) -> Option<String> {
        let patch = self.patch();
        let content = patch.map_or("", |patch| &patch.content);
        let refusal = patch.map_or("", |patch| &patch.refusal);
        let thinking = || matches!(self.text(Field::Thinking), Some("")).then_some(None);
        let changes: [(&str, Change); 6] = [
            ("reasoning_content", thinking()),
            ("reasoning", thinking()),
            ("content", self.content(content).map(Some)),
            ("refusal", self.refusal(refusal).map(Some)),
            ("tool_calls", self.calls(patch)),
            ("function_call", self.function_call()),
        ];
        let changes: Vec<(&str, Option<String>)> = changes
            .into_iter()
            .filter_map(|(name, change)| Some((name, change?)))
            .collect();
        if changes.is_empty() {
            return None;
        }
        let delta = self.entry.said.map_or("{}", |delta| delta.text(self.data));
        Some(amended(delta, &changes))
    }

    fn content(&self, added: &str) -> Option<String> {
        let entry = self.entry;
        let left_out = self
            .fate(Piece::Parts)
            .filter(|(fate, _)| **fate == Fate::Goes);
        match self.text(Field::Content).or(left_out.map(|_| "")) {
            Some(text) => Some(quote(&format!("{text}{added}"))),
            None if added.is_empty() => None,
            None => Some(with_more(self.data, entry.content.or(entry.parts), added)),
        }
    }

    fn refusal(&self, added: &str) -> Option<String> {
        match self.text(Field::Refusal) {
            Some(text) if text.is_empty() && added.is_empty() => Some("null".to_owned()),
            Some(text) => Some(quote(&format!("{text}{added}"))),
            None if added.is_empty() => None,
            None => Some(with_more(self.data, self.entry.refusal, added)),
        }
    }

    /// What a text says that is another.
    fn text(&self, field: Field) -> Option<&str> {
        match self.fate(Piece::Text(field))? {
            (Fate::Says(text), true) => Some(text),
            (Fate::Goes | Fate::Says(_), _) => Some(""),
            _ => None,
        }
    }

    fn calls(&self, patch: Option<&Patch>) -> Change {
        let added = patch.map_or(&[][..], |patch| &patch.calls);
        let mut is_same = added.is_empty();
        let mut calls = Vec::new();
        for (number, element) in self.entry.calls.iter().enumerate() {
            let json = element.span.text(self.data);
            match self.fate(Piece::Call(number)) {
                Some((Fate::Goes, _)) => is_same = false,
                Some((Fate::Call(placed), is_first)) => {
                    is_same = false;
                    if is_first {
                        let before = placed.before.iter();
                        calls.extend(before.map(|(number, call)| numbered_call(*number, call)));
                    }
                    let json = match &placed.call {
                        None => json.to_owned(),
                        Some(call) if is_first => rewritten(json, element, call),
                        // All that it says stands in its first piece now.
                        Some(_) => continue,
                    };
                    calls.push(numbered(json, placed.number));
                }
                _ => calls.push(json.to_owned()),
            }
        }
        let added = added.iter();
        calls.extend(added.map(|(number, call)| numbered_call(*number, call)));
        match (is_same, calls.is_empty()) {
            (true, _) => None,
            (false, true) => Some(None),
            (false, false) => Some(Some(format!("[{}]", calls.join(",")))),
        }
    }

    fn function_call(&self) -> Change {
        let json = self.entry.function_call.as_ref()?.span.text(self.data);
        match self.fate(Piece::FunctionCall)? {
            (Fate::Goes, _) => Some(None),
            (Fate::Call(placed), is_first) => match &placed.call {
                Some(call) if is_first => Some(Some(named(json, "arguments", call))),
                Some(_) => Some(None),
                None => None,
            },
            _ => None,
        }
    }

    fn patch(&self) -> Option<&Patch> {
        let mut patches = self.queued.patches.iter();
        patches.find(|patch| patch.entry == self.at)
    }

    /// What becomes of a piece, and whether it is the first of its block; nothing where nobody asked.
    fn fate(&self, piece: Piece) -> Option<(&Fate, bool)> {
        let mut slots = self.queued.slots.iter();
        let slot = slots.find(|slot| slot.entry == self.at && slot.piece == piece)?;
        Some((self.fates.of(slot.ticket), slot.is_first))
    }
}

fn numbered(json: String, number: u64) -> String {
    let changes = [("index", Some(number.to_string()))];
    set_fields(&json, changes).unwrap_or(json)
}
