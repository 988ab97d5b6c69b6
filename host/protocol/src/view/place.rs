//! JSON Pointers into a request's body.

use super::{Dialect, Settled};
use crate::{
    EditError,
    json::{self, Edit, Span, Steps, insertion, quote},
};

impl<D: Dialect> Settled<D> {
    /// Where `pointer` leads.
    pub(super) fn locate(&self, pointer: &str) -> Option<Span> {
        let Steps(steps) = Steps::parse(pointer)?;
        self.walk(&steps)
    }

    /// The edit that sets what is at `pointer`.
    pub(super) fn setting(&self, pointer: &str, value: &str) -> Result<Edit, EditError> {
        let not_found = || EditError::NotFound(pointer.to_owned());
        let Steps(steps) = Steps::parse(pointer).ok_or_else(not_found)?;
        if let Some(span) = self.walk(&steps) {
            let with = value.to_owned();
            return Ok(Edit { span, with });
        }
        let (last, parents) = steps.split_last().ok_or_else(not_found)?;
        let parent = self.walk(parents).ok_or_else(not_found)?;
        match parent.bytes(self.text()) {
            [b'{', ..] => {
                let entry = format!("{}:{value}", quote(last));
                Ok(insertion(self.text(), parent, &entry))
            }
            [b'[', ..] if last == "-" => Ok(insertion(self.text(), parent, value)),
            _ => Err(not_found()),
        }
    }

    /// Follows steps, the first ones by the index and so without a look at the rest of the body.
    fn walk(&self, steps: &[String]) -> Option<Span> {
        let Some((first, rest)) = steps.split_first() else {
            return Some(self.index().whole);
        };
        let from = self.field(first)?.value;
        let (from, rest) = match rest.split_first() {
            Some((at, behind)) if first == D::MESSAGES => match self.element(from, at) {
                Some(message) => (message, behind),
                None => (from, rest),
            },
            _ => (from, rest),
        };
        rest.iter()
            .try_fold(from, |from, step| json::step(self.text(), from, step))
    }

    /// The message that is the element `at` of the list at `list`.
    fn element(&self, list: Span, at: &str) -> Option<Span> {
        let message = *self.index().messages.get(json::array_index(at)?)?;
        // What is no list of messages may be one message as a whole.
        Some(D::whole(message)).filter(|message| *message != list)
    }
}
