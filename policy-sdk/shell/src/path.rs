//! Paths, as far as a command's text says, with `.` and `..` resolved.

use crate::marks::{self, START, UNKNOWN};

/// Folders in `/` of which projects have none of the same name.
const SYSTEM: &[&str] = &["boot", "etc", "proc", "sbin", "sys", "usr"];

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// At `/`.
    Root,
    /// In the folder in which the command starts.
    Start,
    /// In the user's home folder.
    Home,
    /// In a folder above one of these two, because `..` led out of it. If it leads high enough, the folder
    /// is `/`.
    Above,
    /// Unknown.
    Unknown,
}

/// A path without `.` and `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Where it begins.
    pub base: Base,
    /// The names from the base on.
    pub components: Vec<String>,
}

impl Path {
    /// The folder in which a command starts.
    pub fn start() -> Self {
        Self::new(Base::Start)
    }

    /// The path of the base itself.
    pub fn new(base: Base) -> Self {
        Self {
            base,
            components: Vec::new(),
        }
    }

    /// The path that `text` names for a process whose current folder is `self`.
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
                // `$X-old` is some name in an unknown folder; `$X` may be that folder.
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
                    self.base = Base::Above;
                }
            }
            name => self.components.push(name.to_owned()),
        }
    }

    /// Whether it is this absolute path or below it. A path that climbs counts as absolute, unless
    /// `prefix` is a single name that a folder of a project may have too, such as `/lib`.
    pub fn is_under(&self, prefix: &[&str]) -> bool {
        let is_absolute = match self.base {
            Base::Root => true,
            Base::Above => prefix.len() > 1 || prefix.iter().any(|name| SYSTEM.contains(name)),
            Base::Start | Base::Home | Base::Unknown => false,
        };
        is_absolute
            && self.components.len() >= prefix.len()
            && prefix.iter().zip(&self.components).all(|(a, b)| a == b)
    }

    /// Its text, as a command that starts in the start folder would write it.
    pub fn from_start(&self) -> String {
        self.text().replace(START, ".")
    }

    /// Its text. [`join`](Self::join) reads it back.
    pub fn text(&self) -> String {
        let mut text = match self.base {
            Base::Root => String::new(),
            Base::Start => START.to_string(),
            Base::Home => "~".to_owned(),
            Base::Above => format!("{START}/.."),
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

/// Splits an absolute path of Windows into its drive and the rest.
fn drive(text: &str) -> Option<(String, &str)> {
    let (drive, rest) = text.split_at_checked(2)?;
    let is_drive = drive.ends_with(':') && drive.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_absolute = rest.is_empty() || rest.starts_with(['/', '\\']);
    (is_drive && is_absolute).then(|| (drive.to_ascii_lowercase(), rest))
}

/// The last component of a command's name: `rm` for `/bin/rm`, `cmd` for
/// `C:\Windows\System32\cmd.exe`.
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
    fn a_path_that_climbs_may_be_absolute() {
        let path = Path::start().join("../../../etc/passwd");
        assert!(path.is_under(&["etc", "passwd"]));
        assert!(path.is_under(&["etc"]));
        assert!(!Path::start().join("../lib/x").is_under(&["lib"]));
        assert!(
            !Path::start()
                .join("etc/passwd")
                .is_under(&["etc", "passwd"])
        );
    }

    #[test]
    fn dots_are_resolved() {
        let cwd = Path::start().join("a/b");
        for (text, expected) in [
            ("../c", "\u{FDD0}/a/c"),
            ("../../..", "\u{FDD0}/.."),
            ("../../../../etc", "\u{FDD0}/../etc"),
            ("~/../../etc", "\u{FDD0}/../etc"),
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
