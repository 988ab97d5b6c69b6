//! YAML as a tree in which every key and value has its place in the file.
//!
//! The tree knows nothing of policies. It exists because a typed parser stops at the first fault and
//! an operator wants to see them all. Size, depth and what aliases expand to are bounded.

use std::fmt;
use std::thread;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::{DuplicateKeyPolicy, Options, Spanned};

use super::fault::{Fault, Mark};

const MAX_NODES: usize = 20_000;
const MAX_ALIASES: usize = 1_000;
const MAX_DEPTH: usize = 64;
/// The stack of the parser. It recurses, and in a debug build it takes some 50 KiB for each level.
const STACK: usize = 16 << 20;

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Mark,
    pub(crate) value: Value,
}

/// The kinds of value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// In the order of the file. A key may stand twice: [`Node::repeated_keys`] finds those.
    Map(Vec<(Key, Node)>),
}

/// The key of an entry with its place.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) at: Mark,
    pub(crate) name: String,
}

impl Node {
    /// Reads a YAML text. If it is not YAML, the error is that of the parser.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let parse = || serde_saphyr::from_str_with_options(text, options()).map_err(not_yaml);
        thread::scope(|scope| {
            let thread = thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, parse);
            let thread =
                thread.map_err(|error| whole_file(format!("no thread to read it: {error}")))?;
            thread
                .join()
                .unwrap_or_else(|_| Err(whole_file("the YAML parser panicked over it")))
        })
    }

    /// A person's word for this kind of value.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The same value as JSON. If a key is repeated, the last one counts.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(value) => Json::Number(value.clone()),
            Value::Text(value) => Json::String(value.clone()),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.name.clone(), node.to_json()))
                .collect(),
        }
    }

    /// Notes a fault for each key that is repeated in one mapping, at any depth.
    pub(crate) fn repeated_keys(&self, path: &str, faults: &mut Vec<Fault>) {
        match &self.value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.repeated_keys(&format!("{path}[{index}]"), faults);
                }
            }
            Value::Map(entries) => {
                for (index, (key, node)) in entries.iter().enumerate() {
                    let field = join(path, &key.name);
                    if let Some((first, _)) =
                        entries[..index].iter().find(|(k, _)| k.name == key.name)
                    {
                        let problem =
                            format!("stands twice; the first is in line {}", first.at.line);
                        faults.push(Fault::new(key.at, &field, problem));
                    }
                    node.repeated_keys(&field, faults);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
        }
    }
}

/// The path of a field inside another.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn whole_file(problem: impl Into<String>) -> Fault {
    Fault::new(Mark::default(), "", problem)
}

fn not_yaml(error: serde_saphyr::Error) -> Fault {
    let text = error.without_snippet().to_string();
    let Some(place) = error.location() else {
        return whole_file(text);
    };
    // The place stands in front of every fault.
    let suffix = format!(" at line {}, column {}", place.line(), place.column());
    let text = text.strip_suffix(&suffix).unwrap_or(&text);
    // What follows is advice to those who call the parser.
    let text = text.split("; use from_").next().unwrap_or(text);
    Fault::new(
        place.into(),
        "",
        text.replace("budget breached:", "over the bounds of a file:"),
    )
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 4 * MAX_NODES,
            max_nodes: MAX_NODES,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
            max_merge_keys: MAX_ALIASES,
            max_depth: MAX_DEPTH,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_NODES,
        },
        // Ours names both lines and goes on to the next fault.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        // As in YAML 1.2: `mode: off` is a word, not `false`.
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self {
            at: spanned.referenced.into(),
            value: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self {
            at: spanned.referenced.into(),
            name: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom(format!("{value} is not a number that JSON has")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
            if map.len() > MAX_NODES {
                return Err(A::Error::custom("too many entries in one mapping"));
            }
        }
        Ok(Value::Map(map))
    }
}
