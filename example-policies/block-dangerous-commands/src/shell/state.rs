//! What is known of the shell while a command is followed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rable::Node;

use crate::config::Rules;
use crate::finding::{Halt, Outcome};
use crate::marks;
use crate::path::{Base, Path};

/// Steps that following one command may take. One is worth about a thousand units of the host's fuel,
/// and all of them less than what a hook has by default.
const MOST_STEPS: usize = 8_000;
/// Shells, functions and scripts that may run in each other.
const DEEPEST: usize = 12;
/// A variable has at most this many possible values.
const MOST_VALUES: usize = 16;

/// A variable's value is kept up to this length.
const LONGEST_VALUE: usize = 8 * 1024;
/// An array has at most this many elements.
const LONGEST_ARRAY: usize = 256;

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// One of these.
    OneOf(Vec<String>),
    /// All of these, in order.
    Array(Vec<String>),
}

/// What a function or an alias stands for.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// A function's commands.
    Commands(Rc<Node>),
    /// An alias's text.
    Text(String),
}

/// A shell at one point of a command.
#[derive(Clone)]
pub(crate) struct Shell<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) folder: Path,
    pub(crate) folders: Vec<Path>,
    pub(crate) variables: Rc<BTreeMap<String, Value>>,
    pub(crate) functions: Rc<BTreeMap<String, Body>>,
    /// The text of files that the command writes, by their path.
    pub(crate) files: Rc<BTreeMap<String, String>>,
    /// How many conditions lead here: what is assigned under one may also not be.
    pub(crate) conditions: usize,
    /// Which of its possible values each variable has, where one is picked.
    pub(crate) choice: Option<usize>,
    depth: usize,
    steps: Rc<Cell<usize>>,
}

impl Value {
    pub(crate) fn of(text: String) -> Self {
        Self::OneOf(vec![text])
    }

    /// The same, where what is too long to be kept is not known any more.
    fn bounded(mut self) -> Self {
        let (Self::OneOf(values) | Self::Array(values)) = &mut self;
        values.truncate(LONGEST_ARRAY);
        for value in values
            .iter_mut()
            .filter(|value| value.len() > LONGEST_VALUE)
        {
            *value = marks::unknown();
        }
        self
    }

    /// Its text, or the first of several.
    pub(crate) fn first(&self) -> String {
        let (Self::OneOf(values) | Self::Array(values)) = self;
        values.first().cloned().unwrap_or_default()
    }
}

impl<'a> Shell<'a> {
    /// A shell that has run nothing yet, in this folder.
    pub(crate) fn new(rules: &'a Rules, folder: Option<&str>) -> Self {
        Self {
            rules,
            folder: folder.map_or_else(Path::start, |folder| Path::start().join(folder)),
            folders: Vec::new(),
            variables: Rc::default(),
            functions: Rc::default(),
            files: Rc::default(),
            conditions: 0,
            choice: None,
            depth: 0,
            steps: Rc::new(Cell::new(MOST_STEPS)),
        }
    }

    /// Does something in a shell that begins as this one is, of which only the files outlive it.
    pub(crate) fn apart<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let mut shell = self.clone();
        let outcome = what(&mut shell);
        self.files = shell.files;
        outcome
    }

    /// Takes steps, which all shells of a command share.
    pub(crate) fn spend(&self, steps: usize) -> Outcome<()> {
        let left = self.steps.get().checked_sub(steps).ok_or(Halt::Spent)?;
        self.steps.set(left);
        Ok(())
    }

    /// Does something one level deeper.
    pub(crate) fn deeper<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth == DEEPEST {
            return Err(Halt::Spent);
        }
        self.depth += 1;
        let outcome = what(self);
        self.depth -= 1;
        outcome
    }

    /// Does something that may also not happen.
    pub(crate) fn perhaps<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.conditions += 1;
        let outcome = what(self);
        self.conditions -= 1;
        outcome
    }

    /// The value a variable was given by the command itself.
    pub(crate) fn assigned(&self, name: &str) -> Option<Value> {
        let value = self.variables.get(name)?;
        Some(match (value, self.choice) {
            (Value::OneOf(values), Some(choice)) if !values.is_empty() => {
                Value::of(values[choice % values.len()].clone())
            }
            _ => value.clone(),
        })
    }

    /// How many values the variables that this text names may have, at most.
    pub(crate) fn choices(&self, text: &str) -> usize {
        let several = self
            .variables
            .iter()
            .filter_map(|(name, value)| match value {
                Value::OneOf(values) if values.len() > 1 && text.contains(name.as_str()) => {
                    Some(values.len())
                }
                _ => None,
            });
        several.max().unwrap_or(1)
    }

    /// The value of a variable; of those that the command did not set, a few are known all the same.
    pub(crate) fn variable(&self, name: &str) -> Value {
        if let Some(value) = self.assigned(name) {
            return value;
        }
        Value::of(match name {
            "HOME" => "~".to_owned(),
            "PWD" => self.folder.text(),
            "OLDPWD" => marks::unknown(),
            "TMPDIR" | "TMP" | "TEMP" => "/tmp".to_owned(),
            "RUNNER_TEMP" | "XDG_RUNTIME_DIR" => format!("/tmp/{}", marks::UNKNOWN),
            "XDG_CACHE_HOME" => "~/.cache".to_owned(),
            "IFS" => " ".to_owned(),
            "SHELL" | "BASH" | "0" => "bash".to_owned(),
            _ => marks::unknown(),
        })
    }

    /// Sets a variable, whatever it was.
    pub(crate) fn set_variable(&mut self, name: &str, value: Value) {
        Rc::make_mut(&mut self.variables).insert(name.to_owned(), value);
    }

    /// Defines a function or an alias.
    pub(crate) fn define(&mut self, name: &str, body: Body) {
        Rc::make_mut(&mut self.functions).insert(name.to_owned(), body);
    }

    /// Forgets a function or an alias.
    pub(crate) fn undefine(&mut self, name: &str) {
        Rc::make_mut(&mut self.functions).remove(name);
    }

    /// Sets a variable. Under a condition it may also keep the value that it has.
    pub(crate) fn assign(&mut self, name: &str, value: Value) {
        let value = value.bounded();
        let value = match (self.variables.get(name), value) {
            (Some(Value::OneOf(before)), Value::OneOf(now)) if self.conditions > 0 => {
                let mut either = now;
                either.extend(before.iter().filter(|text| !text.is_empty()).cloned());
                either.dedup();
                either.truncate(MOST_VALUES);
                Value::OneOf(either)
            }
            (_, value) => value,
        };
        self.set_variable(name, value);
    }

    /// The path that a word names here.
    pub(crate) fn path(&self, text: &str) -> Path {
        self.folder.join(text)
    }

    /// The text of a file, where the command wrote it.
    pub(crate) fn file(&self, name: &str) -> Option<&String> {
        self.files.get(&self.path(name).text())
    }

    /// Changes the current folder.
    pub(crate) fn enter(&mut self, target: Option<&str>) {
        self.folder = match target {
            None => Path::new(Base::Home),
            Some("-") => match self.variables.get("OLDPWD") {
                Some(value) => Path::start().join(&value.first()),
                None => Path::new(Base::Unknown),
            },
            Some(target) => {
                let before = Value::of(self.folder.text());
                self.set_variable("OLDPWD", before);
                self.path(target)
            }
        };
    }
}
