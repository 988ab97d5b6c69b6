//! Checks the links between the pages of the documentation.
//!
//! A link that leads to another site is not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::Finding;

/// Pages below this folder must be reachable: another page links to each of them.
const LINKED: &str = "docs/";

/// Checks the links of all pages. `exists` says whether a path of the checkout exists.
pub(super) fn check(pages: &[(String, String)], exists: impl Fn(&Path) -> bool) -> Vec<Finding> {
    let headings: BTreeMap<_, _> = pages
        .iter()
        .map(|(path, text)| (PathBuf::from(path), headings(text)))
        .collect();
    let mut linked = BTreeSet::new();
    let mut findings = Vec::new();
    for (path, text) in pages {
        for (line, link) in links(text) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = target(path, file);
            if target != Path::new(path) {
                linked.insert(target.clone());
            }
            let what = match headings.get(&target) {
                None if exists(&target) => continue,
                None => format!("links to `{file}`, which does not exist"),
                Some(known) if heading.is_empty() || known.contains(heading) => continue,
                Some(_) => format!("links to `{link}`, but that page has no such heading"),
            };
            findings.push(Finding::new(path, line, what));
        }
    }
    let lost = pages
        .iter()
        .filter(|(path, _)| path.starts_with(LINKED) && !linked.contains(Path::new(path.as_str())));
    findings.extend(lost.map(|(path, _)| Finding::new(path, 0, "no page links to it")));
    findings
}

/// The path that a link in a page leads to, from the root of the checkout.
fn target(page: &str, file: &str) -> PathBuf {
    if file.is_empty() {
        return PathBuf::from(page);
    }
    let folder = Path::new(page).parent().unwrap_or(Path::new(""));
    let mut target = PathBuf::new();
    for part in folder.join(file).components() {
        match part {
            // Above the checkout there is nothing to link to, so such a path does not exist.
            Component::ParentDir if target.pop() => {}
            Component::CurDir => {}
            part => target.push(part),
        }
    }
    target
}

/// The targets of the links within the checkout, with their lines.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(line, text)| {
        let code = |at: usize| text[..at].matches('`').count() % 2 == 1;
        let starts = text.match_indices("](").filter(move |(at, _)| !code(*at));
        starts.filter_map(move |(at, start)| {
            let link = text[at + start.len()..].split(')').next()?;
            let is_elsewhere = link.contains("://") || link.starts_with("mailto:");
            (!is_elsewhere).then_some((line, link))
        })
    })
}

/// The lines that are not code, counted from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    let lines = text.lines().enumerate();
    lines.filter_map(move |(line, text)| {
        let is_fence = text.trim_start().starts_with("```");
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((line + 1, text))
    })
}

/// The names by which links reach the headings of a page.
fn headings(text: &str) -> BTreeSet<String> {
    let heading = |(_, line): (usize, &str)| {
        let text = line.trim_start_matches('#');
        let is_heading = text.len() < line.len() && text.starts_with(' ');
        is_heading.then(|| anchor(text.trim()))
    };
    prose(text).filter_map(heading).collect()
}

/// Hosts make this name of a heading: lower case, without punctuation, with dashes for spaces.
fn anchor(heading: &str) -> String {
    let letters = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c => c.is_alphanumeric().then_some(c),
    });
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pages: &[(&str, &str)]) -> Vec<String> {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        let pages: Vec<_> = pages.iter().map(owned).collect();
        let exists = |path: &Path| path == Path::new("bench/peers");
        let findings = check(&pages, exists);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let pages = [
            (
                "README.md",
                "[a](docs/a.md), [b](docs/deep/b.md#two-words-3) and [c](https://x.y/z.md)",
            ),
            (
                "docs/a.md",
                "# A\n[up](../README.md) [b](deep/b.md) [p](../bench/peers) [self](#a)",
            ),
            ("docs/deep/b.md", "## `Two` words: 3\n[a](./../a.md)"),
        ];
        assert_eq!(found(&pages), [""; 0]);
    }

    #[test]
    fn a_broken_link_is_found() {
        let pages = [
            (
                "README.md",
                "[a](docs/a.md)\n\n![b](b.svg) [a](docs/a.md#c)",
            ),
            ("docs/a.md", "# A\n[up](../../x.md) [self](#b)"),
        ];
        assert_eq!(
            found(&pages),
            [
                "README.md:3: links to `b.svg`, which does not exist",
                "README.md:3: links to `docs/a.md#c`, but that page has no such heading",
                "docs/a.md:2: links to `../../x.md`, which does not exist",
                "docs/a.md:2: links to `#b`, but that page has no such heading",
            ]
        );
    }

    #[test]
    fn a_page_that_nothing_links_to_is_found() {
        let pages = [("README.md", "# X"), ("docs/a.md", "[self](a.md)")];
        assert_eq!(found(&pages), ["docs/a.md: no page links to it"]);
    }

    #[test]
    fn code_has_no_links() {
        let page = ("README.md", "`[a](b.md)`\n```md\n[a](b.md)\n```\n");
        assert_eq!(found(&[page]), [""; 0]);
    }
}
