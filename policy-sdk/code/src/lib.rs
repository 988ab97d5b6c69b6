//! Reads the calls that an agent's JavaScript makes.
//!
//! Some agents run all their tools through one, whose argument is a program that calls the others.
//! A policy that judges tool calls has to see those calls. [`calls`] follows such a program without
//! running it, and returns each call that it may make, as if the model had made the call itself.
//!
//! ```
//! use sluice_policy_code::{Target, calls};
//!
//! let source = r#"
//!     const run = (cmd) => tools.exec_command({ cmd });
//!     for (const folder of ["build", "dist"]) {
//!         await run(["rm", "-rf", folder].join(" "));
//!     }
//! "#;
//! let calls = calls(source).unwrap();
//! assert_eq!(calls[0].target, Target::Tool("exec_command".to_owned()));
//! assert_eq!(calls[0].json(), r#"{"cmd":"rm -rf build"}"#);
//! assert_eq!(calls[1].json(), r#"{"cmd":"rm -rf dist"}"#);
//! ```
//!
//! # What is known
//!
//! All paths through the program count: both sides of a branch, functions that nothing calls, code
//! behind a `return`. A part of a text that is only known when the program runs is [`UNKNOWN`] in
//! it. An unknown value is a text of [`UNKNOWN`] alone. If a value may be one of several, there are
//! several calls.
//!
//! A call of what *may* be the tools, because they were handed to code that is not followed, is a
//! call of a tool whose name is [`UNKNOWN`], or the known part of it.
//!
//! # What is unknown
//!
//! What a tool returned, what an earlier program stored, and what needs the runtime to compute
//! (random numbers, cryptography, other modules). So a program that hides a command well enough has
//! a call whose command is [`UNKNOWN`]. The policy decides what to do about that.

#![warn(missing_docs)]

mod bounds;
mod call;
mod function;
mod heap;
mod interpreter;
mod parse;
mod report;
mod scopes;
mod value;

use std::cell::Cell;

use oxc_allocator::Allocator;

pub use call::{Bound, Call, Reason, Target, Unreadable};

/// Stands in a text for an unknown part. If the source contains this character itself, it is read
/// as U+FFFD.
pub const UNKNOWN: char = '\u{FFFF}';

/// Returns the calls that a program may make, in about the order in which it would make them.
///
/// # Errors
///
/// Fails with [`Unreadable`] if the program does not parse or exceeds a bound. The error holds the
/// calls that were found so far; there may be more.
pub fn calls(source: &str) -> Result<Vec<Call>, Unreadable> {
    calls_sharing(source, &Cell::new(usize::MAX))
}

/// Does the same for one of several programs that share these steps. A token takes a step, and so does
/// what a program is followed in. A step is worth about a thousand units of the host's fuel.
///
/// # Errors
///
/// Fails like [`calls`], and if the program needs more steps than are left.
pub fn calls_sharing(source: &str, steps: &Cell<usize>) -> Result<Vec<Call>, Unreadable> {
    let allocator = Allocator::default();
    let parsed = parse::parse(&allocator, source, steps).map_err(|reason| Unreadable {
        reason,
        calls: Vec::new(),
    })?;
    let mut interpreter = interpreter::Interpreter::new(&allocator, source.len(), steps.get());
    interpreter.run(parsed.program);
    steps.set(steps.get().saturating_sub(interpreter.steps()));
    let syntax = (!parsed.is_whole).then_some(Reason::Syntax);
    let reason = interpreter
        .met()
        .map(Reason::Bound)
        .or(interpreter.report.reason)
        .or(syntax);
    let calls = interpreter.report.calls;
    match reason {
        None => Ok(calls),
        Some(reason) => Err(Unreadable { reason, calls }),
    }
}
