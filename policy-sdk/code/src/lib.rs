//! Reads the JavaScript of an agent into the calls that it makes.
//!
//! Some agents run all their tools through one: its argument is a program that calls the others. A
//! policy that judges tool calls has to see the calls in it. [`calls`] follows such a program without
//! running it and gives each call that it may make, as if the model had made the call itself.
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
//! All ways through the program count: both sides of a branch, functions that nobody calls, what
//! stands behind a `return`. A part of a text that is only known when the program runs is
//! [`UNKNOWN`] in it; a value of which nothing is known is a text of that alone. Where a value may
//! be one of several there are several calls.
//!
//! A call on what *may* be the tools, because they were handed to something that is not followed, is
//! a call of a tool whose name is [`UNKNOWN`] or the part of it that is known.
//!
//! # What is not
//!
//! What a tool returned, what an earlier program stored, and what needs the runtime to compute
//! (random numbers, cryptography, other modules) is unknown. So a program that hides a command well
//! enough has a call whose command is [`UNKNOWN`]; what to make of that is the policy's to say.

#![warn(missing_docs)]

mod bounds;
mod builtins;
mod call;
mod function;
mod heap;
mod interpreter;
mod parse;
mod programs;
mod report;
mod value;

use oxc_allocator::Allocator;

pub use call::{Bound, Call, Reason, Target, Unreadable};

/// Stands in a text for a part that is not known. A source that holds the character itself is read as
/// if it held U+FFFD.
pub const UNKNOWN: char = '\u{FFFF}';

/// The calls that a program may make, in about the order in which it would make them.
///
/// # Errors
///
/// [`Unreadable`] if it does not parse or if a bound was met. It holds the calls that were found
/// until then: there may be more.
pub fn calls(source: &str) -> Result<Vec<Call>, Unreadable> {
    let allocator = Allocator::default();
    let parsed = parse::parse(&allocator, source).map_err(|reason| Unreadable {
        reason,
        calls: Vec::new(),
    })?;
    let mut interpreter = interpreter::Interpreter::new(&allocator);
    interpreter.run(parsed.program);
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
