//! Writes the frames of a streamed reply: its items and events numbered as they go out, and what is repeated as it went out.

mod found;
mod items;
mod numbers;
mod output;
mod sent;
mod written;

use std::borrow::Cow;

use bytes::Bytes;

pub(super) use self::{numbers::Numbers, output::Output};
use self::{numbers::renumbered, sent::Delta, written::Written};
use super::{
    RULES,
    event::{Ending, Kind, Parsed, edited},
    made::response_event,
    reader::{Key, Place},
    response::{Response, begun, completed, failed, named, with_output},
};
use crate::{
    ReplyError, Wants,
    json::{Edit, string_field},
    openai::{error_code, items::set_text},
    reply::{
        dispositions::Dispositions,
        writing::{Disposition, Pending, Role, Stop, Writer},
    },
    sse::Frame,
};

/// Writes a stream of the Responses API.
#[derive(Debug)]
pub(crate) struct StreamWriter {
    /// Whether policies may change the reply. Where they may not, nothing is kept of what goes out.
    tracks: bool,
    numbers: Numbers,
    output: Output,
    /// The first event: what a response of ours is made of.
    start: Option<Frame>,
    /// The item and the part of the delta that was written last.
    delta: Option<(Key, Option<usize>)>,
    /// Whether it goes on with another reply of upstream's.
    goes_on: bool,
}

impl Writer for StreamWriter {
    type Place = Place;

    const HEARTBEAT: Option<&'static [u8]> = Some(b": sluice\n\n");

    fn begin(&mut self, frame: &Frame, place: &Place) {
        let value = place.event.as_ref().and_then(|event| event.value);
        let id = string_field(value.unwrap_or_default().bytes(frame.data()), "id");
        self.output.identify(RULES.seed(&id));
        self.start = Some(frame.clone());
    }

    fn block_ended(&mut self, frame: &Frame, place: &Place) {
        if let (Some(item), None, true) = (place.item, place.part, self.tracks) {
            self.output
                .note_end(item, place.value.text(frame.data()), place.differs);
        }
    }

    fn held(&self) -> usize {
        self.output.size()
    }

    fn write(&mut self, pending: Pending<Place>, known: &Dispositions, out: &mut Vec<Bytes>) {
        if self.tracks {
            self.output.take(&pending, known);
            self.end_open(&pending, known);
            self.send_own(out);
        }
        let Some(frame) = pending.frame else { return };
        let first = pending.slots.first();
        let Some(event) = first.and_then(|slot| slot.place.event.as_deref()) else {
            return out.push(frame.into_raw());
        };
        let written = Written {
            frame: &frame,
            event,
            slots: &pending.slots,
            known,
        };
        let edits = self.edits(&written);
        match edits.map(|edits| self.numbered(&written, edits)) {
            Some(edits) if edits.is_empty() => out.push(frame.into_raw()),
            Some(edits) => out.push(edited(&frame, edits).into_raw()),
            None => self.output.is_changed = true,
        }
    }

    fn may_repeat(&self) -> bool {
        !self.output.is_changed && !self.numbers.is_ours
    }

    fn repeat(&mut self, said: &[u8], number: Option<u64>) {
        self.numbers.pass(number);
        if let Some((item, part)) = self.delta {
            self.output.sent.say(item, part, said);
        }
    }

    /// An end that is told once more repeats what went out, if it repeats anything.
    fn behind(&mut self, frame: Frame) -> Frame {
        let Ok(Parsed { event, .. }) = Parsed::read(&frame) else {
            return frame;
        };
        let mut edits = Vec::new();
        let span = event.value.filter(|_| self.output.is_changed);
        if let Some(span) = span {
            let json = span.text(frame.data());
            let says = Response::parse(json).is_ok_and(|response| !response.items.is_empty());
            let with = match says {
                true => Some(self.repeated(json, &self.output.done())),
                false => self.named(json),
            };
            edits.extend(with.map(|with| Edit { span, with }));
        }
        edits.extend(self.numbers.count(&event, self.output.is_changed));
        match edits.is_empty() {
            true => frame,
            false => edited(&frame, edits),
        }
    }

    fn cut(&mut self, out: &mut Vec<Bytes>) -> Option<Bytes> {
        self.output.begin_next();
        self.delta = None;
        self.goes_on = true;
        self.send_own(out);
        None
    }

    fn stop(&mut self, stops: Vec<Stop>, out: &mut Vec<Bytes>) {
        self.output.stop(stops);
        self.send_own(out);
        let response = completed(&self.response());
        let frame = response_event("response.completed", &response);
        out.push(self.numbers.count_own(&frame));
    }

    fn fail(&mut self, error: &ReplyError) -> Bytes {
        self.numbers.count_own(&failure(&self.response(), error))
    }
}

impl StreamWriter {
    pub(crate) fn new(wants: Wants) -> Self {
        Self {
            tracks: wants.judge_any() || wants.end,
            numbers: Numbers::default(),
            output: Output::default(),
            start: None,
            delta: None,
            goes_on: false,
        }
    }

    /// Upstream ends the reply. Items that it does not end are over.
    fn end_open(&mut self, pending: &Pending<Place>, known: &Dispositions) {
        let ends = pending.slots.last().filter(|slot| slot.role == Role::Ends);
        let ends = ends.filter(|slot| *known.of(slot) != Disposition::Goes);
        if ends.is_none() || !self.output.sent.is_open() {
            return;
        }
        let mut events = pending
            .slots
            .iter()
            .filter_map(|slot| slot.place.event.as_ref());
        let kind = events.next().map(|event| event.kind);
        self.output.close(match kind {
            Some(Kind::Terminal(Ending::Incomplete)) => "incomplete",
            _ => "completed",
        });
    }

    fn send_own(&mut self, out: &mut Vec<Bytes>) {
        for frame in self.output.take_own() {
            out.push(self.numbers.count_own(&frame));
        }
    }

    /// The edits with which a frame goes out. `None` where it does not.
    fn edits(&mut self, written: &Written<'_>) -> Option<Vec<Edit>> {
        let event = written.event;
        self.delta = None;
        match (event.kind, written.item()) {
            (Kind::Terminal(ending), _) => self.end_edits(ending, written),
            (_, None) => Some(Vec::new()),
            (kind, Some(item)) => self.item_edits(kind, item, written),
        }
    }

    fn item_edits(&mut self, kind: Kind, item: Key, written: &Written<'_>) -> Option<Vec<Edit>> {
        let part = written.part();
        if self.output.sent.lacks(item, part) {
            return None;
        }
        let Some(sent) = self.output.sent.item(item) else {
            return Some(Vec::new());
        };
        if kind == Kind::ItemDone {
            return match written.becomes(Role::Closes) {
                // It only repeats an item.
                None => Some(Vec::new()),
                Some(_) if !sent.is_done => None,
                Some(_) if sent.json == written.json() => Some(Vec::new()),
                Some(_) => Some(vec![written.says(sent.json.clone())]),
            };
        }
        if written.has_gone() {
            return None;
        }
        if kind.is_call_delta() {
            self.delta = Some((item, None));
            self.output.sent.say(item, None, written.raw());
        } else if kind.is_call_done() {
            let said = written.raw().to_vec();
            self.output.sent.change(item, |item| item.arguments = said);
        }
        match part {
            Some(part) => self.part_edits(kind, (item, part), written),
            None => Some(Vec::new()),
        }
    }

    fn part_edits(
        &mut self,
        kind: Kind,
        (item, part): (Key, usize),
        written: &Written<'_>,
    ) -> Option<Vec<Edit>> {
        if kind.is_text_delta() {
            self.delta = Some((item, Some(part)));
        }
        let grows = written.becomes(Role::Grows);
        let edits = self.output.sent.change_part(item, part, |part| {
            if kind.is_text_delta() && grows.is_some() {
                return match part.delta(grows.unwrap_or(&Disposition::Keeps)) {
                    Delta::Stays => Some(Vec::new()),
                    Delta::Says(text) => Some(written.says_text(&text)),
                    Delta::Goes => None,
                };
            }
            if kind.is_text_done() {
                part.is_text_done = true;
                if part.is_edited {
                    return Some(written.says_text(&part.text()));
                }
                part.said = written.raw().to_vec();
            }
            if kind == Kind::PartDone {
                part.is_done = true;
                written.json().clone_into(&mut part.json);
                if part.is_edited {
                    part.json = set_text(&part.json, &part.text());
                    return Some(vec![written.says(part.json.clone())]);
                }
            }
            Some(Vec::new())
        });
        edits.unwrap_or_else(|| Some(Vec::new()))
    }

    fn end_edits(&mut self, ending: Ending, written: &Written<'_>) -> Option<Vec<Edit>> {
        if written.becomes(Role::Ends) == Some(&Disposition::Goes) {
            return None;
        }
        let differs = written.slots.iter().any(|slot| slot.place.differs);
        let repeats = written
            .slots
            .iter()
            .find_map(|slot| slot.place.repeats.as_deref());
        let repeats = repeats.map(|repeats| &repeats.0[..]).unwrap_or_default();
        let differs = differs || repeats.iter().any(|repeat| repeat.differs);
        if !(self.output.is_changed || differs) || written.event.value.is_none() {
            return Some(Vec::new());
        }
        if ending == Ending::Error || !self.tracks {
            return Some(Vec::new());
        }
        let output = self.output.sent.repeated(repeats, written.frame.data());
        Some(vec![written.says(self.repeated(written.json(), &output))])
    }

    /// A response of upstream's with these items as its output.
    fn repeated(&self, json: &str, output: &[Cow<'_, str>]) -> String {
        let response = with_output(json, output);
        self.named(&response).unwrap_or(response)
    }

    /// A response of upstream's with the name that the reply began with, if it goes on.
    fn named(&self, json: &str) -> Option<String> {
        let start = self.start.as_ref().filter(|_| self.goes_on)?;
        Some(named(json, &begun(Some(start))))
    }

    /// These edits of a frame, and those that give it the numbers that it has to have.
    fn numbered(&mut self, written: &Written<'_>, mut edits: Vec<Edit>) -> Vec<Edit> {
        let event = written.event;
        if let Some(item) = written.item()
            && let Some(sent) = self.output.sent.item(item)
        {
            edits.extend(renumbered(event.item, sent.number));
            let part = written.part().and_then(|part| sent.part_number(part));
            edits.extend(part.and_then(|part| renumbered(event.part, part)));
        }
        self.output.is_changed |= !edits.is_empty();
        edits.extend(self.numbers.count(event, self.output.is_changed));
        edits
    }

    /// The response with what went out, as it was when it began.
    fn response(&self) -> String {
        with_output(&begun(self.start.as_ref()), &self.output.done())
    }
}

/// The event that ends a response with an error. Whoever sends it numbers it.
pub(super) fn failure(response: &str, error: &ReplyError) -> Frame {
    let response = failed(response, error_code(error), &error.to_string());
    response_event("response.failed", &response)
}
