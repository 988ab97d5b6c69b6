//! Which files a patch writes, and what it adds to them.
//!
//! It reads the patches of agents (`*** Begin Patch`) and those of `diff` and Git. A line that is
//! neither is skipped: whether the patch fits is decided by the program that applies it.

use sluice_policy_shell::{Command, Scene};

use crate::written::Written;

/// A file that a patch writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patched {
    /// The file, as the patch names it.
    pub(crate) path: String,
    /// The lines that are added.
    pub(crate) added: String,
    /// Whether this is a new file name, whatever is added to the file.
    pub(crate) is_new: bool,
}

/// Returns the files that a shell's command writes because it applies a patch: `apply_patch`, `patch`. The
/// patch may be an argument, a file that an earlier command wrote, or the standard input.
pub fn patched<'a>(
    command: &Command<'a>,
    scene: &'a Scene,
) -> impl Iterator<Item = Written> + use<'a> {
    let applies = matches!(command.name, "apply_patch" | "applypatch" | "patch");
    let arguments = command.argv.get(1..).filter(|_| applies);
    let arguments = arguments.unwrap_or_default();
    let stored = arguments.iter().filter_map(|word| scene.file(word));
    let texts = arguments
        .iter()
        .map(String::as_str)
        .chain(stored)
        .chain(command.stdin.filter(|_| applies));
    let files = texts.filter(|text| is_patch(text)).flat_map(read);
    files.map(|file| Written {
        path: file.path,
        content: Some(file.added),
    })
}

/// Whether a text looks like a patch.
pub(crate) fn is_patch(text: &str) -> bool {
    text.lines().any(|line| {
        line.starts_with("*** Begin Patch") || agents(line).is_some() || line.starts_with("+++ ")
    })
}

/// Returns the files that a patch writes. Files that it only deletes are left out.
pub(crate) fn read(text: &str) -> Vec<Patched> {
    let mut reader = Reader::default();
    for line in text.lines() {
        reader.line(line);
    }
    reader.end();
    reader.files
}

#[derive(Default)]
struct Reader {
    files: Vec<Patched>,
    /// The file whose changes are being read. `None` before the first, and while a deleted one is
    /// read.
    now: Option<Patched>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        match header(line) {
            Some(Header::File(path, is_new)) => {
                self.end();
                self.now = Some(Patched {
                    path: path.to_owned(),
                    added: String::new(),
                    is_new,
                });
            }
            Some(Header::Moved(path)) => {
                let added = self.now.take().map(|file| file.added).unwrap_or_default();
                self.now = Some(Patched {
                    path: path.to_owned(),
                    added,
                    is_new: true,
                });
            }
            Some(Header::Deleted) => {
                self.end();
            }
            None => {
                if let (Some(file), Some(added)) = (&mut self.now, line.strip_prefix('+')) {
                    file.added.push_str(added);
                    file.added.push('\n');
                }
            }
        }
    }

    fn end(&mut self) {
        let file = self.now.take();
        self.files
            .extend(file.filter(|file| file.is_new || !file.added.is_empty()));
    }
}

/// A line that names a file.
enum Header<'a> {
    /// Changes of this file follow. The flag says whether it is new.
    File(&'a str, bool),
    /// The current file gets this name.
    Moved(&'a str),
    /// The file that comes next is deleted.
    Deleted,
}

fn header(line: &str) -> Option<Header<'_>> {
    if let Some(header) = agents(line) {
        return Some(header);
    }
    for (prefix, is_new) in [("rename to ", true), ("copy to ", true)] {
        if let Some(path) = line.strip_prefix(prefix) {
            return Some(Header::File(path.trim(), is_new));
        }
    }
    let path = line.strip_prefix("+++ ")?;
    let path = path
        .split('\t')
        .next()
        .unwrap_or(path)
        .trim()
        .trim_matches('"');
    if path == "/dev/null" {
        return Some(Header::Deleted);
    }
    let path = path
        .strip_prefix("b/")
        .or_else(|| path.strip_prefix("w/"))
        .unwrap_or(path);
    Some(Header::File(path, false))
}

/// A line of an agent's patch that names a file.
fn agents(line: &str) -> Option<Header<'_>> {
    let named = |prefix: &str| line.trim_start().strip_prefix(prefix).map(str::trim);
    if let Some(path) = named("*** Add File:") {
        return Some(Header::File(path, true));
    }
    if let Some(path) = named("*** Update File:") {
        return Some(Header::File(path, false));
    }
    if let Some(path) = named("*** Move to:") {
        return Some(Header::Moved(path));
    }
    named("*** Delete File:").map(|_| Header::Deleted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<(String, String)> {
        let files = read(text).into_iter();
        files.map(|file| (file.path, file.added)).collect()
    }

    #[test]
    fn patches_of_agents_are_read() {
        let patch = "*** Begin Patch\n*** Add File: a.sh\n+#!/bin/sh\n+ls\n*** Update File: b\n@@\n-x\n+y\n z\n\
                     *** Update File: c\n*** Move to: d\n@@\n+w\n*** Update File: e\n-x\n*** Delete File: f\n\
                     *** End Patch\n";
        assert!(is_patch(patch));
        let expected = [("a.sh", "#!/bin/sh\nls\n"), ("b", "y\n"), ("d", "w\n")];
        let expected = expected.map(|(path, added)| (path.to_owned(), added.to_owned()));
        assert_eq!(paths(patch), expected);
    }

    #[test]
    fn patches_of_git_are_read() {
        let patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ /dev/null\n-a\n\
                     rename from p\nrename to q\n--- old\t2020\n+++ \"new name\"\t2020\n+c\n";
        let expected = [("x", "b\n"), ("q", ""), ("new name", "c\n")];
        let expected = expected.map(|(path, added)| (path.to_owned(), added.to_owned()));
        assert_eq!(paths(patch), expected);
    }

    #[test]
    fn other_texts_are_no_patches() {
        for text in ["", "ls", "a +++ b", "fn main() {}\n+ x\n"] {
            assert!(!is_patch(text), "{text}");
            assert_eq!(read(text), [], "{text}");
        }
    }
}
