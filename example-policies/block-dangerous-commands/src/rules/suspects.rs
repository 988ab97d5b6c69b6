//! A first look at the commands of a text that can't be parsed: which of them can't be dangerous.
//!
//! Such a text may hold tens of thousands of commands, so nothing is allocated here. What is turned away
//! here must be harmless by the rules, whatever else stands in its words.

use sluice_policy_shell::{Base, Candidate, Scene};

/// Subcommands of `git` of which the rules know a dangerous form.
const GIT: &[&str] = &[
    "reset",
    "checkout",
    "checkout-index",
    "read-tree",
    "restore",
    "switch",
    "clean",
    "stash",
    "branch",
    "push",
    "worktree",
    "submodule",
    "rm",
    "reflog",
    "gc",
    "filter-branch",
    "filter-repo",
    "update-ref",
];

/// Words that begin a command and stand before another's name.
const LEADS: &[&str] = &[
    "sudo",
    "doas",
    "su",
    "env",
    "exec",
    "command",
    "nohup",
    "time",
    "timeout",
    "nice",
    "setsid",
    "ssh",
    "bash",
    "sh",
    "zsh",
    "eval",
    "xargs",
    "watch",
    "docker",
    "podman",
    "kubectl",
    "chroot",
    "at",
    "then",
    "do",
    "else",
    "if",
    "while",
    "until",
    "!",
    "trap",
    "systemd-run",
    "wsl",
    "adb",
];

/// Whether the rules might object to this command.
pub(super) fn is_suspect(scene: &Scene, candidate: &Candidate<'_>) -> bool {
    let words = candidate.words;
    match candidate.name {
        "git" => {
            let verb = bare(words).next().unwrap_or_default();
            verb.starts_with('-') || GIT.contains(&verb)
        }
        "rm" | "grm" | "srm" => {
            has_flag(words, b"rR") || words.contains('*') || names_system(scene, words)
        }
        "find" => ["-delete", "-exec", "-ok"]
            .iter()
            .any(|act| words.contains(act)),
        "mv" | "truncate" | "chmod" | "chown" | "chgrp" | "setfacl" => names_system(scene, words),
        ">" => names_system(scene, words) || words.trim_start().starts_with('.'),
        "tee" | "cp" | "ln" | "install" | "sed" => ["/.", "/etc/", "/cron", "/Launch", "/systemd/"]
            .iter()
            .any(|part| words.contains(part)),
        "rsync" => words.contains("--del") || names_system(scene, words),
        "dd" => words.contains("of="),
        "kill" => bare(words).any(|word| matches!(word, "1" | "-1")) || words.contains('\\'),
        // Words of plain English: only what may be the beginning of a command is one.
        "shutdown" | "reboot" | "halt" | "poweroff" | "service" => {
            candidate.is_piped || leads(candidate.lead)
        }
        _ => true,
    }
}

/// Whether a command's name may stand behind these words.
fn leads(lead: &str) -> bool {
    let mut before = bare(lead).filter(|word| !word.contains('='));
    before.next().is_none_or(|first| LEADS.contains(&first))
}

/// The words without the quotes around them.
fn bare(words: &str) -> impl Iterator<Item = &str> {
    let quotes = ['"', '\'', '\\', ',', '[', '{'];
    words
        .split_ascii_whitespace()
        .map(move |word| word.trim_matches(quotes))
        .filter(|word| !word.is_empty())
}

/// Whether there may be an option with one of these letters.
fn has_flag(words: &str, letters: &[u8]) -> bool {
    let mut is_option = false;
    words.bytes().any(|byte| {
        is_option = byte == b'-' || is_option && !byte.is_ascii_whitespace();
        is_option && letters.contains(&byte)
    })
}

/// Whether a path among them may lie outside of projects: one that is absolute, in the home folder, or
/// not to be seen from here.
fn names_system(scene: &Scene, words: &str) -> bool {
    if scene.folder().base == Base::Root && scene.folder().components.len() < 3 {
        return true;
    }
    let mut before = b' ';
    words.bytes().any(|byte| {
        let begins = matches!(before, b' ' | b'\t' | b'"' | b'\'' | b'\\' | b'=' | b',');
        let is_up = before == b'.' && byte == b'.';
        before = byte;
        is_up || begins && matches!(byte, b'/' | b'~' | b'$')
    })
}
