//! The body of a whole reply, as a view over its bytes.

use std::collections::VecDeque;

use bytes::Bytes;

use super::choice::{Choice, Part, Place};
use crate::{
    Wants,
    json::splice,
    openai_chat::{
        MAX_CHOICES,
        chunk::{Chunk, Form},
    },
};

/// A `chat.completion` with what becomes of it.
#[derive(Debug, Default)]
pub(super) struct Completion {
    pub(super) body: Bytes,
    pub(super) choices: Vec<Choice>,
}

impl Completion {
    /// Reads a body. `None` is an error of upstream's, which has no content to judge; Err says why the
    /// body is neither.
    pub(super) fn parse(body: Bytes) -> Result<Option<Self>, String> {
        if str::from_utf8(&body).is_err() {
            return Err("it is not UTF-8".to_owned());
        }
        let chunk = Chunk::parse(&body, Form::Message).map_err(|fault| fault.to_string())?;
        if !chunk.has_choices {
            return match chunk.is_error {
                true => Ok(None),
                false => Err("it has no choices".to_owned()),
            };
        }
        if chunk.choices.len() as u64 > MAX_CHOICES {
            return Err("it has too many choices".to_owned());
        }
        let id = chunk.id.and_then(|id| id.string(&body)).unwrap_or_default();
        let choices = chunk.choices.into_iter();
        let choices = choices.map(|entry| Choice::new(&id, entry)).collect();
        Ok(Some(Self { body, choices }))
    }

    /// What of it can't be judged, though these wants ask for it.
    pub(super) fn unjudgeable(&self, wants: &Wants) -> Option<&'static str> {
        let mut choices = self.choices.iter();
        choices.find_map(|choice| choice.unjudgeable(wants))
    }

    /// What is in it, in the order in which it is judged; with the end of each choice, if they are to be
    /// `closed` one by one.
    pub(super) fn parts(&self, closed: bool) -> VecDeque<Part> {
        let mut parts = VecDeque::new();
        for (at, choice) in self.choices.iter().enumerate() {
            let end = closed.then_some(Place::End);
            let places = choice.places().into_iter().chain(end);
            parts.extend(places.map(|place| Part { choice: at, place }));
        }
        parts
    }

    /// Upstream's word for why the model stopped; empty where it gave none.
    pub(super) fn finish_reason(&self) -> String {
        let mut reasons = self
            .choices
            .iter()
            .filter_map(|choice| choice.finish_reason(&self.body));
        reasons.next().unwrap_or_default()
    }

    /// All is judged, and these texts are added to the first choice.
    pub(super) fn close(&mut self, mut added: Vec<String>) {
        for choice in &mut self.choices {
            choice.close(std::mem::take(&mut added));
        }
    }

    /// The reply ends in this choice, with the notice; nothing that is not judged goes out.
    pub(super) fn stop(&mut self, at: usize, notice: &str) {
        for (other, choice) in self.choices.iter_mut().enumerate() {
            let notice = if other == at { notice } else { "" };
            choice.stop(notice.to_owned());
        }
    }

    /// The body as it goes out.
    pub(super) fn rendered(&self) -> Bytes {
        let choices = self.choices.iter();
        let edits: Vec<_> = choices
            .filter_map(|choice| choice.edit(&self.body))
            .collect();
        if edits.is_empty() {
            self.body.clone()
        } else {
            Bytes::from(splice(&self.body, edits))
        }
    }
}
