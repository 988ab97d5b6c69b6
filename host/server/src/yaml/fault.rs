//! The faults of a file: all of them at once, each with its place.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_saphyr::Location;

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The line, counted from 1. 0 if the fault has no place.
    pub line: u64,
    /// The column, counted from 1.
    pub column: u64,
}

/// One thing that is wrong, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place of the fault.
    pub at: Mark,
    /// The field, such as `policies[1].on_failure`. Empty if the fault is of the whole file.
    pub field: String,
    /// What is wrong and, if that is known, what would be right.
    pub problem: String,
}

/// Everything that is wrong with one file.
///
/// Prints one line per fault: `policies.yaml:12:5: policies[1].mode: ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    /// The file, as the operator named it.
    pub file: PathBuf,
    /// The faults, at least one, in the order of the file.
    pub faults: Vec<Fault>,
}

impl From<Location> for Mark {
    fn from(location: Location) -> Self {
        Self {
            line: location.line(),
            column: location.column(),
        }
    }
}

impl Fault {
    /// A fault at a place.
    pub fn new(at: Mark, field: impl Into<String>, problem: impl Into<String>) -> Self {
        // One fault is one line, whatever the text that is quoted in it.
        let problem = problem.into().replace(['\n', '\r'], " ");
        Self {
            at,
            field: field.into(),
            problem,
        }
    }
}

impl Faults {
    /// Takes all faults of a file and sorts them in the order of the file.
    pub fn new(file: &Path, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| fault.at);
        Self {
            file: file.to_owned(),
            faults,
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{}:", self.file.display())?;
            if fault.at.line > 0 {
                write!(out, "{}:{}:", fault.at.line, fault.at.column)?;
            }
            if !fault.field.is_empty() {
                write!(out, " {}:", fault.field)?;
            }
            write!(out, " {}", fault.problem)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The known word that an unknown one was probably meant to be.
///
/// Case and the choice between `-` and `_` do not count as a difference.
pub(crate) fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let folded = |word: &str| word.to_lowercase().replace('-', "_");
    let unknown = folded(unknown);
    known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&unknown, &folded(word)), *word))
        .filter(|(distance, word)| *distance <= word.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// The text of a fault about an unknown word.
pub(crate) fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(right) => format!("unknown {what} `{word}`; did you mean `{right}`?"),
        None => format!("unknown {what} `{word}`; known are {}", list(known)),
    }
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "none".to_owned(),
    }
}
