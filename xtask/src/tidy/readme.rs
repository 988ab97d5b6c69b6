//! Checks that the commands in the README exist.

use std::collections::BTreeSet;
use std::fs;

use clap::CommandFactory as _;

use super::Finding;
use crate::Arguments;
use crate::workspace::Workspace;

/// The commands that exist.
pub(super) struct Real {
    verbs: BTreeSet<String>,
    /// The words in the server's command line, as far as its source shows: `anthropic-url`,
    /// `serve`.
    sluice: BTreeSet<String>,
}

impl Real {
    /// Asks xtask itself, and reads the source of the server's command line, because asking the
    /// program would mean compiling it.
    pub(super) fn read(workspace: &Workspace) -> Self {
        let command = Arguments::command();
        let verbs = command
            .get_subcommands()
            .map(|verb| verb.get_name().to_owned());
        let mut files = vec![workspace.at("host/server/src/cli.rs")];
        let folder = fs::read_dir(workspace.at("host/server/src/cli"));
        files.extend(
            folder
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path()),
        );
        let source: String = files
            .iter()
            .filter_map(|file| fs::read_to_string(file).ok())
            .collect();
        let words = source.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        // clap names a field or a variant like this.
        let sluice = words
            .map(|word| word.replace('_', "-").to_lowercase())
            .collect();
        Self {
            verbs: verbs.collect(),
            sluice,
        }
    }
}

pub(super) fn check(readme: &str, real: &Real) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_code = false;
    for (line, text) in readme.lines().enumerate() {
        if text.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let commands: Vec<_> = if in_code {
            vec![text]
        } else {
            text.split('`').skip(1).step_by(2).collect()
        };
        for what in commands
            .into_iter()
            .flat_map(|command| faults(command, real))
        {
            findings.push(Finding::new("README.md", line + 1, what));
        }
    }
    findings
}

fn faults(command: &str, real: &Real) -> Vec<String> {
    let words: Vec<_> = command
        .split_whitespace()
        .take_while(|word| *word != "#")
        .collect();
    if let Some(at) = words.windows(2).position(|pair| pair == ["cargo", "xtask"]) {
        let verb = words.get(at + 2).copied().unwrap_or_default();
        let unknown = !verb.is_empty() && !verb.starts_with('<') && !real.verbs.contains(verb);
        return unknown
            .then(|| format!("`cargo xtask {verb}` does not exist"))
            .into_iter()
            .collect();
    }
    let Some(at) = words.iter().position(|word| word.ends_with("sluice")) else {
        return Vec::new();
    };
    let flags = words[at + 1..]
        .iter()
        .filter_map(|word| word.strip_prefix("--"));
    let flags = flags.map(|flag| flag.split('=').next().unwrap_or(flag));
    // A verb has no capital letter, dot or slash. A value may.
    let verbs = words[at + 1..]
        .iter()
        .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    flags
        .chain(verbs.copied())
        .filter(|word| !word.is_empty() && !real.sluice.contains(*word))
        .map(|word| format!("`sluice` knows no `{word}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(readme: &str) -> Vec<String> {
        let set = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        let real = Real {
            verbs: set(&["demo", "test"]),
            sluice: set(&["serve", "listen", "config", "check"]),
        };
        check(readme, &real)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn commands_that_exist_pass() {
        let readme = "Run `cargo xtask demo --once`.\n```sh\ncargo xtask test # all of it\n\
                      sluice serve --listen 127.0.0.1:1\nsluice config check policies.yaml\n```\n";
        assert_eq!(found(readme), [""; 0]);
    }

    #[test]
    fn commands_that_do_not_exist_are_found() {
        let readme = "`cargo xtask dmeo`\n```\n./target/release/sluice serve --lisen x\n```\n";
        assert_eq!(
            found(readme),
            [
                "README.md:1: `cargo xtask dmeo` does not exist",
                "README.md:3: `sluice` knows no `lisen`",
            ]
        );
    }

    #[test]
    fn prose_is_not_a_command() {
        assert_eq!(
            found("With sluice serving --all of them, cargo xtask frobnicates.\n"),
            [""; 0]
        );
    }
}
