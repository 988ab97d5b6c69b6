//! Follows a PowerShell script as PowerShell would run it, without running anything.
//!
//! `parse` turns a text into a `tree`, and `follow` walks it. A cmdlet with a Unix counterpart is
//! reported as that counterpart (`Remove-Item -Recurse` as `rm -r`), so a policy needs one rule for
//! both. Everything else goes to the surrounding shell, which knows programs such as `git`.

mod binding;
mod cmdlet;
mod cmdlets;
mod command;
mod condition;
mod cursor;
mod evaluate;
mod expression;
mod files;
mod follow;
mod launch;
mod machine;
mod members;
mod methods;
mod operators;
mod parameters;
mod parse;
mod statements;
mod statics;
mod text;
mod tree;
mod value;
mod variables;
mod words;

use crate::halt::{Halt, Outcome};
use crate::runner::Runner;
use crate::scene::System;

pub(crate) use launch::{Program, program};

/// Follows a text as a PowerShell script, and returns its output.
pub(crate) fn follow(text: &str, runner: &mut dyn Runner) -> Outcome<String> {
    runner.spend(cost(text))?;
    let block = parse::script(text).ok_or(Halt::Spent)?;
    let before = runner.scene_mut().set_system(System::Windows);
    let output = follow::PowerShell::new(runner).deeper(&block);
    runner.scene_mut().set_system(before);
    Ok(value::lines(&output?))
}

/// Estimates the cost of reading a text, in a shell's steps.
fn cost(text: &str) -> usize {
    text.len() / 16 + 1
}
