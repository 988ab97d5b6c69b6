//! One choice of a whole reply: its message, and what becomes of it.

use crate::{
    Block, Ruling, ToolCall, Wants,
    json::{Edit, Span, quote},
    openai::calls::write_call,
    openai_chat::{
        amend::{amended, named, rewritten, with_more},
        chunk::{Element, Entry},
        content,
        turn::{Closing, Fate, Field, Outgoing, Ticket, Turn},
    },
};

/// Something of a reply that is a block, or the end of a choice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) choice: usize,
    pub(super) place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Text(Field),
    /// Content that is no string.
    Parts,
    /// The element of `tool_calls` at this position, or behind the last of them the `function_call`.
    Call(usize),
    End,
}

#[derive(Debug)]
pub(super) struct Choice {
    entry: Entry,
    turn: Turn,
    thinking: Fate,
    content: Fate,
    refusal: Fate,
    /// Whether its calls go out without anybody having judged them.
    passes_calls: bool,
    closing: Option<Closing>,
    is_stopped: bool,
}

impl Choice {
    pub(super) fn new(reply_id: &str, entry: Entry) -> Self {
        Self {
            turn: Turn::new(reply_id, entry.index),
            entry,
            thinking: Fate::Waits,
            content: Fate::Waits,
            refusal: Fate::Waits,
            passes_calls: false,
            closing: None,
            is_stopped: false,
        }
    }

    /// What is in its message, in the order in which a stream tells it.
    pub(super) fn places(&self) -> Vec<Place> {
        let Entry {
            thinking,
            content,
            parts,
            refusal,
            calls,
            function_call,
            ..
        } = &self.entry;
        let mut places = Vec::new();
        places.extend(thinking.map(|_| Place::Text(Field::Thinking)));
        places.extend(content.map(|_| Place::Text(Field::Content)));
        places.extend(parts.map(|_| Place::Parts));
        places.extend(refusal.map(|_| Place::Text(Field::Refusal)));
        places.extend((0..calls.len() + usize::from(function_call.is_some())).map(Place::Call));
        places
    }

    /// The block at `place`; none where nothing is there, as at the end.
    pub(super) fn block(&self, data: &[u8], place: Place) -> Option<Block> {
        let string = |span: Span| content::read(data, span);
        Some(match place {
            Place::Text(Field::Thinking) => Block::Thinking(string(self.entry.thinking?)),
            Place::Text(Field::Content) => Block::Text(string(self.entry.content?)),
            Place::Text(Field::Refusal) => Block::Text(string(self.entry.refusal?)),
            Place::Parts => Block::Other(self.entry.parts?.text(data).to_owned()),
            Place::Call(at) => Block::ToolCall(self.element(at)?.call(data)),
            Place::End => return None,
        })
    }

    /// What of it can't be judged, though these wants ask for it.
    pub(super) fn unjudgeable(&self, wants: &Wants) -> Option<&'static str> {
        self.entry.unjudgeable(wants)
    }

    /// Upstream's word for why it ended.
    pub(super) fn finish_reason(&self, data: &[u8]) -> Option<String> {
        self.entry.finish_reason?.string(data)
    }

    /// A block that nobody judges goes out.
    pub(super) fn pass(&mut self, place: Place, block: &Block) {
        match (place, block) {
            (Place::Text(field), Block::Text(text)) => self.turn.says(field, text),
            _ => self.turn.passes(block.kind()),
        }
        match place {
            Place::Call(_) => self.passes_calls = true,
            place => self.settle(place, Fate::Keeps),
        }
    }

    /// A judged block, which the reply does not end with.
    pub(super) fn rule(&mut self, place: Place, block: Block, ruling: Ruling) {
        let fate = match (place, block) {
            (Place::Text(field), Block::Text(text) | Block::Thinking(text)) => {
                self.turn.rule_text(field, &text, ruling)
            }
            (Place::Call(at), Block::ToolCall(call)) => {
                if at >= self.entry.calls.len() {
                    self.turn.note_function_call(at as Ticket);
                }
                return self.turn.rule_call(at as Ticket, call, ruling);
            }
            (_, block) => {
                self.turn.passes(block.kind());
                Fate::Keeps
            }
        };
        self.settle(place, fate);
    }

    /// `sent` goes out in the place of a text.
    pub(super) fn say(&mut self, field: Field, text: &str, sent: String) {
        let fate = self.turn.send_text(field, text, sent);
        self.settle(Place::Text(field), fate);
    }

    /// All of it is judged, and these texts are added.
    pub(super) fn close(&mut self, added: Vec<String>) {
        if self.closing.is_none() {
            self.closing = Some(self.turn.close(added));
        }
    }

    /// It ends here with the notice, if it has not ended yet.
    pub(super) fn stop(&mut self, notice: String) {
        if self.closing.is_none() {
            let text = self.turn.stop(notice);
            self.is_stopped = true;
            self.closing = Some(Closing {
                text,
                calls: Vec::new(),
            });
        }
    }

    /// The edit that makes of it what goes out; none where it goes out as it came.
    pub(super) fn edit(&self, data: &[u8]) -> Option<Edit> {
        let closing = self.closing.as_ref().filter(|_| self.turn.is_changed())?;
        let message = self.message(data, closing);
        let reason = self.finish_reason(data).unwrap_or_default();
        let reason = match (self.is_stopped, self.passes_calls) {
            // It tells whether they are complete.
            (true, true) => None,
            (true, false) => Some(self.turn.stop_reason()),
            (false, _) => self.turn.mended(&reason),
        };
        let mut changes = vec![("message", Some(message))];
        changes.extend(reason.map(|reason| ("finish_reason", Some(quote(reason)))));
        if self.has_other_text(closing) && self.entry.logprobs.is_some() {
            // They would still tell what stood there.
            changes.push(("logprobs", Some("null".to_owned())));
        }
        Some(Edit {
            span: self.entry.span,
            with: amended(self.entry.span.text(data), &changes),
        })
    }

    fn message(&self, data: &[u8], closing: &Closing) -> String {
        let mut changes = Vec::new();
        let old = self.entry.content.or(self.entry.parts);
        if let Some(content) = changed(data, old, self.fate(Field::Content), &closing.text) {
            changes.push(("content", Some(content)));
        }
        let refusal = self.entry.refusal;
        if let Some(refusal) = changed(data, refusal, self.fate(Field::Refusal), "") {
            changes.push(("refusal", Some(refusal)));
        }
        if *self.fate(Field::Thinking) == Fate::Waits && self.entry.thinking.is_some() {
            changes.extend([("reasoning_content", None), ("reasoning", None)]);
        }
        changes.extend(self.calls(data, closing));
        let said = self.entry.said.map_or("{}", |said| said.text(data));
        amended(said, &changes)
    }

    fn calls(&self, data: &[u8], closing: &Closing) -> Vec<(&'static str, Option<String>)> {
        let Entry {
            calls,
            function_call,
            ..
        } = &self.entry;
        let passed = calls.iter().filter(|_| self.passes_calls);
        let mut going: Vec<String> = passed
            .map(|element| element.span.text(data).to_owned())
            .collect();
        let mut old = function_call
            .as_ref()
            .filter(|_| self.passes_calls)
            .map(|element| element.span.text(data).to_owned());
        for call in &closing.calls {
            match call {
                Outgoing::Made(call) => going.push(write_call(call)),
                Outgoing::Upstream(ticket, call) => {
                    let at = usize::try_from(*ticket).unwrap_or(usize::MAX);
                    match (calls.get(at), function_call) {
                        (Some(element), _) => going.push(said(data, element, call.as_ref())),
                        (None, Some(element)) => {
                            let json = element.span.text(data);
                            let named = |call| named(json, "arguments", call);
                            old = Some(call.as_ref().map_or_else(|| json.to_owned(), named));
                        }
                        (None, None) => {}
                    }
                }
            }
        }
        let going = (!going.is_empty()).then(|| format!("[{}]", going.join(",")));
        let mut changes = Vec::new();
        if going.is_some() || !calls.is_empty() {
            changes.push(("tool_calls", going));
        }
        if function_call.is_some() {
            changes.push(("function_call", old));
        }
        changes
    }

    /// Whether content or refusal say something else than upstream's.
    fn has_other_text(&self, closing: &Closing) -> bool {
        let is_other = |there: bool, fate: &Fate| there && *fate != Fate::Keeps;
        let has_content = self.entry.content.is_some() || self.entry.parts.is_some();
        !closing.text.is_empty()
            || is_other(has_content, &self.content)
            || is_other(self.entry.refusal.is_some(), &self.refusal)
    }

    fn element(&self, at: usize) -> Option<&Element> {
        let call = self.entry.calls.get(at);
        call.or(self.entry.function_call.as_ref())
    }

    fn fate(&self, field: Field) -> &Fate {
        match field {
            Field::Thinking => &self.thinking,
            Field::Content => &self.content,
            Field::Refusal => &self.refusal,
        }
    }

    fn settle(&mut self, place: Place, fate: Fate) {
        match place {
            Place::Text(Field::Thinking) => self.thinking = fate,
            Place::Text(Field::Content) | Place::Parts => self.content = fate,
            Place::Text(Field::Refusal) => self.refusal = fate,
            Place::Call(_) | Place::End => {}
        }
    }
}

/// What stands in the place of a text in the end, with more behind it; nothing where it stays.
fn changed(data: &[u8], old: Option<Span>, fate: &Fate, added: &str) -> Option<String> {
    match (fate, old) {
        (Fate::Says(text), _) => Some(quote(&format!("{text}{added}"))),
        (Fate::Keeps, old) if !added.is_empty() => Some(with_more(data, old, added)),
        (_, None) if added.is_empty() => None,
        (Fate::Keeps, _) => None,
        _ if added.is_empty() => Some("null".to_owned()),
        _ => Some(quote(added)),
    }
}

fn said(data: &[u8], element: &Element, call: Option<&ToolCall>) -> String {
    let json = element.span.text(data);
    call.map_or_else(|| json.to_owned(), |call| rewritten(json, element, call))
}
