//! Puts values together to objects and lists, whatever brackets and commas are missing between them.

use serde_json::{Map, Value, map::Entry};

use super::reader::{DEEPEST, Doubts, Keys};

/// The objects and lists that are open at one point of a text, the outermost first.
pub(super) struct Tree {
    open: Vec<Open>,
    keys: Keys,
    /// What clients put together differently.
    doubts: Doubts,
}

/// An object or list that is not closed yet.
enum Open {
    /// Its entries, and the key whose value is awaited.
    Object(Map<String, Value>, Option<String>),
    List(Vec<Value>),
}

impl Tree {
    /// A tree in which nothing is open yet.
    pub(super) fn new(keys: Keys) -> Self {
        Self {
            open: Vec::new(),
            keys,
            doubts: Doubts::default(),
        }
    }

    /// What clients put together differently, so far.
    pub(super) fn doubts(&self) -> Doubts {
        self.doubts
    }

    /// Whether no more objects and lists may be opened inside this one.
    pub(super) fn is_deepest(&self) -> bool {
        self.open.len() >= DEEPEST
    }

    /// Whether a key comes next.
    pub(super) fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Object(_, None)))
    }

    /// Whether the value of a key comes next.
    pub(super) fn awaits_value(&self) -> bool {
        matches!(self.open.last(), Some(Open::Object(_, Some(_))))
    }

    pub(super) fn open_object(&mut self) {
        self.open.push(Open::Object(Map::new(), None));
    }

    pub(super) fn open_list(&mut self) {
        self.open.push(Open::List(Vec::new()));
    }

    /// Opens the object that a key in a list must belong to.
    pub(super) fn open_missing_object(&mut self) {
        let Some(Open::List(values)) = self.open.last_mut() else {
            return;
        };
        if let Some(Value::String(key)) = values.pop_if(|value| value.is_string()) {
            self.open.push(Open::Object(Map::new(), Some(key)));
        }
    }

    /// Adds a string, number or bare word, which is a key where one is awaited.
    pub(super) fn add(&mut self, value: Value) {
        match (self.open.last_mut(), value) {
            (Some(Open::Object(_, key @ None)), Value::String(text)) => *key = Some(text),
            (_, value) => self.put(value),
        }
    }

    /// Adds a value, with the awaited key or with none.
    pub(super) fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            Some(Open::List(values)) => values.push(value),
            Some(Open::Object(entries, key)) => match entries.entry(key.take().unwrap_or_default())
            {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(mut entry) => {
                    self.doubts.keys = true;
                    if self.keys == Keys::Last {
                        entry.insert(value);
                    }
                }
            },
            None => {}
        }
    }

    /// Ends an entry. A key without a value gets `null`.
    pub(super) fn settle(&mut self) {
        if self.awaits_value() {
            // The key may be the rest of a string before it.
            self.doubts.strings = true;
            self.put(Value::Null);
        }
    }

    /// Closes the innermost object, or list, and everything that is open inside it. Returns the
    /// whole tree once nothing is open any more. A bracket that closes nothing is skipped.
    pub(super) fn close(&mut self, is_object: bool) -> Option<Value> {
        let is_meant = |open: &Open| matches!(open, Open::Object(..)) == is_object;
        let depth = self.open.iter().rposition(is_meant)?;
        let value = self.close_to(depth);
        if depth == 0 {
            return Some(value);
        }
        self.put(value);
        None
    }

    /// Closes everything that is open, and returns the whole tree.
    pub(super) fn close_all(&mut self) -> Value {
        self.close_to(0)
    }

    /// Closes everything that is open inside so many levels, and returns the outermost of it.
    fn close_to(&mut self, depth: usize) -> Value {
        loop {
            self.settle();
            let value = match self.open.pop() {
                Some(Open::Object(entries, _)) => Value::Object(entries),
                Some(Open::List(values)) => Value::Array(values),
                None => return Value::Null,
            };
            if self.open.len() == depth {
                return value;
            }
            self.put(value);
        }
    }
}
