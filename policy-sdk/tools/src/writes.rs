//! Finds the files that a tool call writes, whatever the tool is called.
//!
//! The names of its arguments decide: a path next to a text is a file that gets the text. A tool
//! whose name says that it reads or searches writes nothing.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::input::Input;
use crate::patch;
use crate::written::Written;

/// How deeply objects may be nested.
const DEEPEST: usize = 8;
/// The most files of one call that are looked at.
const MOST: usize = 256;

const PATHS: &[&str] = &[
    "path",
    "filepath",
    "file",
    "filename",
    "targetfile",
    "targetpath",
    "absolutepath",
    "absolutefilepath",
    "relativepath",
    "relativeworkspacepath",
    "notebookpath",
    "outputpath",
    "outputfile",
    "destination",
    "destinationpath",
    "dest",
    "newpath",
    "newname",
    "uri",
    "fileuri",
];

/// Those of them that name a destination.
const TARGETS: &[&str] = &[
    "destination",
    "destinationpath",
    "dest",
    "newpath",
    "newname",
    "to",
];

const SOURCES: &[&str] = &[
    "source",
    "sourcepath",
    "src",
    "from",
    "oldpath",
    "oldname",
    "path",
];

const TEXTS: &[&str] = &[
    "content",
    "contents",
    "filecontent",
    "filecontents",
    "filetext",
    "text",
    "newtext",
    "newstring",
    "newstr",
    "newcontent",
    "newsource",
    "newcode",
    "codeedit",
    "codecontent",
    "code",
    "data",
    "replacement",
    "replacementcontent",
    "replacewith",
    "replace",
    "inserttext",
    "insert",
    "append",
    "diff",
    "patch",
    "edit",
    "body",
];

/// Names of the old text, which the new text replaces.
const BEFORE: &[&str] = &[
    "oldstring",
    "oldstr",
    "oldtext",
    "oldcontent",
    "search",
    "targetcontent",
    "find",
];

/// Arguments that hold a patch with the names of files in it.
const PATCHES: &[&str] = &[
    "input",
    "patch",
    "patchtext",
    "diff",
    "changes",
    "content",
    "command",
    "patchcontent",
    "code",
    "script",
    "source",
    "cmd",
];

/// Words in a tool's name that say it writes nothing.
const READS: &[&str] = &[
    "read", "view", "search", "grep", "glob", "find", "list", "get", "fetch", "open", "show",
    "cat", "stat", "lint", "check", "analyze", "explain", "query", "diff", "compare", "validate",
    "preview", "delete", "remove",
];

/// Words that say it does.
const WRITES: &[&str] = &[
    "write",
    "edit",
    "create",
    "update",
    "replace",
    "insert",
    "append",
    "patch",
    "save",
    "put",
    "apply",
    "copy",
    "move",
    "rename",
    "set",
    "add",
    "multiedit",
];

/// Returns the files that a call writes.
pub(crate) fn of(input: &Input<'_>) -> Vec<Written> {
    let words = words(input.name());
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    if has(READS) && !has(WRITES) {
        return Vec::new();
    }
    let mut writes = Writes {
        found: Vec::new(),
        moves: has(&["copy", "move", "rename", "mv", "cp"]),
    };
    if let Some(text) = input.text() {
        // A tool that takes free text gets a patch as it is. Other texts are JSON.
        writes.patch(text);
    }
    for reading in input.readings() {
        writes.value(reading, None, 0);
    }
    writes.found
}

struct Writes {
    found: Vec<Written>,
    /// Whether the tool moves or copies files.
    moves: bool,
}

impl Writes {
    fn value(&mut self, value: &Value, path: Option<&str>, depth: usize) {
        match value {
            Value::Object(object) => self.object(object, path, depth),
            Value::Array(values) if depth < DEEPEST => {
                for value in values {
                    self.value(value, path, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// Looks at an object that names a path, or is inside one that does.
    fn object(&mut self, object: &Map<String, Value>, around: Option<&str>, depth: usize) {
        if depth >= DEEPEST || is_dry(object) {
            return;
        }
        let named: Vec<(String, &Value)> = object
            .iter()
            .map(|(name, value)| (plain(name), value))
            .collect();
        let own = text_of(&named, PATHS);
        let path = own.or(around);
        if let Some(path) = path {
            self.texts(&named, path);
        }
        if self.moves
            && let Some(to) = text_of(&named, TARGETS)
            && text_of(&named, SOURCES).is_some()
        {
            self.keep(to, None);
        }
        for (name, value) in &named {
            match value {
                Value::String(text) if PATCHES.contains(&name.as_str()) => self.patch(text),
                Value::Object(_) | Value::Array(_) => self.value(value, path, depth + 1),
                _ => {}
            }
        }
        if let Some(Value::Array(words)) = object.get("command") {
            words
                .iter()
                .filter_map(Value::as_str)
                .for_each(|word| self.patch(word));
        }
    }

    fn texts(&mut self, named: &[(String, &Value)], path: &str) {
        let before = text_of(named, BEFORE).unwrap_or_default();
        for (name, value) in named {
            if !TEXTS.contains(&name.as_str()) {
                continue;
            }
            match value {
                // Shortening a text adds nothing new to it.
                Value::String(text) if text.is_empty() || before.contains(text.as_str()) => {}
                Value::String(text) => self.keep(path, Some(text)),
                Value::Array(lines) if lines.iter().all(Value::is_string) => {
                    let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
                    self.keep(path, Some(&lines.join("\n")));
                }
                _ => {}
            }
        }
    }

    fn patch(&mut self, text: &str) {
        let text = literal(text);
        if !patch::is_patch(&text) {
            return;
        }
        for file in patch::read(&text) {
            self.keep(&file.path, Some(&file.added));
        }
    }

    fn keep(&mut self, path: &str, content: Option<&str>) {
        if self.found.len() < MOST {
            self.found.push(Written {
                path: path.to_owned(),
                content: content.map(str::to_owned),
            });
        }
    }
}

/// Decodes a patch in a text of code, whose line feeds are written as `\n`.
fn literal(text: &str) -> Cow<'_, str> {
    const BEGIN: &str = "*** Begin Patch";
    match text.find(BEGIN) {
        Some(at) if text[at + BEGIN.len()..].starts_with("\\n") => {
            Cow::Owned(text[at..].replace("\\n", "\n"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Whether the call changes nothing: it views a file, or is a dry run.
fn is_dry(object: &Map<String, Value>) -> bool {
    let command = object.get("command").and_then(Value::as_str);
    let is_view = matches!(command, Some("view" | "undo_edit"));
    let is_try = object
        .iter()
        .any(|(name, value)| plain(name) == "dryrun" && value == &Value::Bool(true));
    is_view || is_try
}

/// The text of the first argument that has one of these names, in the order of the names.
fn text_of<'a>(named: &[(String, &'a Value)], names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| {
        let mut fields = named.iter();
        let (_, value) = fields.find(|(field, value)| value.is_string() && field == name)?;
        value.as_str()
    })
}

/// The letters of a name, in lower case.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The words of a tool's name in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c.is_uppercase() || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests;
