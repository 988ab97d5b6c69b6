//! Reads the settings file: YAML whose keys are the settings.

use std::collections::BTreeMap;
use std::fs::File as Opened;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::table::{self, Setting};
use crate::yaml::{Fault, Faults, Mark, Node, Value, join, unknown};

/// The largest settings file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What a settings file sets.
#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) given: BTreeMap<String, Given>,
}

/// What it says of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) at: Mark,
    /// The values, as one would write them behind the flag.
    pub(super) values: Vec<String>,
}

impl File {
    /// Reads a file. An error lists every fault in it.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let named = || format!("read the settings file {}", path.display());
        let file = Opened::open(path).with_context(named)?;
        let mut text = String::new();
        let mut file = file.take(MAX_BYTES + 1);
        let read = file.read_to_string(&mut text).with_context(named)?;
        if read as u64 > MAX_BYTES {
            bail!("{}: it is larger than {MAX_BYTES} bytes", path.display());
        }
        Ok(Self::parse(&text, path)?)
    }

    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, Faults> {
        let mut reading = Reading {
            settings: table::all(),
            folder: path.parent().unwrap_or(Path::new("")),
            given: BTreeMap::new(),
            faults: Vec::new(),
        };
        match Node::parse(text) {
            Ok(root) => reading.file(&root),
            Err(fault) => reading.faults.push(fault),
        }
        match reading.faults.is_empty() {
            true => Ok(Self {
                path: path.to_owned(),
                given: reading.given,
            }),
            false => Err(Faults::new(path, reading.faults)),
        }
    }
}

/// A file that is being read.
struct Reading<'a> {
    settings: Vec<Setting>,
    folder: &'a Path,
    given: BTreeMap<String, Given>,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn file(&mut self, root: &Node) {
        root.repeated_keys("", &mut self.faults);
        self.section(root, "");
    }

    fn section(&mut self, node: &Node, path: &str) {
        let entries = match &node.value {
            Value::Map(entries) => entries,
            // A section with nothing but comments sets nothing.
            Value::Null => return,
            _ => return self.wrong_kind(node, path, "a mapping"),
        };
        for (key, node) in entries {
            let field = join(path, &key.name);
            if let Some(at) = self.position(&field) {
                self.setting(at, node);
            } else if self.names_below(&field).next().is_some() {
                self.section(node, &field);
            } else {
                let known: Vec<_> = self.names_below(path).collect();
                let problem = unknown("setting", &key.name, &known);
                self.faults.push(Fault::new(key.at, path, problem));
            }
        }
    }

    fn position(&self, field: &str) -> Option<usize> {
        let is_it = |setting: &Setting| setting.key == field && setting.is_in_files();
        self.settings.iter().position(is_it)
    }

    /// The names of the settings and sections of a section.
    fn names_below(&self, section: &str) -> impl Iterator<Item = &str> {
        let prefix = match section {
            "" => String::new(),
            section => format!("{section}."),
        };
        let in_files = self.settings.iter().filter(|setting| setting.is_in_files());
        let below = in_files.filter_map(move |setting| setting.key.strip_prefix(&*prefix));
        below.map(|rest| rest.split('.').next().unwrap_or(rest))
    }

    fn setting(&mut self, at: usize, node: &Node) {
        let setting = &self.settings[at];
        let values = match (&node.value, scalar(node)) {
            (Value::Null, _) => return,
            (_, Some(value)) => vec![value],
            (Value::List(items), None) if setting.is_list() => {
                match items.iter().map(scalar).collect() {
                    Some(values) => values,
                    None => {
                        return self.wrong_kind(node, &setting.key.clone(), "a list of strings");
                    }
                }
            }
            _ => {
                let expected = if setting.is_list() {
                    "a list"
                } else {
                    "one value"
                };
                return self.wrong_kind(node, &setting.key.clone(), expected);
            }
        };
        let problem = values.iter().find_map(|value| problem(setting, value));
        let key = setting.key.clone();
        if let Some(problem) = problem {
            self.faults.push(Fault::new(node.at, key, problem));
            return;
        }
        let values = match setting.is_path() {
            true => values.into_iter().map(|value| self.beside(value)).collect(),
            false => values,
        };
        self.given.insert(
            key,
            Given {
                at: node.at,
                values,
            },
        );
    }

    /// Makes a path start at the folder of the file. An empty one means none, and a URL stays as it is.
    fn beside(&self, path: String) -> String {
        if path.is_empty() || path.contains("://") {
            return path;
        }
        let (scheme, path) = match path.strip_prefix("sqlite:") {
            Some(path) => ("sqlite:", path),
            None => ("", &*path),
        };
        format!("{scheme}{}", self.folder.join(path).to_string_lossy())
    }

    fn wrong_kind(&mut self, node: &Node, path: &str, expected: &str) {
        let problem = format!("expected {expected}, found {}", node.kind());
        self.faults.push(Fault::new(node.at, path, problem));
    }
}

fn problem(setting: &Setting, value: &str) -> Option<String> {
    match setting.is_switch() {
        true if matches!(value, "true" | "false") => None,
        true => Some(format!("expected `true` or `false`, found `{value}`")),
        false => setting.check(value).err(),
    }
}

/// The text of a value that is neither a list nor a mapping.
fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::Text(value) => Some(value.clone()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}
