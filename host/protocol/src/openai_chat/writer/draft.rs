//! A frame as it goes out.

use bytes::Bytes;

use super::change::{Change, is_left};
use crate::{
    json::Edit,
    openai_chat::chunk::{Chunk, Entry, Form},
    sse::Frame,
};

/// A frame of upstream's, what changes in it, and what goes out before it.
#[derive(Debug)]
pub(super) struct Draft {
    form: Form,
    before: Vec<Frame>,
    /// `None` where nothing of upstream's goes out here.
    frame: Option<Frame>,
    /// What it says, once that is needed.
    chunk: Option<Box<Chunk>>,
    /// By the position of the element of `choices`.
    changes: Vec<(usize, Change)>,
    is_stopped: bool,
}

/// An element of `tool_calls`.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) json: String,
    pub(super) is_custom: bool,
}

impl Draft {
    pub(super) fn new(form: Form, frame: Option<Frame>) -> Self {
        Self {
            form,
            before: Vec::new(),
            frame,
            chunk: None,
            changes: Vec::new(),
            is_stopped: false,
        }
    }

    /// The end of the reply that is in it does not go out.
    pub(super) fn stop(&mut self) {
        self.is_stopped = true;
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    pub(super) fn put_before(&mut self, frame: Frame) {
        self.before.push(frame);
    }

    pub(super) fn data(&self) -> &[u8] {
        self.frame.as_ref().map_or(&[], Frame::data)
    }

    /// What changes in the element of `choices` at this position.
    pub(super) fn change(&mut self, entry: usize) -> &mut Change {
        let known = self.changes.iter().position(|(at, _)| *at == entry);
        let at = known.unwrap_or_else(|| {
            self.changes.push((entry, Change::default()));
            self.changes.len() - 1
        });
        &mut self.changes[at].1
    }

    /// The position of the element that holds this choice.
    pub(super) fn entry_of(&mut self, choice: u64) -> Option<usize> {
        let mut entries = self.chunk().choices.iter();
        entries.rposition(|entry| entry.index == choice)
    }

    /// This position, if something fits in with what the element there says. In a whole message everything does.
    pub(super) fn place_in(
        &mut self,
        entry: Option<usize>,
        fits: fn(&Entry) -> bool,
    ) -> Option<usize> {
        let form = self.form;
        let fits = |entry: &Entry| form == Form::Message || fits(entry);
        entry.filter(|at| self.chunk().choices.get(*at).is_some_and(fits))
    }

    pub(super) fn element(&mut self, entry: usize, at: usize) -> Element {
        self.chunk();
        let entry = self
            .chunk
            .as_ref()
            .and_then(|chunk| chunk.choices.get(entry));
        let element = entry.and_then(|entry| entry.calls.get(at));
        element.map_or_else(Element::default, |element| Element {
            json: element.span.text(self.data()).to_owned(),
            is_custom: element.is_custom,
        })
    }

    /// The JSON of a `function_call`.
    pub(super) fn function_call(&mut self, entry: usize) -> String {
        self.chunk();
        let entry = self
            .chunk
            .as_ref()
            .and_then(|chunk| chunk.choices.get(entry));
        let call = entry.and_then(|entry| entry.function_call.as_ref());
        let json = call.map(|call| call.span.text(self.data()).to_owned());
        json.unwrap_or_default()
    }

    /// Sends it, as far as anything is left of it.
    pub(super) fn finish(mut self, out: &mut Vec<Bytes>) {
        let before = std::mem::take(&mut self.before);
        out.extend(before.into_iter().map(Frame::into_raw));
        let is_idle = |frame: &Frame| frame.raw().is_empty();
        let Some(frame) = self.changed().filter(|frame| !is_idle(frame)) else {
            return;
        };
        out.push(frame.into_raw());
    }

    fn changed(&mut self) -> Option<Frame> {
        if self.is_stopped && self.form == Form::Delta {
            return None;
        }
        if self.changes.is_empty() {
            return self.frame.take();
        }
        let changes = std::mem::take(&mut self.changes);
        let (mut edits, mut says_something) = (Vec::new(), self.chunk().says_more);
        let chunk = self.chunk.take().unwrap_or_default();
        let data = self.data();
        for (at, entry) in chunk.choices.iter().enumerate() {
            let change = changes.iter().find(|(changed, _)| *changed == at);
            let with = change.and_then(|(_, change)| change.made_in(entry, data, self.form));
            says_something |= match &with {
                Some(changed) => changed.is_left,
                None => is_left(entry, data),
            };
            edits.extend(with.map(|with| Edit {
                span: entry.span,
                with: with.json,
            }));
        }
        let is_there = edits.is_empty() || says_something || self.form == Form::Message;
        let frame = self.frame.take().filter(|_| is_there)?;
        Some(frame.edited(edits))
    }

    fn chunk(&mut self) -> &Chunk {
        let (form, frame) = (self.form, self.frame.as_ref());
        self.chunk.get_or_insert_with(|| {
            let chunk = frame.map(|frame| Chunk::parse(frame.data(), form));
            Box::new(chunk.and_then(Result::ok).unwrap_or_default())
        })
    }
}
