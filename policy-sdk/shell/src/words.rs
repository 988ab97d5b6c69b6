//! Judges by its words a text that no shell would parse, or that is too long to be parsed.
//!
//! Quotes and structure are ignored: every word that names a dangerous command is taken for one,
//! with the words behind it. This errs on the side of stopping what cannot be understood.

use crate::downloads::is_download;
use crate::halt::{Halt, Outcome};
use crate::language::{is_interpreter, is_shell};
use crate::marks::UNKNOWN;
use crate::path::base_name;
use crate::runner::Runner;
use crate::watch::Command;

/// A command has at most this many words here.
const MOST_WORDS: usize = 32;
/// At most this many commands are judged in one text.
const MOST_COMMANDS: usize = 2_000;

/// Judges the text.
pub(crate) fn follow(text: &str, runner: &mut dyn Runner) -> Outcome<()> {
    runner.sink().unparsed(runner.scene(), text)?;
    let mut is_downloaded = false;
    let mut judged = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find([';', '\n', '|', '&', '(', ')', '`'])
            .unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        let is_piped = behind.starts_with('|');
        rest = behind.get(1..).unwrap_or_default();
        if is_downloaded && is_run(run) {
            runner.sink().downloaded(runner.scene(), &argv(run))?;
        }
        for (at, word) in words(run) {
            if runner.sink().names().has(base_name(word)) && judged < MOST_COMMANDS {
                judged += 1;
                judge_one(&argv(&run[at..]), runner)?;
            }
        }
        is_downloaded = is_piped && (is_downloaded || has_download(run));
    }
    Ok(())
}

fn judge_one(argv: &[String], runner: &mut dyn Runner) -> Outcome<()> {
    let Some(first) = argv.first() else {
        return Ok(());
    };
    let name = base_name(first);
    let outcome = match name {
        "find" => runner.start(argv),
        name => {
            let command = Command {
                name,
                argv,
                stdin: None,
            };
            runner.sink().command(runner.scene(), &command)
        }
    };
    match outcome {
        // Here every command counts for itself: one that takes too long does not end the rest.
        Err(Halt::Spent) => Ok(()),
        outcome => outcome,
    }
}

/// The words of a run and where each begins, without the quotes and braces around it.
fn words(run: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = run.as_ptr() as usize;
    run.split_whitespace().filter_map(move |word| {
        let word = word.trim_matches(|c| matches!(c, '"' | '\'' | '\\' | '{' | '}' | '<'));
        (!word.is_empty()).then(|| (word.as_ptr() as usize - start, word))
    })
}

/// The words of a command, with what is certainly not known marked so.
fn argv(run: &str) -> Vec<String> {
    let bare = |word: &str| -> String {
        let kept = word.chars().filter(|c| !matches!(c, '"' | '\'' | '\\'));
        kept.map(|c| if c == '$' { UNKNOWN } else { c }).collect()
    };
    run.split_whitespace()
        .map(bare)
        .filter(|word| !word.is_empty() && word != "}")
        .take(MOST_WORDS)
        .collect()
}

fn has_download(run: &str) -> bool {
    words(run).any(|(at, word)| {
        let name = base_name(word);
        matches!(name, "curl" | "wget" | "fetch" | "http" | "aria2c")
            && is_download(name, &argv(&run[at..]))
    })
}

fn is_run(run: &str) -> bool {
    let mut names = words(run).map(|(_, word)| base_name(word)).filter(|name| {
        !matches!(
            *name,
            "sudo" | "env" | "doas" | "nohup" | "exec" | "command"
        ) && !name.starts_with('-')
    });
    names
        .next()
        .is_some_and(|name| is_shell(name) || is_interpreter(name))
}
