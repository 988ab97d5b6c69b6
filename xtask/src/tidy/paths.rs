//! Reads paths in Rust code: `crate::a::b`, `super::super::a`, and the trees of `use`.
//!
//! It does not know what a name means: whether it is a module or an item is for the caller to say.

/// Returns the first names of all paths from the crate's root, with their positions.
///
/// The code is that of a file `depth` modules below the root. A path from the root begins with one
/// of `roots`, or repeats `super::` until it is there.
pub(super) fn from_root<'a>(code: &'a str, depth: usize, roots: &[&str]) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for root in roots {
        for (at, _) in code.match_indices(root) {
            if starts_a_path(code, at) {
                found.extend(heads(code, at + root.len()));
            }
        }
    }
    for (at, supers) in super_chains(code) {
        if supers >= depth + inline_depth(&code[..at]) {
            found.extend(heads(code, at + supers * "super::".len()));
        }
    }
    found
}

fn starts_a_path(code: &str, at: usize) -> bool {
    let before = code[..at].chars().next_back();
    !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
}

/// Where each run of `super::` begins, and its length.
fn super_chains(code: &str) -> Vec<(usize, usize)> {
    let starts = code
        .match_indices("super::")
        .filter(|(at, _)| starts_a_path(code, *at));
    starts
        .map(|(at, step)| {
            let rest = &code[at..];
            (
                at,
                (rest.len() - rest.trim_start_matches(step).len()) / step.len(),
            )
        })
        .collect()
}

/// How many `mod name { … }` are open at the end of this code.
fn inline_depth(code: &str) -> usize {
    let mut open = Vec::new();
    for (at, c) in code.char_indices() {
        match c {
            '{' => open.push(is_module(&code[..at])),
            '}' => drop(open.pop()),
            _ => {}
        }
    }
    open.into_iter().filter(|module| *module).count()
}

fn is_module(before: &str) -> bool {
    let mut words = before.split_whitespace().rev();
    words.next().is_some() && words.next() == Some("mod")
}

/// The first name in the rest of a path, or of each path in its braces.
fn heads(code: &str, at: usize) -> Vec<(usize, &str)> {
    if !code[at..].starts_with('{') {
        return head(code, at).into_iter().collect();
    }
    let mut found = Vec::new();
    let mut depth = 0;
    let mut expected = false;
    for (offset, c) in code[at..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && (c == ',' || c == '{') {
            expected = true;
        } else if expected && !c.is_whitespace() {
            expected = false;
            found.extend(head(code, at + offset));
        }
    }
    found
}

fn head(code: &str, at: usize) -> Option<(usize, &str)> {
    let rest = &code[at..];
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    (end > 0).then_some((at, &rest[..end]))
}

/// A name that a `use` brings into a module, and the first name of the path that it stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Imported<'a> {
    pub(super) name: &'a str,
    pub(super) from: &'a str,
}

/// Returns the names that the `use` items of this code bring in. Globs bring in none.
pub(super) fn imported(code: &str) -> Vec<Imported<'_>> {
    let starts = code.match_indices("use ");
    let items = starts.filter(|(at, _)| starts_a_path(code, *at));
    items
        .filter_map(|(at, keyword)| {
            let item = &code[at + keyword.len()..];
            let item = item[..item.find(';')?].trim();
            let item = item.strip_prefix("self::").unwrap_or(item);
            let from = head(item, 0)?.1;
            Some(
                leaves(item)
                    .into_iter()
                    .map(move |name| Imported { name, from }),
            )
        })
        .flatten()
        .collect()
}

/// The names at the ends of a tree of `use`.
fn leaves(tree: &str) -> Vec<&str> {
    let tree = tree.trim();
    let Some((path, inside)) = tree.split_once('{') else {
        let last = tree.rsplit("::").next().unwrap_or(tree);
        let name = last.rsplit(" as ").next().unwrap_or(last).trim();
        return head(name, 0).map(|(_, name)| name).into_iter().collect();
    };
    // `a::{self, b}` brings in `a` and `b`.
    let itself = path.trim_end_matches("::").rsplit("::").next();
    let name = |leaf| match leaf {
        "self" => itself.unwrap_or(leaf),
        _ => leaf,
    };
    let branches = branches(inside.strip_suffix('}').unwrap_or(inside));
    branches.into_iter().flat_map(leaves).map(name).collect()
}

/// Splits at the commas outside of all braces.
fn branches(list: &str) -> Vec<&str> {
    let mut depth = 0;
    let outside = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    list.split(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: Vec<(usize, &str)>) -> Vec<&str> {
        found.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn paths_from_the_root_are_read_in_every_way_of_writing_them() {
        let roots = ["crate::"];
        let from_root = |code, depth| names(from_root(code, depth, &roots));
        assert_eq!(
            from_root("use crate::a::B; fn f(_: crate::c::D) {}", 1),
            ["a", "c"]
        );
        assert_eq!(from_root("use crate::{a::{B, C}, d};", 1), ["a", "d"]);
        assert_eq!(
            from_root("use super::a; use super::super::b;", 1),
            ["a", "b"]
        );
        assert_eq!(from_root("use super::a; use super::super::b;", 2), ["b"]);
        assert_eq!(from_root("mod inner { use super::a; }", 1), [""; 0]);
        assert_eq!(from_root("mod inner { use super::super::a; }", 1), ["a"]);
        assert_eq!(
            from_root("use other_crate::a; use wit::crate::b;", 1),
            [""; 0]
        );
    }

    #[test]
    fn imports_are_read_with_the_first_name_of_their_paths() {
        let read = |code| -> Vec<_> {
            let imported = imported(code).into_iter();
            imported.map(|one| (one.name, one.from)).collect()
        };
        assert_eq!(
            read("pub use a::B; use c::d::{E as F, g::{self, H}}; use self::i::J; use k;"),
            [
                ("B", "a"),
                ("F", "c"),
                ("g", "c"),
                ("H", "c"),
                ("J", "i"),
                ("k", "k")
            ]
        );
        assert_eq!(read("use a::*; let reuse = 1;"), [""; 0].map(|_| ("", "")));
    }
}
