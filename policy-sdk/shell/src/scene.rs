//! What is known at one point of a command.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::marks;
use crate::path::{Base, Path};
use crate::windows;

/// A variable has at most this many possible values.
const MOST_VALUES: usize = 16;
/// A variable's value is kept up to this length.
const LONGEST_VALUE: usize = 8 * 1024;
/// An array has at most this many elements.
const LONGEST_ARRAY: usize = 256;
/// A file that is written part by part is kept up to here.
const LONGEST_FILE: usize = 1024 * 1024;
/// What a command prints is kept up to here.
const LONGEST_OUTPUT: usize = 16 * 1024;

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// One of these.
    OneOf(Vec<String>),
    /// All of these, in order.
    Array(Vec<String>),
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

/// What is known where something happens: the folder, variables, the files that the command wrote.
///
/// It is what the command's own text tells. Nothing of the machine is looked at.
#[derive(Clone, Debug)]
pub struct Scene {
    folder: Path,
    /// Those that `pushd` left.
    folders: Vec<Path>,
    variables: Rc<BTreeMap<String, Value>>,
    /// The text of files that the command writes, by their path.
    files: Rc<BTreeMap<String, Rc<str>>>,
    /// How many conditions lead here: what is assigned under one may also not be.
    conditions: usize,
    /// Which of its possible values each variable has, where one is picked.
    choice: Option<usize>,
    system: System,
}

/// The system whose shell runs here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// A shell like `sh`.
    Unix,
    /// PowerShell or `cmd`: `\` parts names as `/` does, and names have no case.
    Windows,
}

impl Scene {
    /// The current folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The system whose shell runs here.
    #[must_use]
    pub fn system(&self) -> System {
        self.system
    }

    /// The path that a word names here.
    #[must_use]
    pub fn path(&self, text: &str) -> Path {
        match self.system {
            System::Unix => self.folder.join(text),
            System::Windows => self.folder.join(&windows::slashed(text)),
        }
    }

    /// The text of a file that the command itself wrote or downloaded before. `None` for any other.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&str> {
        if self.files.is_empty() {
            return None;
        }
        self.files.get(&self.path(name).text()).map(AsRef::as_ref)
    }

    /// The values that a variable may have here; empty if the command did not set it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Vec<String> {
        match self.assigned(name) {
            Some(Value::OneOf(values) | Value::Array(values)) => values,
            None => Vec::new(),
        }
    }

    /// Whether this happens under a condition: in a branch, in a loop, behind `&&` or `||`.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.conditions > 0
    }
}

impl Scene {
    /// Nothing has run yet, in this folder.
    pub(crate) fn new(folder: Option<&str>) -> Self {
        Self {
            folder: folder.map_or_else(Path::start, |folder| Path::start().join(folder)),
            folders: Vec::new(),
            variables: Rc::default(),
            files: Rc::default(),
            conditions: 0,
            choice: None,
            system: System::Unix,
        }
    }

    /// Changes the system whose shell runs here, and gives the one before.
    pub(crate) fn set_system(&mut self, system: System) -> System {
        std::mem::replace(&mut self.system, system)
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

    /// The value of a variable; of those that the command did not set, a few are known all the same.
    pub(crate) fn value(&self, name: &str) -> Value {
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

    /// Picks one of its possible values for each variable; None for all at once.
    pub(crate) fn choose(&mut self, choice: Option<usize>) {
        self.choice = choice;
    }

    /// Sets a variable, whatever it was.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        Rc::make_mut(&mut self.variables).insert(name.to_owned(), value);
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
        self.set(name, value);
    }

    /// Sets `$1`, `$2`, …, `$@`.
    pub(crate) fn set_arguments(&mut self, arguments: &[String]) {
        for (at, argument) in arguments.iter().enumerate() {
            let name = (at + 1).to_string();
            self.set(&name, Value::of(argument.clone()));
        }
        for at in arguments.len()..9 {
            let name = (at + 1).to_string();
            self.set(&name, Value::of(String::new()));
        }
        for name in ["@", "*"] {
            self.set(name, Value::Array(arguments.to_vec()));
        }
    }

    /// All variables, to be put back by [`set_variables`](Self::set_variables).
    pub(crate) fn variables(&self) -> Rc<BTreeMap<String, Value>> {
        Rc::clone(&self.variables)
    }

    /// Puts variables back.
    pub(crate) fn set_variables(&mut self, variables: Rc<BTreeMap<String, Value>>) {
        self.variables = variables;
    }

    /// One condition more leads here.
    pub(crate) fn under_condition(&mut self) {
        self.conditions += 1;
    }

    /// One condition less leads here.
    pub(crate) fn behind_condition(&mut self) {
        self.conditions -= 1;
    }
}

/// Folders and files.
impl Scene {
    /// Changes the current folder, as `cd` does.
    pub(crate) fn enter(&mut self, target: Option<&str>) {
        self.folder = match target {
            None => Path::new(Base::Home),
            Some("-") => match self.variables.get("OLDPWD") {
                Some(value) => Path::start().join(&value.first()),
                None => Path::new(Base::Unknown),
            },
            Some(target) => {
                let before = Value::of(self.folder.text());
                self.set("OLDPWD", before);
                self.path(target)
            }
        };
    }

    /// Changes the current folder, where one is given.
    pub(crate) fn enter_if(&mut self, target: Option<&str>) {
        if target.is_some() {
            self.enter(target);
        }
    }

    /// Remembers the current folder for [`leave`](Self::leave).
    pub(crate) fn push_folder(&mut self) {
        self.folders.push(self.folder.clone());
    }

    /// Goes back to the folder that was remembered last.
    pub(crate) fn leave(&mut self) {
        if let Some(folder) = self.folders.pop() {
            self.folder = folder;
        }
    }

    /// Changes the current folder to this one.
    pub(crate) fn set_folder(&mut self, folder: Path) {
        self.folder = folder;
    }

    /// Goes to another machine: nothing is known of its folders and files.
    pub(crate) fn go_elsewhere(&mut self) {
        self.folder = Path::new(Base::Unknown);
        self.files = Rc::default();
    }

    /// Takes over the files that another scene, which began as this one, has by now.
    pub(crate) fn take_files(&mut self, other: Self) {
        self.files = other.files;
    }

    /// Remembers the text of a file.
    pub(crate) fn store(&mut self, path: &Path, text: Rc<str>, is_added: bool) {
        let files = Rc::make_mut(&mut self.files);
        let name = path.text();
        let before = files
            .get(&name)
            .filter(|before| is_added && !before.is_empty());
        let text = match before {
            Some(before) if before.len() + text.len() > LONGEST_FILE => marks::unknown().into(),
            Some(before) => {
                let joint = if before.ends_with('\n') || text.is_empty() {
                    ""
                } else {
                    "\n"
                };
                format!("{before}{joint}{text}").into()
            }
            None => text,
        };
        files.insert(name, text);
    }

    /// Remembers what a substitution printed, and gives the name of the file that stands for it.
    pub(crate) fn store_output(&mut self, output: String) -> String {
        let name = format!("/dev/fd/{}", 63 + self.files.len());
        Rc::make_mut(&mut self.files).insert(name.clone(), output.into());
        name
    }
}

/// Adds what a command printed to what those before it did.
pub(crate) fn append(output: &mut String, printed: &str) {
    if output.len() < LONGEST_OUTPUT {
        if !output.is_empty() && !output.ends_with('\n') && !printed.is_empty() {
            output.push('\n');
        }
        output.push_str(printed);
    }
}
