//! JSON Pointers into a request's body.

use super::Request;
use crate::{
    EditError,
    json::{self, Edit, Span, Steps, insertion, quote},
};

impl Request {
    /// Where `pointer` leads in a settled body.
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
        match parent.bytes(&self.body) {
            [b'{', ..] => {
                let entry = format!("{}:{value}", quote(last));
                Ok(insertion(&self.body, parent, &entry))
            }
            [b'[', ..] if last == "-" => Ok(insertion(&self.body, parent, value)),
            _ => Err(not_found()),
        }
    }

    /// Follows steps, the first ones by the index and so without a look at the rest of the body.
    fn walk(&self, steps: &[String]) -> Option<Span> {
        let (first, rest) = match steps.split_first() {
            Some((first, rest)) => (self.field(first)?.value, rest),
            None => return Some(self.index.whole),
        };
        let (from, rest) = match (steps[0].as_str(), rest.split_first()) {
            ("messages", Some((at, rest))) if is_index(at) => {
                let message = self.index.messages.get(at.parse::<usize>().ok()?)?;
                (message.whole, rest)
            }
            _ => (first, rest),
        };
        rest.iter()
            .try_fold(from, |from, step| json::step(&self.body, from, step))
    }
}

fn is_index(step: &str) -> bool {
    let digits = step.bytes().all(|byte| byte.is_ascii_digit());
    digits && (step.len() == 1 || !step.starts_with('0'))
}
