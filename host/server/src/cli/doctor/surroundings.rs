//! The variables, files and programs that decide where an agent sends its traffic.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{agents, proxies};
use crate::env;

/// The largest file of settings that is read. A larger one is cut here.
const MAX_FILE: u64 = 1 << 20;

/// All that the checks know about the machine and the user.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    /// The variables that are set to something.
    pub(super) variables: BTreeMap<String, String>,
    /// The texts of the files that exist, by the names that the checks use: `~/…` is below the home folder and `./…`
    /// below the current one.
    pub(super) files: BTreeMap<String, String>,
    /// The programs that are on the path.
    pub(super) programs: BTreeSet<String>,
}

/// Folders below the home folder, each with the variable that moves it.
const MOVED: [(&str, &str); 3] = [
    ("~/.codex/", "CODEX_HOME"),
    ("~/.claude/", "CLAUDE_CONFIG_DIR"),
    ("~/.config/", "XDG_CONFIG_HOME"),
];

impl Surroundings {
    /// Reads the variables, files and programs that the checks need, and nothing else.
    pub(super) fn read() -> Self {
        let moved = MOVED.iter().map(|(_, variable)| *variable);
        let names = agents::variables().chain(proxies::VARIABLES).chain(moved);
        let variables = names
            .filter_map(|name| Some((name.to_owned(), env::variable(name)?)))
            .collect();
        let mut read = Self {
            variables,
            ..Self::default()
        };
        read.files = agents::files()
            .filter_map(|name| Some((name.to_owned(), text(&read.path(name)?)?)))
            .collect();
        read.programs = agents::programs()
            .filter(|name| env::is_program(name))
            .map(str::to_owned)
            .collect();
        read
    }

    /// Returns a variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Returns the text of a file. Returns `None` if it does not exist.
    pub(super) fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// Returns a JSON file, whose comments are ignored. Returns `Null` if the file does not exist or is not JSON.
    pub(super) fn json(&self, name: &str) -> Value {
        let text = self.file(name).unwrap_or("null");
        serde_json::from_str(&without_comments(text)).unwrap_or_default()
    }

    /// Returns a TOML file. The table is empty if the file does not exist or is not TOML.
    pub(super) fn toml(&self, name: &str) -> toml::Table {
        self.file(name)
            .unwrap_or_default()
            .parse()
            .unwrap_or_default()
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        for (folder, variable) in MOVED {
            if let (Some(rest), Some(moved)) = (name.strip_prefix(folder), self.variable(variable))
            {
                return Some(Path::new(moved).join(rest));
            }
        }
        match name.strip_prefix("~/") {
            Some(rest) => Some(env::home()?.join(rest)),
            None => Some(PathBuf::from(name)),
        }
    }
}

/// Reads the text of a file, up to the bound. Returns `None` if it can't be read or is not UTF-8.
fn text(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    String::from_utf8(bytes).ok()
}

/// Removes `//` and `/* */` from JSON. opencode allows them in its files.
fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let length = if from.starts_with('"') {
            string_length(from)
        } else if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else if from.starts_with("/*") {
            from.find("*/").map_or(from.len(), |end| end + 2)
        } else {
            1
        };
        let (token, after) = from.split_at(length);
        if !token.starts_with("//") && !token.starts_with("/*") {
            plain.push_str(token);
        }
        rest = after;
    }
    plain + rest
}

/// Returns the length of the JSON string at the beginning of `text`, quotes included.
fn string_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn comments_in_json_are_passed_over_and_strings_are_not() {
        let text = r#"{ // one
            "a": "http://x//y", /* two
            */ "b": "\"/*" }"#;
        let files = [("f".to_owned(), text.to_owned())];
        let surroundings = Surroundings {
            files: files.into(),
            ..Surroundings::default()
        };
        let read = surroundings.json("f");
        assert_eq!(read, json!({"a": "http://x//y", "b": "\"/*"}));
    }

    #[test]
    fn what_is_not_json_is_null_and_never_a_panic() {
        for text in ["", "\"", "\"\\", "/*", "{", "é\"é"] {
            let files = [("f".to_owned(), text.to_owned())];
            let surroundings = Surroundings {
                files: files.into(),
                ..Surroundings::default()
            };
            assert_eq!(surroundings.json("f"), Value::Null, "{text}");
        }
    }
}
