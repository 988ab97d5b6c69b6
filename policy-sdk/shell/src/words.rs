//! Follows by its words a text that no shell would parse, or that is too long to be parsed.
//!
//! Quotes and structure are ignored. Every word that names a command which the policy looks for is
//! taken for one, with the words behind it, and so is every redirection. So this reports too much
//! rather than too little. One pass over the bytes finds where a name may begin, and only there it
//! looks closer, so a text of megabytes costs little more than reading it.

mod bytes;

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher};

use crate::downloads::is_download;
use crate::halt::{Halt, Outcome};
use crate::language::{is_interpreter, is_shell};
use crate::marks::UNKNOWN;
use crate::names::{Beginnings, Names};
use crate::path::base_name;
use crate::runner::Runner;
use crate::watch::{Candidate, Command};
use crate::writes::{self, Way, Write};
use crate::{script, windows};

use bytes::Class;

/// The most words of a command that are reported at once. A command with more is reported in parts.
const MOST_WORDS: usize = 256;
/// How many bytes, from its name on, are searched for the options of such a command.
const MOST_BYTES: usize = 2_048;
/// How many commands of one run are checked for downloads.
const MOST_FETCHES: usize = 4;
/// The steps that following one command may take here.
const STEPS: usize = 600;
/// The most commands that are reported, whatever the length of the text.
const MOST_TOLD: usize = 800;
/// One more is reported for this many bytes of the text.
const BYTES_PER_TOLD: usize = 256;
/// How often a byte is looked at on average, because a name may be among the words behind another
/// name.
const MOST_LOOKS: usize = 4;
/// How many reported texts are remembered, so that a repeated one is reported once.
const MOST_REMEMBERED: usize = 4_096;

/// Follows the text by its words.
///
/// Fails with `Spent` if there are more different commands to report than [`MOST_TOLD`] and
/// [`BYTES_PER_TOLD`] allow.
pub(crate) fn follow(text: &str, runner: &mut dyn Runner) -> Outcome<()> {
    let fetchers = Names::new(["curl", "wget", "fetch", "http", "aria2c"]);
    let names = runner.sink().names();
    let mut scan = Scan {
        text,
        beginnings: names.beginnings().or(fetchers.beginnings()),
        fetchers,
        told: HashSet::default(),
        left: MOST_TOLD + text.len() / BYTES_PER_TOLD,
        looks: 64 * 1024 + MOST_LOOKS * text.len(),
        fetches: Vec::new(),
        is_downloaded: false,
        run: 0,
        has_windows: windows::language(text).is_some(),
    };
    scan.follow(runner)
}

struct Scan<'t> {
    text: &'t str,
    /// Of the names that the policy looks for, and of fetchers.
    beginnings: Beginnings,
    /// Commands that may download.
    fetchers: Names,
    /// What has been told already.
    told: HashSet<&'t str, BuildHasherDefault<DefaultHasher>>,
    /// How many more may be told.
    left: usize,
    /// How many more bytes behind names may be looked at.
    looks: usize,
    /// Where in the current run commands stand that may download.
    fetches: Vec<usize>,
    /// Whether what the current run reads was downloaded.
    is_downloaded: bool,
    /// Where the current run of words began.
    run: usize,
    /// Whether a command of Windows seems to stand in it.
    has_windows: bool,
}

impl<'t> Scan<'t> {
    fn follow(&mut self, runner: &mut dyn Runner) -> Outcome<()> {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        // Whether a name may begin here.
        let mut is_start = true;
        while let Some(&byte) = bytes.get(at) {
            let class = bytes::class(byte);
            if class == Class::Plain {
                let second = bytes.get(at + 1).copied().unwrap_or(b' ');
                if is_start && self.beginnings.has(byte, second) {
                    self.name(at, runner)?;
                }
                is_start = false;
                at += 1 + bytes::plain(&bytes[at + 1..]);
                continue;
            }
            match class {
                Class::Plain | Class::Within => {}
                Class::Comment => {
                    if is_start && bytes::begins_comment(bytes, at) {
                        at += bytes::comment(&self.text[at..]);
                        continue;
                    }
                }
                Class::Into => self.redirection(at, runner)?,
                Class::Pipe if bytes.get(at + 1) == Some(&b'|') => {
                    self.end(at, false, runner)?;
                    at += 1;
                }
                Class::Pipe => self.end(at, true, runner)?,
                Class::End => self.end(at, false, runner)?,
                Class::Paren => {
                    self.end(at, false, runner)?;
                    self.definition(at, runner)?;
                }
            }
            is_start = bytes::begins_word(bytes, at);
            at += 1;
        }
        self.end(bytes.len(), false, runner)
    }

    /// Tells of the command whose name may begin here.
    fn name(&mut self, at: usize, runner: &mut dyn Runner) -> Outcome<()> {
        let bytes = self.text.as_bytes();
        let end = at + bytes::plain(&bytes[at..]);
        if bytes::goes_on(bytes, end) {
            return Ok(());
        }
        let name = &self.text[at..end];
        let name = name.strip_suffix(".exe").unwrap_or(name);
        if self.fetchers.has(name) {
            self.fetches.push(at);
            self.fetches.truncate(MOST_FETCHES);
        }
        if !runner.sink().names().has(name) {
            return Ok(());
        }
        let behind = &self.text[end..];
        let length = bytes::run(behind.as_bytes(), MOST_WORDS);
        self.look(length)?;
        let (words, next) = behind.split_at(length);
        let candidate = Candidate {
            name,
            lead: &self.text[self.run.min(at)..at],
            words,
            is_piped: next.starts_with('|') && !next.starts_with("||"),
        };
        let command = &self.text[at..end + length];
        if !runner.sink().is_suspect(runner.scene(), &candidate) || !self.is_new(command)? {
            return Ok(());
        }
        tell(&argv(command), self, runner)?;
        let all = end + bytes::run(behind.as_bytes(), usize::MAX);
        if at + command.len() < all {
            self.tell_rest(at, all, runner)?;
        }
        Ok(())
    }

    /// Tells of the words of a command beyond those of its first part, with its options before them.
    fn tell_rest(&mut self, at: usize, end: usize, runner: &mut dyn Runner) -> Outcome<()> {
        let run = &self.text[at..end];
        self.look(run.len())?;
        let mut words = words(run).skip(MOST_WORDS);
        let first = argv(&run[..run.floor_char_boundary(MOST_BYTES)]);
        let is_head = |(at, word): &(usize, &String)| *at == 0 || word.starts_with('-');
        let head = first.iter().enumerate().take_while(is_head);
        let head: Vec<String> = head.map(|(_, word)| word.clone()).collect();
        loop {
            let part: Vec<String> = words.by_ref().take(MOST_WORDS).collect();
            if part.is_empty() {
                return Ok(());
            }
            self.take(1 + part.len() / 16)?;
            tell(&[head.as_slice(), &part].concat(), self, runner)?;
        }
    }

    /// Tells of the file that a redirection writes to.
    fn redirection(&mut self, at: usize, runner: &mut dyn Runner) -> Outcome<()> {
        let Some(found) = bytes::redirection(self.text, at) else {
            return Ok(());
        };
        let candidate = Candidate {
            name: ">",
            lead: &self.text[self.run.min(at)..at],
            words: found.target,
            is_piped: false,
        };
        let is_suspect = runner.sink().is_suspect(runner.scene(), &candidate);
        if !is_suspect || !self.is_new(&self.text[at..found.end])? {
            return Ok(());
        }
        let argv = argv(found.target);
        let Some(target) = argv.first() else {
            return Ok(());
        };
        let write = Write {
            argv: &[">".to_owned(), target.clone()],
            target,
            path: &runner.scene().path(target),
            content: None,
            way: if found.is_added {
                Way::Append
            } else {
                Way::Replace
            },
        };
        runner.sink().writes(runner.scene(), &write)
    }

    /// Tells of a function that seems to be defined here, if it may start itself in a pipe.
    fn definition(&mut self, at: usize, runner: &mut dyn Runner) -> Outcome<()> {
        match bytes::definition(self.text, at) {
            Some((name, body)) if self.is_new(body)? => {
                runner.sink().may_define(runner.scene(), name, body)
            }
            _ => Ok(()),
        }
    }

    /// Ends a run of words: what was downloaded may be run by it, or go on into the next.
    fn end(&mut self, at: usize, is_piped: bool, runner: &mut dyn Runner) -> Outcome<()> {
        let from = std::mem::replace(&mut self.run, at + 1);
        let fetches = std::mem::take(&mut self.fetches);
        if self.is_downloaded {
            let run = &self.text[from..at];
            if is_run(run) && self.is_new(run)? {
                runner.sink().downloaded(runner.scene(), &argv(run))?;
            }
        }
        let is_fetched = || {
            let argvs = fetches.iter().map(|from| argv(&self.text[*from..at]));
            argvs
                .into_iter()
                .any(|argv| is_download(base_name(&argv[0]), &argv))
        };
        self.is_downloaded = is_piped && (self.is_downloaded || is_fetched());
        if self.has_windows {
            return self.windows(&self.text[from..at], runner);
        }
        Ok(())
    }

    /// Follows a run of words that a shell of Windows would read.
    fn windows(&mut self, run: &'t str, runner: &mut dyn Runner) -> Outcome<()> {
        let Some(language) = windows::language(run).filter(|_| windows::matters(run)) else {
            return Ok(());
        };
        if !self.is_new(run)? {
            return Ok(());
        }
        let steps = STEPS + run.len() / 8;
        let before = runner.refill(steps);
        let outcome = script::follow(language, run, runner);
        let left = runner.refill(before);
        self.take((steps - left) / 4)?;
        outcome
    }

    /// Whether this has not been reported yet. From now on it counts as reported.
    fn is_new(&mut self, told: &'t str) -> Outcome<bool> {
        if self.told.contains(told) {
            return Ok(false);
        }
        self.take(1 + told.len() / 1024)?;
        if self.told.len() == MOST_REMEMBERED {
            self.told.clear();
        }
        Ok(self.told.insert(told))
    }

    /// Takes bytes of those that may be looked at more than once.
    fn look(&mut self, length: usize) -> Outcome<()> {
        self.looks = self.looks.checked_sub(length).ok_or(Halt::Spent)?;
        Ok(())
    }

    fn take(&mut self, count: usize) -> Outcome<()> {
        self.left = self.left.checked_sub(count).ok_or(Halt::Spent)?;
        Ok(())
    }
}

/// Tells of a command, and of the files that it writes.
fn tell(argv: &[String], scan: &mut Scan<'_>, runner: &mut dyn Runner) -> Outcome<()> {
    let Some(first) = argv.first() else {
        return Ok(());
    };
    let name = base_name(first);
    if matches!(name, "find" | "gfind") || name == "git" && has_alias(argv) {
        let before = runner.refill(STEPS);
        let outcome = runner.start(argv, None).map(drop);
        let left = runner.refill(before);
        scan.take((STEPS - left) / 4)?;
        return outcome;
    }
    let command = Command {
        name,
        argv,
        stdin: None,
    };
    runner.sink().command(runner.scene(), &command)?;
    for target in writes::of(name, argv, None, runner.scene()) {
        let path = runner.scene().path(&target.name);
        let write = target.write(argv, &path);
        runner.sink().writes(runner.scene(), &write)?;
    }
    Ok(())
}

fn has_alias(argv: &[String]) -> bool {
    argv.iter().any(|word| word.starts_with("alias."))
}

/// The words of a command, with marks for parts that are certainly unknown.
fn argv(run: &str) -> Vec<String> {
    words(run).collect()
}

/// The same, as an iterator. A comma between two quotes separates words too: `["rm", "-r"]` in a
/// script.
fn words(run: &str) -> impl Iterator<Item = String> {
    let mut before = ' ';
    let parts = run.split(move |c: char| {
        let is_comma = c == ',' && matches!(before, '"' | '\'');
        before = c;
        is_comma || c.is_whitespace()
    });
    parts
        .map(|word| {
            if !word.contains(['"', '\'', '\\', '$']) {
                return word.to_owned();
            }
            let kept = word.chars().filter(|c| !matches!(c, '"' | '\'' | '\\'));
            kept.map(|c| if c == '$' { UNKNOWN } else { c }).collect()
        })
        .filter(|word| !word.is_empty() && word != "}")
}

/// Whether the run starts a shell or an interpreter.
fn is_run(run: &str) -> bool {
    let words = run.split_whitespace();
    let bare = words.map(|word| base_name(word.trim_matches(['"', '\'', '\\', '{', '}'])));
    let mut names = bare.filter(|name| {
        !matches!(
            *name,
            "" | "sudo" | "env" | "doas" | "nohup" | "exec" | "command"
        ) && !name.starts_with('-')
    });
    names
        .next()
        .is_some_and(|name| is_shell(name) || is_interpreter(name))
}

#[cfg(test)]
mod tests;
