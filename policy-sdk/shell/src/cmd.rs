//! Follows a script of `cmd`, the older shell of Windows, without running anything.
//!
//! `read` splits a text into commands, and `follow` walks them. A command with a Unix counterpart
//! is reported as that counterpart (`rd /s` as `rm -r`), as with PowerShell.

mod expand;
mod files;
mod follow;
mod read;

use crate::halt::Outcome;
use crate::runner::Runner;
use crate::scene::System;

/// Follows a text as `cmd` would run it, and returns what it prints.
pub(crate) fn follow(text: &str, runner: &mut dyn Runner) -> Outcome<String> {
    runner.spend(text.len() / 16 + 1)?;
    let before = runner.scene_mut().set_system(System::Windows);
    let output = follow::Cmd::new(runner).script(text);
    runner.scene_mut().set_system(before);
    output
}

/// Returns the text that the arguments of `cmd` make it run: everything behind `/c` or `/k`.
pub(crate) fn program(arguments: &[String]) -> Option<String> {
    let is_command = |word: &String| {
        let word = word.trim_start_matches('/').to_ascii_lowercase();
        word.starts_with(['c', 'k', 'r'])
    };
    let is_option = |word: &String| word.starts_with('/');
    let options = arguments.iter().take_while(|word| is_option(word)).count();
    // In Git's bash for Windows the slash is doubled.
    let at = arguments[..options].iter().position(is_command)?;
    let attached = arguments[at]
        .trim_start_matches('/')
        .get(1..)
        .unwrap_or_default();
    let rest = arguments.get(at + 1..).unwrap_or_default().join(" ");
    Some(format!("{attached} {rest}").trim().to_owned())
}
