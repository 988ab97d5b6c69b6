//! Follows a command as a shell would run it, without running anything.
//!
//! What a command's text tells is known here (variables, the current folder, files it writes, the
//! output of `echo`), all else is a mark of [`marks`](crate::marks). Every simple command met on the way goes to
//! the [`rules`](crate::rules), and the first that is dangerous ends it.

mod ansi;
mod bounds;
mod braces;
mod builtins;
mod documents;
mod expand;
mod extent;
mod fan;
mod find;
mod launch;
mod output;
mod parameter;
mod redirect;
mod simple;
mod state;
mod walk;
mod wrappers;

pub(crate) use ansi::decode as decode_escapes;
pub(crate) use launch::{is_interpreter, is_shell};
pub(crate) use state::{Shell, Value};
