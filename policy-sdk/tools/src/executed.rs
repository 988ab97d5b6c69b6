//! Recognises files that something runs later, so that whoever writes them decides what runs.
//!
//! This module only looks at paths and texts. [`patch`](crate::patch), [`writes`](crate::writes)
//! and the follower of commands find the writes.

mod content;
mod places;

use sluice_policy_shell::{Base, Path, matches};

pub use content::is_git_command;

use content::Needs;
use places::{AGENT, Files, HOME, PROJECT, ROOT};

/// What makes something run a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A start of the machine, a login, a schedule, or every shell. Also files that let somebody log in.
    Startup,
    /// An agent, which is told in its settings what it may run and which programs it starts.
    Agent,
    /// The work of others on a project: hooks of Git, build servers, installations.
    Project,
}

/// A file that something runs later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executed {
    /// What makes it run.
    pub trigger: Trigger,
    /// What happens to it, as the end of a clause with "which": `runs whenever a shell starts`.
    pub what: &'static str,
}

/// Says what runs a file to which this text is written or added, considering only triggers that `counts`
/// accepts. The text is `None` if it is unknown. Returns `None` if nothing runs the file.
pub fn executed(
    path: &Path,
    content: Option<&str>,
    counts: impl Fn(Trigger) -> bool,
) -> Option<Executed> {
    let components = path.components.iter().map(|name| name.to_lowercase());
    let names: Vec<String> = components.collect();
    let home = behind_home(path.base, &names).unwrap_or_default();
    let root = match path.base {
        Base::Root | Base::Above => names.as_slice(),
        Base::Start | Base::Home | Base::Unknown => &[],
    };
    // A path that climbs to a drive does not name it.
    let drive: Vec<String> = match path.base {
        Base::Above => ["c:".to_owned()].into_iter().chain(names.clone()).collect(),
        _ => Vec::new(),
    };
    // Files of an agent or a project may be in any folder.
    let tails = (0..names.len()).flat_map(|start| {
        let tail = &names[start..];
        places(AGENT, tail).chain(places(PROJECT, tail))
    });
    places(HOME, home)
        .chain(places(ROOT, root))
        .chain(places(ROOT, &drive))
        .chain(tails)
        .find(|files| counts(files.trigger) && content::has(content, files.needs))
        .map(|files| Executed {
            trigger: files.trigger,
            what: files.what,
        })
}

/// The entries of a list that match a path.
fn places<'a>(
    list: &'static [Files],
    names: &'a [String],
) -> impl Iterator<Item = &'static Files> + 'a {
    list.iter().filter(|files| {
        let mut paths = files.paths.iter();
        paths.any(|pattern| covers(pattern, names))
    })
}

/// Whether the pattern matches that path. `**` at its end matches anything below.
fn covers(pattern: &str, names: &[String]) -> bool {
    // Most patterns fail on their first letter, which is quick to compare.
    let first = names.first().and_then(|name| name.bytes().next());
    let begins = pattern.bytes().next();
    if begins != first && !matches!(begins, Some(b'*' | b'?')) {
        return false;
    }
    let mut names = names.iter();
    for part in pattern.split('/') {
        if part == "**" {
            return names.next().is_some();
        }
        if !names.next().is_some_and(|name| is_named(part, name)) {
            return false;
        }
    }
    names.next().is_none()
}

fn is_named(part: &str, name: &str) -> bool {
    part == name || part.contains(['*', '?']) && matches(part, name)
}

/// The part of a path behind a home folder.
fn behind_home(base: Base, names: &[String]) -> Option<&[String]> {
    let words: Vec<&str> = names.iter().take(4).map(String::as_str).collect();
    let skipped = match (base, words.as_slice()) {
        (Base::Home, _) => 0,
        (Base::Root | Base::Above | Base::Unknown, ["home" | "users", _, ..]) => 2,
        (Base::Root | Base::Above | Base::Unknown, ["root", ..]) => 1,
        (Base::Root | Base::Above, ["var", "root", ..]) => 2,
        (Base::Root | Base::Above, ["export", "home", _, ..]) => 3,
        (Base::Root, [drive, "users", _, ..]) if drive.len() <= 2 => 3,
        (Base::Root, ["mnt", drive, "users", _]) if drive.len() == 1 => 4,
        // `~name/x`
        (Base::Start, [first, ..]) if first.len() > 1 && first.starts_with('~') => 1,
        // An unknown folder may be a home.
        (Base::Above | Base::Unknown, _) => 0,
        _ => return None,
    };
    names.get(skipped..)
}

#[cfg(test)]
mod tests;
