//! Checks that no type has grown too large: all its `impl` lines together, in every file.
//!
//! A file's size alone does not tell: a type can be spread over many small files, and still be one
//! thing that must be understood at once.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::crates::{Crate, File};
use super::source;

/// The most lines that all `impl`s of a type have together.
const LINES: usize = 360;

/// A type: the modules that lead to where it is declared, and its name.
type Declared<'a> = (&'a [String], &'a str);

/// The `impl` lines of a type in each file.
type Sizes<'a> = BTreeMap<&'a str, usize>;

pub(super) fn check(checked: &Crate) -> Vec<Finding> {
    let sizes = sizes(checked);
    let large = sizes
        .iter()
        .filter(|(_, sizes)| sizes.values().sum::<usize>() > LINES);
    large
        .map(|((modules, name), sizes)| finding(checked, modules, name, sizes))
        .collect()
}

fn finding(checked: &Crate, modules: &[String], name: &str, sizes: &Sizes<'_>) -> Finding {
    let sum: usize = sizes.values().sum();
    let files: Vec<_> = sizes
        .iter()
        .map(|(file, lines)| format!("{file} {lines}"))
        .collect();
    let what = format!(
        "`{name}` has {sum} lines of `impl`, {LINES} are the most: {}",
        files.join(", ")
    );
    let home = checked.files.iter().find(|file| file.modules == modules);
    let path = home.map_or(checked.folder.as_str(), |file| &file.source.path);
    Finding::new(path, 0, what)
}

fn sizes(checked: &Crate) -> BTreeMap<Declared<'_>, Sizes<'_>> {
    let declared = declared(checked);
    let mut sizes: BTreeMap<_, Sizes<'_>> = BTreeMap::new();
    for file in &checked.files {
        for one in impls(&file.source.code) {
            if let Some(declared) = meant(&declared, one.name, file) {
                let of = sizes.entry(declared).or_default();
                *of.entry(file.source.path.as_str()).or_default() += one.lines;
            }
        }
    }
    sizes
}

fn declared(checked: &Crate) -> BTreeSet<Declared<'_>> {
    let mut found = BTreeSet::new();
    for file in &checked.files {
        let words: Vec<_> = file.source.words().collect();
        for pair in words.windows(2) {
            if ["struct", "enum", "union"].contains(&pair[0].1) {
                found.insert((file.modules.as_slice(), pair[1].1));
            }
        }
    }
    found
}

/// The type of this name that is declared nearest to a file.
fn meant<'a>(declared: &BTreeSet<Declared<'a>>, name: &str, file: &File) -> Option<Declared<'a>> {
    let shared = |(modules, _): &&Declared<'a>| {
        let pairs = modules.iter().zip(&file.modules);
        let shared = pairs.take_while(|(one, other)| one == other).count();
        // Of two that share as many modules, the one further up is meant.
        (shared, usize::MAX - modules.len())
    };
    let named = declared.iter().filter(|(_, one)| *one == name);
    named.max_by_key(shared).copied()
}

/// An `impl`, inherent or of a trait.
struct Impl<'a> {
    /// The last name of its type's path.
    name: &'a str,
    lines: usize,
}

fn impls(code: &str) -> Vec<Impl<'_>> {
    let starts = source::words(code).filter(|(at, word)| *word == "impl" && is_item(code, *at));
    starts.filter_map(|(at, _)| read(&code[at..])).collect()
}

/// Whether an `impl` begins an item here. Otherwise it is a type: `-> impl Iterator`.
fn is_item(code: &str, at: usize) -> bool {
    let before = code[..at].trim_end();
    let before = before.strip_suffix("unsafe").unwrap_or(before).trim_end();
    before.is_empty() || before.ends_with(['}', ';', ']', '{'])
}

fn read(code: &str) -> Option<Impl<'_>> {
    let header = &code[.."impl".len() + code["impl".len()..].find('{')?];
    let length = source::item_length(code);
    Some(Impl {
        name: name(header)?,
        lines: code[..length].lines().count(),
    })
}

/// The name of the type in `impl<T> Trait<U> for path::Name<T> where …`.
fn name(header: &str) -> Option<&str> {
    let header = header.strip_prefix("impl")?;
    let header = split(header, "where").map_or(header, |(before, _)| before);
    let path = match split(header, "for") {
        Some((_, behind)) => behind,
        None => &header[generics(header)..],
    };
    let path = path.split('<').next()?;
    let last = path.rsplit("::").next()?.trim();
    let is_name = last.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && !last.is_empty()).then_some(last)
}

/// The length of the generics that a header begins with.
fn generics(header: &str) -> usize {
    let spaces = header.len() - header.trim_start().len();
    if !header[spaces..].starts_with('<') {
        return spaces;
    }
    let mut depth = 0;
    let end = header.char_indices().find(|(at, c)| {
        depth += angle(header, *at, *c);
        *c == '>' && depth == 0
    });
    end.map_or(header.len(), |(at, _)| at + 1)
}

/// Splits a header at a word that stands outside of all angle brackets.
fn split<'a>(header: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let mut depth = 0;
    let mut spaces = header.char_indices().filter(|(at, c)| {
        depth += angle(header, *at, *c);
        depth == 0 && c.is_whitespace()
    });
    spaces.find_map(|(at, _)| {
        let behind = header[at..].trim_start().strip_prefix(word)?;
        let is_word = behind.starts_with(char::is_whitespace);
        is_word.then_some((&header[..at], behind))
    })
}

/// How much deeper in angle brackets one is behind this letter. The arrow of a function is none.
fn angle(header: &str, at: usize, c: char) -> i32 {
    match c {
        '<' => 1,
        '>' if !header[..at].ends_with('-') => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn found(files: &[(&str, String)]) -> Vec<String> {
        let source =
            |(path, text): &(&str, String)| Source::new(format!("x/src/{path}.rs"), text.clone());
        let sources: Vec<_> = files.iter().map(source).collect();
        let findings = check(&Crate::of("x", &sources));
        findings.iter().map(ToString::to_string).collect()
    }

    /// An `impl` of so many lines.
    fn long(header: &str, lines: usize) -> String {
        format!("{header} {{\n{}}}\n", "    // a line\n".repeat(lines - 2))
    }

    #[test]
    fn the_impls_of_a_type_are_added_up_over_all_files() {
        let mut files = [
            (
                "a",
                "pub struct A<T>(T);\n".to_owned() + &long("impl<T> A<T>", 100),
            ),
            (
                "a/inner",
                long(
                    "impl<T: Into<U>> From<T> for super::A<T> where T: Copy",
                    200,
                ),
            ),
            (
                "b",
                long("unsafe impl<F: Fn() -> u8> super::Trait for A<F>", 60),
            ),
        ];
        assert_eq!(found(&files), [""; 0]);
        files[2].1 += "impl A<u8> {}\n";
        assert_eq!(
            found(&files),
            [
                "x/src/a.rs: `A` has 361 lines of `impl`, 360 are the most: \
              x/src/a.rs 100, x/src/a/inner.rs 200, x/src/b.rs 61"
            ]
        );
    }

    #[test]
    fn types_of_one_name_are_told_apart_by_where_they_are() {
        let reader = |modules| {
            (
                modules,
                "struct Reader;\n".to_owned() + &long("impl Reader", 200),
            )
        };
        let more = |modules| (modules, long("impl Reader", 160));
        let files = [reader("a"), reader("b"), more("a/inner"), more("b/inner")];
        assert_eq!(found(&files), [""; 0]);
        let files = [
            reader("a"),
            reader("a/inner"),
            more("a/inner/deep"),
            more("a/other"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }

    #[test]
    fn tests_foreign_types_and_types_in_place_do_not_count() {
        let tests =
            "struct A;\n#[cfg(test)]\nmod tests {\n".to_owned() + &long("impl A", 400) + "}\n";
        assert_eq!(found(&[("a", tests)]), [""; 0]);
        assert_eq!(
            found(&[("a", long("impl From<u8> for other::Y", 400))]),
            [""; 0]
        );
        let returned = "struct A; fn f() -> ".to_owned() + &long("impl A", 400);
        assert_eq!(found(&[("a", returned)]), [""; 0]);
    }
}
