//! Follows a script of PowerShell as PowerShell would run it, without running anything.
//!
//! `parse` reads a text to a `tree`, and `follow` walks it. Cmdlets that do what a command of a Unix
//! shell does are told as that command (`Remove-Item -Recurse` as `rm -r`), so that a policy needs one
//! rule for both; all else goes to the shell around, which knows programs such as `git`.

mod binding;
mod cmdlets;
mod command;
mod cursor;
mod evaluate;
mod expression;
mod files;
mod follow;
mod launch;
mod members;
mod methods;
mod operators;
mod parameters;
mod parse;
mod processes;
mod statics;
mod text;
mod tree;
mod value;
mod words;

use crate::halt::{Halt, Outcome};
use crate::runner::Runner;
use crate::scene::System;

pub(crate) use cmdlets::is_cmdlet;
pub(crate) use launch::{Program, program};

/// Follows a text as a script of PowerShell, and gives what it puts out.
pub(crate) fn follow(text: &str, runner: &mut dyn Runner) -> Outcome<String> {
    runner.spend(cost(text))?;
    let block = parse::script(text).ok_or(Halt::Spent)?;
    let before = runner.scene_mut().set_system(System::Windows);
    let output = follow::PowerShell::new(runner).deeper(&block);
    runner.scene_mut().set_system(before);
    Ok(value::lines(&output?))
}

/// About what it takes to read a text, in the steps of a shell.
fn cost(text: &str) -> usize {
    text.len() / 16 + 1
}
