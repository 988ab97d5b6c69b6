//! Scripts of other languages that a command holds: `python -c`, `perl -e`, a here-document.
//!
//! Not parsed, only read token by token: the calls that start commands, delete folders or write to
//! devices are found by their names, and their arguments followed as far as texts and variables go.

mod acts;
mod calls;
mod language;
mod tokens;
mod values;

use crate::finding::Outcome;
use crate::rules;
use crate::shell::Shell;

pub(crate) use language::Language;

/// Judges a script by the calls in it. What it sets is set in the shell, which should be its own.
pub(crate) fn judge(language: Language, text: &str, shell: &mut Shell<'_>) -> Outcome<()> {
    shell.spend(text.len() / 4 + 1)?;
    rules::forks(text, shell)?;
    let tokens = tokens::read(language, text);
    calls::follow(language, &tokens, shell)
}
