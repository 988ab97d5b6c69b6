//! A first look at the commands of a text that can't be parsed. It discards those that can't be
//! dangerous.
//!
//! Such a text may hold tens of thousands of commands, so nothing is allocated here. A command that
//! is discarded must be harmless by the rules, whatever its other words are.

use sluice_policy_shell::{Base, Candidate, Scene};

/// Words that may precede the name of a command.
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
            verb.starts_with('-') || loses_work(verb) || has_inner_quote(words)
        }
        "rm" | "grm" | "srm" => {
            words.contains('*') || has_flag(words, b"rR") || names_system(scene, words)
        }
        "find" => {
            let mut acts = ["-delete", "-exec", "-ok"].iter();
            acts.any(|act| words.contains(act)) || has_inner_quote(words)
        }
        "mv" | "truncate" | "chmod" | "chown" | "chgrp" | "setfacl" => names_system(scene, words),
        ">" => names_system(scene, words) || words.trim_start().starts_with('.'),
        "tee" | "cp" | "ln" | "install" | "sed" => ["/.", "/etc/", "/cron", "/Launch", "/systemd/"]
            .iter()
            .any(|part| words.contains(part)),
        "rsync" => words.contains("--del") || names_system(scene, words),
        "dd" => words.contains("of="),
        "kill" => bare(words).any(|word| matches!(word, "1" | "-1")) || words.contains('\\'),
        // These are words of plain English, so they only count where a command may begin.
        "shutdown" | "reboot" | "halt" | "poweroff" | "service" => {
            candidate.is_piped || leads(candidate.lead)
        }
        _ => true,
    }
}

/// Whether a command's name may follow these words.
fn leads(lead: &str) -> bool {
    let mut before = bare(lead).filter(|word| !word.contains('='));
    before.next().is_none_or(|first| LEADS.contains(&first))
}

/// Subcommands of `git` with a form that the rules find dangerous.
fn loses_work(verb: &str) -> bool {
    matches!(
        verb,
        "reset"
            | "checkout"
            | "checkout-index"
            | "read-tree"
            | "restore"
            | "switch"
            | "clean"
            | "stash"
            | "branch"
            | "push"
            | "worktree"
            | "submodule"
            | "rm"
            | "reflog"
            | "gc"
            | "filter-branch"
            | "filter-repo"
            | "update-ref"
    )
}

/// The words, without the quotes and brackets around them.
fn bare(words: &str) -> impl Iterator<Item = &str> {
    let is_around = |c: u8| {
        matches!(
            c,
            b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'\\' | b',' | b'[' | b'{'
        )
    };
    let mut rest = words;
    std::iter::from_fn(move || {
        let start = rest.bytes().position(|c| !is_around(c))?;
        let inside = &rest[start..];
        let end = inside.bytes().position(is_around).unwrap_or(inside.len());
        let (word, behind) = inside.split_at(end);
        rest = behind;
        Some(word)
    })
}

/// Whether a word has a quote inside it, so that it is not what it looks like.
fn has_inner_quote(words: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let bytes = words.as_bytes();
    let mut threes = bytes.windows(3);
    threes.any(|three| {
        matches!(three[1], b'"' | b'\'' | b'\\') && is_letter(three[0]) && is_letter(three[2])
    })
}

/// Whether one of the options may contain one of these letters.
fn has_flag(words: &str, letters: &[u8]) -> bool {
    let mut is_option = false;
    words.bytes().any(|byte| {
        is_option = byte == b'-' || is_option && !byte.is_ascii_whitespace();
        is_option && letters.contains(&byte)
    })
}

/// Whether one of the paths may be outside of projects: absolute, in the home folder, or unknown.
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
