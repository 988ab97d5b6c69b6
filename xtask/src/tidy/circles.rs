//! Checks that the top modules of a crate do not use each other in a circle.
//!
//! Modules that need each other can only be read together. What both use belongs into a module
//! below both. The crate's root does not count: it may name its modules, and they may name what
//! it declares.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Finding;
use super::crates::{Crate, File};
use super::paths;

/// Where one module uses another, for the first time.
struct Place {
    path: String,
    line: usize,
}

/// Which module uses which, and where.
type Arrows<'a> = BTreeMap<(&'a str, &'a str), Place>;

pub(super) fn check(checked: &Crate) -> Vec<Finding> {
    let arrows = arrows(checked);
    circles(&arrows)
        .iter()
        .map(|circle| finding(circle, &arrows))
        .collect()
}

fn arrows(checked: &Crate) -> Arrows<'_> {
    let modules: BTreeSet<_> = checked.files.iter().filter_map(top).collect();
    let exported = exported(checked);
    let mut arrows = Arrows::new();
    for file in &checked.files {
        let Some(from) = top(file) else { continue };
        let used = paths::from_root(&file.source.code, file.modules.len(), &["crate::"]);
        for (at, name) in used {
            let module = modules.get(name).or_else(|| exported.get(name));
            let Some(to) = module.filter(|to| **to != from) else {
                continue;
            };
            arrows.entry((from, to)).or_insert_with(|| Place {
                path: file.source.path.clone(),
                line: file.source.line(at),
            });
        }
    }
    arrows
}

fn top(file: &File) -> Option<&str> {
    file.modules.first().map(String::as_str)
}

/// The names that the crate's root takes from its modules, with the module of each.
fn exported(checked: &Crate) -> BTreeMap<&str, &str> {
    let roots = checked.files.iter().filter(|file| file.modules.is_empty());
    roots
        .flat_map(|root| paths::imported(&root.source.code))
        .map(|imported| (imported.name, imported.from))
        .collect()
}

/// The shortest circle through each arrow that is on one. A circle is told once.
fn circles<'a>(arrows: &Arrows<'a>) -> Vec<Vec<&'a str>> {
    let mut told = BTreeSet::new();
    let mut circles = Vec::new();
    for &(from, to) in arrows.keys() {
        if told.contains(&(from, to)) {
            continue;
        }
        let Some(circle) = way(arrows, to, from) else {
            continue;
        };
        told.extend(steps(&circle));
        circles.push(circle);
    }
    circles
}

/// The arrows along a circle. The last one leads back to the first module.
fn steps<'a>(circle: &[&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    let next = circle.iter().cycle().skip(1);
    circle.iter().copied().zip(next.copied())
}

/// The shortest way from one module to another, with both of them.
fn way<'a>(arrows: &Arrows<'a>, from: &'a str, to: &'a str) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![from]]);
    let mut seen = BTreeSet::from([from]);
    while let Some(way) = ways.pop_front() {
        let end = *way.last().expect("a way begins somewhere");
        if end == to {
            return Some(way);
        }
        for &(_, next) in arrows.keys().filter(|(start, _)| *start == end) {
            if seen.insert(next) {
                ways.push_back([way.as_slice(), &[next]].concat());
            }
        }
    }
    None
}

fn finding(circle: &[&str], arrows: &Arrows<'_>) -> Finding {
    let step = |(from, to): (&str, &str)| {
        let place = &arrows[&(from, to)];
        format!("`{from}` uses `{to}` ({}:{})", place.path, place.line)
    };
    let told: Vec<_> = steps(circle).map(step).collect();
    let first = &arrows[&steps(circle).next().expect("a circle has an arrow")];
    let what = format!("modules in a circle: {}", told.join(", "));
    Finding::new(&first.path, first.line, what)
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let source = |(path, text): &(&str, &str)| {
            Source::new(format!("x/src/{path}.rs"), (*text).to_owned())
        };
        let sources: Vec<_> = files.iter().map(source).collect();
        let checked = Crate::of("x", &sources);
        check(&checked).iter().map(|one| one.what.clone()).collect()
    }

    #[test]
    fn a_circle_is_found_with_a_line_for_each_arrow() {
        let files = [
            ("a", "use crate::b::B;"),
            ("b/inner", "\nuse super::super::c;"),
            ("c", "fn f(_: &crate::a::A) {}"),
            ("d", "use crate::{a, b, c};"),
        ];
        assert_eq!(
            found(&files),
            ["modules in a circle: `b` uses `c` (x/src/b/inner.rs:2), \
              `c` uses `a` (x/src/c.rs:1), `a` uses `b` (x/src/a.rs:1)"]
        );
    }

    #[test]
    fn every_arrow_on_a_circle_is_told() {
        let files = [
            ("a", "use crate::b;"),
            ("b", "use crate::{a, c};"),
            ("c", "use crate::b;"),
        ];
        assert_eq!(found(&files).len(), 2);
    }

    #[test]
    fn a_name_that_the_root_exports_is_its_module() {
        let files = [
            ("lib", "mod a; mod b; pub use b::{B, inner::C as D};"),
            ("a", "use crate::D;"),
            ("b", "use crate::a;"),
        ];
        assert_eq!(found(&files).len(), 1);
    }

    #[test]
    fn roots_tests_and_files_of_one_module_are_free() {
        let files = [
            ("lib", "mod a; mod b; pub use a::A; pub struct Root;"),
            ("a", "use crate::{Root, b}; use crate::a::inner; mod inner;"),
            ("a/inner", "use super::A; use crate::a;"),
            (
                "b",
                "#[cfg(test)]\nuse crate::a;\n#[cfg(test)]\nmod tests { use crate::a; }\n\
                 #[cfg(test)]\nmod checks;\nuse crate::Root;",
            ),
            ("b/checks", "use crate::a;"),
            ("b/checks/more", "use crate::a;"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }
}
