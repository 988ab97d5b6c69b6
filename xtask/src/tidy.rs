//! Checks the house rules that no compiler knows: files, floors, circles, arrows, the size of types,
//! names, links, and what the README promises.
//!
//! It reads text, not types. It knows enough Rust to tell code from comments and strings, and to
//! see paths. A rule that must change is changed here, in the same commit as the code that needs
//! it.

mod arrows;
mod circles;
mod crates;
mod files;
mod floors;
mod links;
mod names;
mod paths;
mod readme;
mod source;
mod types;

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::say;
use crate::workspace::Workspace;

use crates::Crate;
use source::Source;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    /// The path, relative to the checkout.
    path: String,
    /// The line, counted from 1. 0 means the whole file.
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// Checks the whole checkout.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let findings = findings(workspace)?;
    for finding in &findings {
        say::line(finding);
    }
    if !findings.is_empty() {
        bail!("{} house rules are broken", findings.len());
    }
    Ok(())
}

fn findings(workspace: &Workspace) -> anyhow::Result<Vec<Finding>> {
    let mut findings = arrows::check(&workspace.packages);
    let mut sources = Vec::new();
    let mut pages = Vec::new();
    for (path, text) in texts(workspace)? {
        findings.extend(files::check_text(&path, &text));
        if path.ends_with(".rs") {
            let source = Source::new(path, text);
            findings.extend(files::check_source(&source));
            findings.extend(floors::check(&source));
            findings.extend(names::check(&source));
            sources.push(source);
        } else if path.ends_with(".md") {
            pages.push((path, text));
        }
    }
    findings.extend(links::check(&pages, |path| workspace.at(path).exists()));
    for one in Crate::read(workspace, &sources) {
        findings.extend(circles::check(&one));
        findings.extend(types::check(&one));
    }
    let readme = fs::read_to_string(workspace.at("README.md")).unwrap_or_default();
    findings.extend(readme::check(&readme, &readme::Real::read(workspace)));
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    Ok(findings)
}

/// Every text file that is tracked or about to be.
fn texts(workspace: &Workspace) -> anyhow::Result<Vec<(String, String)>> {
    let list = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--deduplicate",
    ];
    let output = Command::new("git")
        .args(list)
        .current_dir(&workspace.root)
        .output();
    let output = output.context("run git")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let paths = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
    let paths = paths.split_terminator('\0').map(str::to_owned);
    // A listed file may be deleted, or not text. Such a file is skipped.
    let text = |path: &String| fs::read_to_string(workspace.root.join(PathBuf::from(path))).ok();
    Ok(paths
        .filter_map(|path| text(&path).map(|text| (path, text)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_rules_hold() {
        let findings = findings(&Workspace::load().unwrap()).unwrap();
        let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    }
}
