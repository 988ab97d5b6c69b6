//! Judges by its words a text that no shell would parse, or that is too long to be parsed.
//!
//! Quotes and structure are ignored: every word that names a dangerous command is taken for one,
//! with the words behind it. This errs on the side of stopping what cannot be understood.

use crate::finding::{Halt, Outcome};
use crate::path::base_name;
use crate::rules;
use crate::shell::{Shell, is_interpreter, is_shell};

/// Commands looked for, beside those of the rules.
const NAMES: &[&str] = &[
    "git",
    "dd",
    "shred",
    "wipefs",
    "parted",
    "fdisk",
    "sfdisk",
    "sgdisk",
    "diskutil",
    "blkdiscard",
    "cryptsetup",
    "lvremove",
    "vgremove",
    "pvremove",
    "zpool",
    "zfs",
    "nvme",
    "chmod",
    "chown",
    "chgrp",
    "setfacl",
    "kill",
    "pkill",
    "killall",
    "shutdown",
    "reboot",
    "halt",
    "poweroff",
    "systemctl",
    "find",
    "mke2fs",
    "newfs",
    "service",
];

/// A command has at most this many words here.
const MOST_WORDS: usize = 32;
/// At most this many commands are judged in one text.
const MOST_COMMANDS: usize = 2_000;

/// Judges the text.
pub(crate) fn judge(text: &str, shell: &mut Shell<'_>) -> Outcome<()> {
    let mut is_downloaded = false;
    let mut judged = 0;
    for (end, words) in runs(text) {
        for (at, word) in words.iter().enumerate() {
            let name = base_name(word);
            if is_downloaded && at == 0 && is_run(&words) {
                rules::downloaded(&words, shell)?;
            }
            if !is_named(name) || judged == MOST_COMMANDS {
                continue;
            }
            judged += 1;
            let argv = &words[at..words.len().min(at + MOST_WORDS)];
            match name {
                "find" => find(argv, shell)?,
                name => not_spent(rules::judge(name, argv, shell))?,
            }
        }
        let is_download = words
            .iter()
            .enumerate()
            .any(|(at, word)| rules::is_download(base_name(word), &words[at..]));
        is_downloaded = end == '|' && (is_download || is_downloaded);
    }
    Ok(())
}

fn is_named(name: &str) -> bool {
    NAMES.contains(&name) || rules::DELETERS.contains(&name) || name.starts_with("mkfs")
}

fn is_run(words: &[String]) -> bool {
    let first = words.iter().map(|word| base_name(word)).find(|name| {
        !matches!(
            *name,
            "sudo" | "env" | "doas" | "nohup" | "exec" | "command"
        ) && !name.starts_with('-')
    });
    first.is_some_and(|name| is_shell(name) || is_interpreter(name))
}

fn find(argv: &[String], shell: &mut Shell<'_>) -> Outcome<()> {
    match shell.apart(|shell| shell.command(argv, None)) {
        Err(Halt::Found(finding)) => Err(Halt::Found(finding)),
        _ => Ok(()),
    }
}

/// Here every command counts for itself: one that takes too long does not end the rest.
fn not_spent(outcome: Outcome<()>) -> Outcome<()> {
    match outcome {
        Err(Halt::Spent) => Ok(()),
        outcome => outcome,
    }
}

/// The runs of words between the characters that end a command, each with that character.
fn runs(text: &str) -> Vec<(char, Vec<String>)> {
    let mut runs = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            ';' | '\n' | '|' | '&' | '(' | ')' | '`' => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
                runs.push((c, std::mem::take(&mut words)));
            }
            '\\' => match characters.peek() {
                // In the raw arguments of a call that was cut off, a line feed is written so.
                Some('n' | 't') if word.is_empty() || !word.contains('\\') => {
                    characters.next();
                    words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
                    runs.push((';', std::mem::take(&mut words)));
                }
                _ => {}
            },
            '"' | '\'' => {}
            '{' | '}' | '<' if word.is_empty() => {}
            c if c.is_whitespace() => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            }
            c => word.push(if c == '$' { crate::marks::UNKNOWN } else { c }),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    runs.push((';', words));
    runs
}
