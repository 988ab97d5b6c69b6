//! The walk from text to text, which can be left off at any of them.

use super::{Coding, Object, TextPlace, Within};
use crate::json::{Fault, Scanner, Span, Walk};

/// How many objects and lists within one another are told apart. No API nests content as deep; what
/// lies deeper is all taken for text, so that nothing hides there.
const LEVELS: usize = 20;

/// A text, where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) place: TextPlace,
    pub(crate) coding: Coding,
    /// The JSON value that says it.
    pub(crate) span: Span,
    /// How many objects and lists it stands in, counted from the value that the walk began at.
    pub(crate) depth: usize,
    /// What spells it out once more, token by token.
    pub(crate) logprobs: Option<Span>,
}

/// What is left of a walk through a valid body. Takes memory for the levels that it is in alone.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// The values that are not walked through yet, the next one last.
    roots: Vec<(Span, Within)>,
    levels: Vec<Level>,
    at: usize,
}

/// An object or list that the walk is in.
#[derive(Debug)]
struct Level {
    walk: Walk,
    inside: Inside,
}

#[derive(Clone, Copy, Debug)]
enum Inside {
    /// Each value is this.
    Each(Within),
    /// What a value is depends on its key.
    Object(Object),
}

impl Texts {
    /// A walk through these values, in order.
    pub(crate) fn of(roots: impl IntoIterator<Item = (Span, Within)>) -> Self {
        let mut roots: Vec<(Span, Within)> = roots.into_iter().collect();
        roots.reverse();
        Self {
            roots,
            ..Self::default()
        }
    }

    /// The next text of `body`, which is the same for all of a walk.
    pub(crate) fn next(&mut self, body: &[u8]) -> Option<Found> {
        // The body was read before, so there is no fault. If there were one, the walk would be over.
        self.step(body).unwrap_or_default()
    }

    fn step(&mut self, body: &[u8]) -> Result<Option<Found>, Fault> {
        loop {
            let Some(level) = self.levels.last_mut() else {
                let Some((root, within)) = self.roots.pop() else {
                    return Ok(None);
                };
                let mut scanner = Scanner::resume(body, root.start);
                let found = self.value(&mut scanner, within, None)?;
                self.at = scanner.at();
                match found {
                    None => continue,
                    found => return Ok(found),
                }
            };
            let mut scanner = Scanner::resume(body, self.at);
            if !scanner.step(&mut level.walk)? {
                self.at = scanner.at();
                self.levels.pop();
                continue;
            }
            let is_object = level.walk.is_object();
            let inside = level.inside;
            let found = match inside {
                Inside::Object(object) => {
                    let key = scanner.key()?;
                    let within = object.value(&key.name(body));
                    self.value(&mut scanner, within, object.logprobs)?
                }
                Inside::Each(within) => {
                    if is_object {
                        scanner.key()?;
                    }
                    self.value(&mut scanner, within, None)?
                }
            };
            self.at = scanner.at();
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Steps over a text or a value without texts, and into one that may hold some.
    fn value(
        &mut self,
        scanner: &mut Scanner<'_>,
        within: Within,
        logprobs: Option<Span>,
    ) -> Result<Option<Found>, Fault> {
        let (place, coding) = match (within, scanner.peek()) {
            (Within::Said(place), Some(b'"')) => (place, Coding::Plain),
            (Within::Coded(place, coding), Some(b'"')) => (place, coding),
            (Within::Call, Some(b'"' | b'{' | b'[')) => (TextPlace::ToolCall, Coding::Call),
            (_, Some(open @ (b'{' | b'['))) => {
                match self.inside(scanner, within, open) {
                    Some(inside) => {
                        let walk = scanner.open(open)?;
                        self.levels.push(Level { walk, inside });
                    }
                    None => {
                        scanner.value()?;
                    }
                }
                return Ok(None);
            }
            _ => {
                scanner.value()?;
                return Ok(None);
            }
        };
        Ok(Some(Found {
            place,
            coding,
            span: scanner.value()?,
            depth: self.levels.len(),
            logprobs,
        }))
    }

    /// What the values of the object or list are that comes next. `None` if none is to be read.
    fn inside(&self, scanner: &Scanner<'_>, within: Within, open: u8) -> Option<Inside> {
        let is_deep = self.levels.len() >= LEVELS;
        match within {
            Within::Said(place) | Within::Holds(place) if is_deep => {
                Some(Inside::Each(Within::Said(place)))
            }
            Within::Said(place) | Within::Holds(place) if open == b'{' => {
                Object::at(scanner.text(), scanner.at(), place).map(Inside::Object)
            }
            Within::Said(_) | Within::Holds(_) => Some(Inside::Each(within)),
            Within::Message(place) if open == b'{' => Some(Inside::Object(Object::plain(place))),
            Within::Each(place) if open == b'{' => Some(Inside::Each(Within::Said(place))),
            _ => None,
        }
    }
}
