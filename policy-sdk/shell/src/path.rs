//! Paths as far as a command's text tells, with `.` and `..` resolved.

use crate::marks::{self, START, UNKNOWN};

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// At `/`.
    Root,
    /// In the folder in which the command starts.
    Start,
    /// In the person's home.
    Home,
    /// Nobody knows.
    Unknown,
}

/// A path without `.` and `..`. A `..` that leads out of the start folder leaves it unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Where it begins.
    pub base: Base,
    /// The names from there on.
    pub components: Vec<String>,
}

impl Path {
    /// The folder in which a command starts.
    pub fn start() -> Self {
        Self::new(Base::Start)
    }

    /// The start of some path.
    pub fn new(base: Base) -> Self {
        Self {
            base,
            components: Vec::new(),
        }
    }

    /// The path that `text` names for a process in the folder `self`.
    pub fn join(&self, text: &str) -> Self {
        if let Some((drive, rest)) = drive(text) {
            let mut path = Self::new(Base::Root);
            path.components.push(drive);
            rest.split(['/', '\\']).for_each(|name| path.step(name));
            return path;
        }
        let (mut path, rest) = match text.chars().next() {
            Some('/') => (Self::new(Base::Root), text),
            Some(START) => (Self::start(), &text[START.len_utf8()..]),
            Some('~') if text == "~" || text.starts_with("~/") => {
                (Self::new(Base::Home), &text[1..])
            }
            Some(c) if c != START && marks::is_open(&c.to_string()) => {
                let cut = text.find('/').unwrap_or(text.len());
                let mut path = Self::new(Base::Unknown);
                // `$X-old` is some name in a folder that nobody knows; `$X` may be that folder.
                if cut > c.len_utf8() {
                    path.components.push(text[..cut].to_owned());
                }
                (path, &text[cut..])
            }
            _ => (self.clone(), text),
        };
        for component in rest.split('/') {
            path.step(component);
        }
        path
    }

    fn step(&mut self, component: &str) {
        match component {
            "" | "." => {}
            ".." => {
                if self.components.pop().is_none() && self.base != Base::Root {
                    self.base = Base::Unknown;
                }
            }
            name => self.components.push(name.to_owned()),
        }
    }

    /// Whether it is that absolute path, or under it.
    pub fn is_under(&self, prefix: &[&str]) -> bool {
        self.base == Base::Root
            && self.components.len() >= prefix.len()
            && prefix.iter().zip(&self.components).all(|(a, b)| a == b)
    }

    /// Its text, which [`join`](Self::join) reads back.
    pub fn text(&self) -> String {
        let mut text = match self.base {
            Base::Root => String::new(),
            Base::Start => START.to_string(),
            Base::Home => "~".to_owned(),
            Base::Unknown => UNKNOWN.to_string(),
        };
        for component in &self.components {
            text.push('/');
            text.push_str(component);
        }
        if text.is_empty() {
            text.push('/');
        }
        text
    }
}

/// The drive of an absolute path of Windows, and the rest of the path.
fn drive(text: &str) -> Option<(String, &str)> {
    let (drive, rest) = text.split_at_checked(2)?;
    let is_drive = drive.ends_with(':') && drive.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_absolute = rest.is_empty() || rest.starts_with(['/', '\\']);
    (is_drive && is_absolute).then(|| (drive.to_ascii_lowercase(), rest))
}

/// The last component of a command's name: `rm` of `/bin/rm`, `cmd` of `C:\Windows\System32\cmd.exe`.
pub fn base_name(text: &str) -> &str {
    let name = text.trim_end_matches('/');
    let name = name.rsplit('/').next().unwrap_or(name);
    match name
        .len()
        .checked_sub(".exe".len())
        .and_then(|at| name.split_at_checked(at))
    {
        Some((stem, end)) if end.eq_ignore_ascii_case(".exe") => {
            stem.rsplit('\\').next().unwrap_or(stem)
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved() {
        let cwd = Path::start().join("a/b");
        for (text, expected) in [
            ("../c", "\u{FDD0}/a/c"),
            ("../../..", "\u{FFFF}"),
            ("/tmp/../etc/./x", "/etc/x"),
            ("/../..", "/"),
            ("~/x/..", "~"),
            ("\u{FFFF}/y", "\u{FFFF}/y"),
            ("C:\\Users\\me\\..\\x", "/c:/Users/x"),
            ("d:/", "/d:"),
            ("C:\\..\\..", "/"),
        ] {
            assert_eq!(cwd.join(text).text(), expected, "{text}");
            assert_eq!(cwd.join(&cwd.join(text).text()), cwd.join(text));
        }
    }
}
