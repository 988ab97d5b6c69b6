//! Scripts of other languages that a command holds: `python -c`, `perl -e`, a here-document.
//!
//! Not parsed, only read token by token: the calls that start commands, delete or write are found by
//! their names, and their arguments followed as far as texts and variables go. Of Python also what is
//! imported under another name and the functions of a script's own are followed, each call by itself.

mod acts;
mod call;
mod calls;
mod changes;
mod files;
mod functions;
mod imports;
mod loops;
mod parts;
mod tokens;
mod tools;
mod values;

use crate::halt::Outcome;
use crate::language::Language;
use crate::runner::Runner;
use crate::{cmd, powershell};

/// Follows a script by the calls in it. What it sets is set in the runner, which should be its own.
pub(crate) fn follow(language: Language, text: &str, runner: &mut dyn Runner) -> Outcome<()> {
    runner.sink().script(runner.scene(), language, text)?;
    match language {
        Language::PowerShell => return powershell::follow(text, runner).map(drop),
        Language::Cmd => return cmd::follow(text, runner).map(drop),
        _ => runner.spend(text.len() / 4 + 1)?,
    }
    let mut script = tokens::read(language, text);
    if language == Language::Python {
        imports::resolve(&mut script.tokens);
    }
    calls::follow(language, &script, runner)
}
