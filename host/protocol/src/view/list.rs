//! Blocks that stand together in a body: the elements of a list, or one value that is no list.

use crate::json::{Edit, Span, elements, removals};

/// The JSON texts of some blocks, as they are going to be.
#[derive(Debug)]
pub(crate) struct List {
    /// The value that holds them; nothing where the field is not there.
    value: Option<Span>,
    /// The elements that the body has; none where the value is no list.
    elements: Vec<Span>,
    parts: Vec<Slot>,
    /// How many blocks the body has.
    original: usize,
    /// Whether the value is one block and no list of them.
    plain: bool,
}

#[derive(Clone, Debug)]
struct Slot {
    /// The element in whose place this stands.
    element: usize,
    /// Its JSON, where it is not as it was.
    written: Option<String>,
}

impl List {
    /// The blocks at `value`; none where that is `null` or not there.
    pub(crate) fn new(body: &[u8], value: Option<Span>) -> Self {
        let inside = value.map(|value| value.bytes(body)).unwrap_or_default();
        let plain = !matches!(inside, [] | [b'[', ..] | b"null");
        let from = value.map_or(0, |value| value.start);
        let spans = elements(inside).into_iter();
        let elements: Vec<Span> = spans.map(|span| span.shifted(from)).collect();
        let original = if plain { 1 } else { elements.len() };
        let part = |element| Slot {
            element,
            written: None,
        };
        Self {
            value,
            elements,
            parts: (0..original).map(part).collect(),
            original,
            plain,
        }
    }

    /// The value at `value`, whatever it is, as one block.
    pub(crate) fn one(value: Span) -> Self {
        Self {
            value: Some(value),
            elements: Vec::new(),
            parts: vec![Slot {
                element: 0,
                written: None,
            }],
            original: 1,
            plain: true,
        }
    }

    /// How many blocks there are now.
    pub(crate) fn count(&self) -> usize {
        self.parts.len()
    }

    /// Whether the value is one block and no list of them.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether the field is in the body.
    pub(crate) fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// Whether anything is not as in the body.
    pub(crate) fn is_changed(&self) -> bool {
        self.parts.len() != self.original || self.parts.iter().any(|part| part.written.is_some())
    }

    /// The JSON of a block; nothing where there is none.
    pub(crate) fn json<'a>(&'a self, body: &'a [u8], at: usize) -> Option<&'a str> {
        let part = self.parts.get(at)?;
        if let Some(written) = &part.written {
            return Some(written);
        }
        self.place(part).map(|span| span.text(body))
    }

    /// Where the block at `at` stands in the body; nothing where there is none.
    pub(crate) fn span(&self, at: usize) -> Option<Span> {
        self.place(self.parts.get(at)?)
    }

    fn place(&self, part: &Slot) -> Option<Span> {
        self.elements.get(part.element).copied().or(self.value)
    }

    /// Writes the block at `at` anew.
    pub(crate) fn set(&mut self, at: usize, json: String) {
        if let Some(part) = self.parts.get_mut(at) {
            part.written = Some(json);
        }
    }

    /// Puts elements in the place of the block at `at`. One value becomes a list of them.
    pub(crate) fn put(&mut self, at: usize, json: Vec<String>) {
        let Some(element) = self.parts.get(at).map(|part| part.element) else {
            return;
        };
        self.plain = false;
        let parts = json.into_iter().map(|json| Slot {
            element,
            written: Some(json),
        });
        self.parts.splice(at..=at, parts);
    }

    /// Takes the block at `at` out.
    pub(crate) fn remove(&mut self, at: usize) {
        self.put(at, Vec::new());
    }

    /// Puts elements before the one at `at`, or behind the last; there must be no single value.
    pub(crate) fn insert(&mut self, body: &[u8], at: usize, json: Vec<String>) {
        if json.is_empty() {
            return;
        }
        let at = at.min(self.parts.len());
        let beside = if at < self.parts.len() {
            at
        } else {
            at.saturating_sub(1)
        };
        let kept = self.json(body, beside).map(str::to_owned);
        let mut element = 0;
        if let Some(part) = self.parts.get_mut(beside) {
            // What shares an element's place is written there together.
            part.written = kept;
            element = part.element;
        }
        let parts = json.into_iter().map(|json| Slot {
            element,
            written: Some(json),
        });
        self.parts.splice(at..at, parts);
    }

    /// The value anew, where nothing of the one in the body is in it; else nothing.
    pub(crate) fn anew(&self) -> Option<String> {
        if !self.elements.is_empty() || !self.is_changed() {
            return None;
        }
        let json = self.parts.iter().filter_map(|part| part.written.as_deref());
        let json: Vec<&str> = json.collect();
        Some(match (self.plain, json.is_empty()) {
            (_, true) => "null".to_owned(),
            (true, _) => json.concat(),
            (false, _) => format!("[{}]", json.join(",")),
        })
    }

    /// The edits that make the value so, in a body where the field is. No blocks make it `null`.
    pub(crate) fn edits(&self) -> Vec<Edit> {
        let Some(span) = self.value else {
            return Vec::new();
        };
        if let Some(with) = self.anew() {
            return vec![Edit { span, with }];
        }
        if self.parts.is_empty() && self.is_changed() {
            let with = "null".to_owned();
            return vec![Edit { span, with }];
        }
        self.elements_edited()
    }

    fn elements_edited(&self) -> Vec<Edit> {
        let mut left = vec![false; self.elements.len()];
        let mut edits = Vec::new();
        let groups = self
            .parts
            .chunk_by(|one, other| one.element == other.element);
        for group in groups {
            let Some((Some(span), left)) = group.first().map(|part| {
                let span = self.elements.get(part.element);
                (span, left.get_mut(part.element))
            }) else {
                continue;
            };
            if let Some(left) = left {
                *left = true;
            }
            let json: Vec<&str> = group
                .iter()
                .filter_map(|part| part.written.as_deref())
                .collect();
            if !json.is_empty() {
                edits.push(Edit {
                    span: *span,
                    with: json.join(","),
                });
            }
        }
        edits.extend(removals(&self.elements, |at| left.get(at) != Some(&true)));
        edits
    }
}
