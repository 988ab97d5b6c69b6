//! Scripts of other languages that a command holds: `python -c`, `perl -e`, a here-document.
//!
//! They are not parsed, only read token by token. Calls that start commands, delete or write are
//! recognised by name, and their arguments are followed as far as texts and variables tell. In
//! Python, imports under other names and the script's own functions are followed too, each call
//! separately.

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

/// Follows a script by its calls. Variables are set in `runner`, so give it one of its own.
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
