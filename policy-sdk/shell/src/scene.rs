//! What is known at one point of a command.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::marks;
use crate::path::{Base, Path};
use crate::windows;

/// The most possible values of a variable.
const MOST_VALUES: usize = 16;
/// The longest value of a variable that is kept.
const LONGEST_VALUE: usize = 8 * 1024;
/// The most elements of an array.
const LONGEST_ARRAY: usize = 256;
/// The most text that is kept of a file that is written part by part.
const LONGEST_FILE: usize = 1024 * 1024;
/// The most output of a command that is kept.
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

    /// Returns the value, or something unknown if it is too long to be kept.
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

/// What is known at one point: the folder, variables, the files that the command wrote.
///
/// All of this comes from the command's own text. The follower never looks at the machine.
#[derive(Clone, Debug)]
pub struct Scene {
    folder: Path,
    /// The folders that `pushd` left.
    folders: Vec<Path>,
    variables: Rc<BTreeMap<String, Value>>,
    /// The texts of files that the command wrote, by path.
    files: Rc<BTreeMap<String, Rc<str>>>,
    /// How many conditions enclose this point. A variable that is assigned under one may keep its
    /// old value.
    conditions: usize,
    /// Which of the possible values each variable has, if one was chosen.
    choice: Option<usize>,
    system: System,
}

/// The kind of shell that runs here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// A shell like `sh`.
    Unix,
    /// PowerShell or `cmd`: `\` separates names as `/` does, and case does not matter.
    Windows,
}

impl Scene {
    /// The current folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The kind of shell that runs here.
    #[must_use]
    pub fn system(&self) -> System {
        self.system
    }

    /// The path that a word names at this point.
    #[must_use]
    pub fn path(&self, text: &str) -> Path {
        match self.system {
            System::Unix => self.folder.join(text),
            System::Windows => self.folder.join(&windows::slashed(text)),
        }
    }

    /// The text of a file that the command wrote or downloaded before. `None` for any other file.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&str> {
        if self.files.is_empty() {
            return None;
        }
        self.files.get(&self.path(name).text()).map(AsRef::as_ref)
    }

    /// The values that a variable may have here. Empty if the command did not set it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Vec<String> {
        match self.assigned(name) {
            Some(Value::OneOf(values) | Value::Array(values)) => values,
            None => Vec::new(),
        }
    }

    /// Whether this runs only under a condition: in a branch, in a loop, behind `&&` or `||`.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.conditions > 0
    }
}

impl Scene {
    /// The start of a command in this folder.
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

    /// Changes the kind of shell, and returns the old one.
    pub(crate) fn set_system(&mut self, system: System) -> System {
        std::mem::replace(&mut self.system, system)
    }

    /// The value that the command itself gave a variable.
    pub(crate) fn assigned(&self, name: &str) -> Option<Value> {
        let value = self.variables.get(name)?;
        Some(match (value, self.choice) {
            (Value::OneOf(values), Some(choice)) if !values.is_empty() => {
                Value::of(values[choice % values.len()].clone())
            }
            _ => value.clone(),
        })
    }

    /// The value of a variable. A few are known that the command did not set.
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

    /// The most values that a variable in this text may have.
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

    /// Chooses one of its possible values for each variable. `None` means all values at once.
    pub(crate) fn choose(&mut self, choice: Option<usize>) {
        self.choice = choice;
    }

    /// Sets a variable, whatever its value was.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        Rc::make_mut(&mut self.variables).insert(name.to_owned(), value);
    }

    /// Sets a variable. Under a condition it may also keep its old value.
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

    /// All variables. [`set_variables`](Self::set_variables) restores them.
    pub(crate) fn variables(&self) -> Rc<BTreeMap<String, Value>> {
        Rc::clone(&self.variables)
    }

    /// Restores variables.
    pub(crate) fn set_variables(&mut self, variables: Rc<BTreeMap<String, Value>>) {
        self.variables = variables;
    }

    /// Enters a condition.
    pub(crate) fn under_condition(&mut self) {
        self.conditions += 1;
    }

    /// Leaves a condition.
    pub(crate) fn behind_condition(&mut self) {
        self.conditions -= 1;
    }
}

/// Methods for folders and files.
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

    /// Sets the current folder.
    pub(crate) fn set_folder(&mut self, folder: Path) {
        self.folder = folder;
    }

    /// Moves to another machine, whose folders and files are unknown.
    pub(crate) fn go_elsewhere(&mut self) {
        self.folder = Path::new(Base::Unknown);
        self.files = Rc::default();
    }

    /// Takes over the files of another scene that began as a copy of this one.
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

    /// Remembers the output of a substitution, and returns the name of the file that stands for it.
    pub(crate) fn store_output(&mut self, output: String) -> String {
        let name = format!("/dev/fd/{}", 63 + self.files.len());
        Rc::make_mut(&mut self.files).insert(name.clone(), output.into());
        name
    }
}

/// Appends what a command printed to the earlier output.
pub(crate) fn append(output: &mut String, printed: &str) {
    if output.len() < LONGEST_OUTPUT {
        if !output.is_empty() && !output.ends_with('\n') && !printed.is_empty() {
            output.push('\n');
        }
        output.push_str(printed);
    }
}
