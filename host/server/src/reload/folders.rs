//! Finds the folders to watch, so that a file cannot be replaced unnoticed.
//!
//! A file may be written in place, or another file may be renamed to its name, or one of the symbolic links on the way
//! to it may change: Kubernetes changes `..data`, a link to a folder two steps before the file. In each case an entry
//! of some folder changes. These folders are found here.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// The most links in one path, as on Linux.
const MAX_LINKS: usize = 40;

/// Returns the folders to watch for these files. If a part of a path is missing, that includes the folder in which it
/// would appear.
pub(super) fn folders(files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for file in files {
        // Where even the current folder is gone, nothing relative can be found.
        if let Ok(absolute) = std::path::absolute(file) {
            follow(&absolute, &mut folders);
        }
    }
    folders
}

/// Walks a path step by step, through the links, and notes the folder that holds each link, the one
/// that holds the file, and the one in which the path ends early.
fn follow(path: &Path, folders: &mut BTreeSet<PathBuf>) {
    let mut here = PathBuf::new();
    let mut ahead: VecDeque<OsString> = steps(path).collect();
    let mut links = 0;
    while let Some(step) = ahead.pop_front() {
        let next = here.join(&step);
        let Ok(metadata) = next.symlink_metadata() else {
            folders.insert(here);
            return;
        };
        if metadata.is_symlink() {
            folders.insert(here.clone());
            links += 1;
            let Ok(target) = next.read_link() else { return };
            if links > MAX_LINKS {
                return;
            }
            steps(&target).rev().for_each(|step| ahead.push_front(step));
            if target.is_absolute() {
                here = PathBuf::new();
            }
        } else if step == ".." {
            here.pop();
        } else if ahead.is_empty() {
            folders.insert(here);
            return;
        } else {
            here = next;
        }
    }
}

fn steps(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    let kept = path
        .components()
        .filter(|step| !matches!(step, Component::CurDir));
    kept.map(|step| step.as_os_str().to_owned())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::folders;

    /// The folders found for `file`, relative to a fresh folder that `set_up` filled.
    fn check(file: &str, set_up: impl FnOnce(&std::path::Path), expected: &[&str]) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().canonicalize().unwrap();
        set_up(&path);
        let expected: BTreeSet<PathBuf> = expected
            .iter()
            .map(|folder| path.join(folder).components().collect())
            .collect();
        assert_eq!(folders(&[path.join(file)]), expected);
    }

    #[test]
    fn a_plain_file_is_seen_through_its_folder() {
        check(
            "p.yaml",
            |root| fs::write(root.join("p.yaml"), "").unwrap(),
            &[""],
        );
        let nested = |root: &std::path::Path| {
            fs::create_dir(root.join("a")).unwrap();
            fs::write(root.join("a/p.yaml"), "").unwrap();
        };
        check("./a/../a/p.yaml", nested, &["a"]);
    }

    #[test]
    fn every_link_on_the_way_is_seen() {
        let kubernetes = |root: &std::path::Path| {
            fs::create_dir(root.join("..1")).unwrap();
            fs::write(root.join("..1/p.yaml"), "").unwrap();
            symlink("..1", root.join("..data")).unwrap();
            symlink("..data/p.yaml", root.join("p.yaml")).unwrap();
        };
        check("p.yaml", kubernetes, &["", "..1"]);
        let elsewhere = |root: &std::path::Path| {
            fs::create_dir(root.join("real")).unwrap();
            fs::create_dir(root.join("links")).unwrap();
            fs::write(root.join("real/p.yaml"), "").unwrap();
            symlink(root.join("real/p.yaml"), root.join("links/p.yaml")).unwrap();
        };
        check("links/p.yaml", elsewhere, &["links", "real"]);
    }

    #[test]
    fn what_is_missing_is_waited_for_where_it_would_appear() {
        check("a/b/p.yaml", |_| {}, &[""]);
        check(
            "a/b/p.yaml",
            |root| fs::create_dir(root.join("a")).unwrap(),
            &["a"],
        );
        check(
            "p.yaml",
            |root| symlink("gone/p.yaml", root.join("p.yaml")).unwrap(),
            &[""],
        );
    }

    #[test]
    fn links_in_a_circle_come_to_an_end() {
        check("a", |root| symlink("a", root.join("a")).unwrap(), &[""]);
    }
}
