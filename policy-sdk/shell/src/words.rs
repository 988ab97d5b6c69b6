//! Follows by its words a text that no shell would parse, or that is too long to be parsed.
//!
//! Quotes and structure are ignored: every word that names a command which the policy looks for is taken
//! for one, with the words behind it, and so is every redirection. This errs on the side of telling
//! too much. One pass over the bytes finds where a name may begin; only there is more looked at, so
//! that a text of megabytes costs little more than to be read.

mod bytes;

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher};

use crate::downloads::is_download;
use crate::halt::{Halt, Outcome};
use crate::language::{is_interpreter, is_shell};
use crate::marks::UNKNOWN;
use crate::names::Names;
use crate::path::base_name;
use crate::runner::Runner;
use crate::watch::{Candidate, Command};
use crate::writes::{self, Way, Write};
use crate::{script, windows};

use bytes::Class;

/// Words of a command that are told at once; of one with more, part after part.
const MOST_WORDS: usize = 256;
/// Where the options of a command with more words are looked for, in bytes from its name.
const MOST_BYTES: usize = 2_048;
/// The steps that following one command may take here.
const STEPS: usize = 600;
/// Commands that are told of any text.
const MOST_TOLD: usize = 2_000;
/// And one more for so many bytes of the text.
const BYTES_PER_TOLD: usize = 128;
/// How often a byte is looked at, on average: names stand in the words behind other names.
const MOST_LOOKS: usize = 4;
/// Texts that were told are remembered, so that one that is repeated is told once; at most so many.
const MOST_REMEMBERED: usize = 4_096;

/// Follows the text by its words.
///
/// Err: `Spent` where there are more different commands to tell of than [`MOST_TOLD`] and
/// [`BYTES_PER_TOLD`] allow.
pub(crate) fn follow(text: &str, runner: &mut dyn Runner) -> Outcome<()> {
    let mut scan = Scan {
        text,
        fetchers: Names::new(["curl", "wget", "fetch", "http", "aria2c"]),
        told: HashSet::default(),
        left: MOST_TOLD + text.len() / BYTES_PER_TOLD,
        looks: 64 * 1024 + MOST_LOOKS * text.len(),
        fetch: None,
        is_downloaded: false,
        run: 0,
        has_windows: windows::language(text).is_some(),
    };
    scan.follow(runner)
}

struct Scan<'t> {
    text: &'t str,
    fetchers: Names,
    /// What has been told already.
    told: HashSet<&'t str, BuildHasherDefault<DefaultHasher>>,
    /// How many more may be told.
    left: usize,
    /// How many more bytes behind names may be looked at.
    looks: usize,
    /// Where in the current run a command that may download stands.
    fetch: Option<usize>,
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
        let mut is_start = true;
        while let Some(&byte) = bytes.get(at) {
            match bytes::class(byte) {
                Class::Plain => {
                    if is_start {
                        self.name(at, runner)?;
                        is_start = false;
                    }
                    at += bytes::plain(&bytes[at..]);
                    continue;
                }
                Class::Within => {}
                Class::Comment if is_start && bytes::begins_comment(bytes, at) => {
                    at += bytes::comment(&self.text[at..]);
                    continue;
                }
                Class::Comment => {}
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
            is_start = true;
            at += 1;
        }
        self.end(bytes.len(), false, runner)
    }

    /// Tells of the command whose name may begin here.
    fn name(&mut self, at: usize, runner: &mut dyn Runner) -> Outcome<()> {
        let rest = &self.text.as_bytes()[at..];
        let is_fetcher = self.fetchers.may_begin(rest);
        if !is_fetcher && !runner.sink().names().may_begin(rest) {
            return Ok(());
        }
        let end = at + bytes::plain(rest);
        if bytes::goes_on(self.text.as_bytes(), end) {
            return Ok(());
        }
        let name = base_name(&self.text[at..end]);
        if is_fetcher && self.fetchers.has(name) {
            self.fetch = Some(at);
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
        let run = &self.text[self.run..at];
        self.run = at + 1;
        let fetch = self.fetch.take();
        if self.is_downloaded && is_run(run) && self.is_new(run)? {
            runner.sink().downloaded(runner.scene(), &argv(run))?;
        }
        let is_fetched = || {
            let words = fetch.map(|from| argv(&self.text[from..at]));
            words.is_some_and(|argv| is_download(base_name(&argv[0]), &argv))
        };
        self.is_downloaded = is_piped && (self.is_downloaded || is_fetched());
        if self.has_windows {
            return self.windows(run, runner);
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

    /// Whether this has not been told yet; it counts as told from now on.
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

/// The words of a command, with what is certainly not known marked so.
fn argv(run: &str) -> Vec<String> {
    words(run).collect()
}

/// The same, one by one. A comma between two quotes parts words too: `["rm", "-r"]` of a script.
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
