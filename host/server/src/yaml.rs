//! YAML files that the operator writes: every key and value with its place, and everything that is wrong at once.
//!
//! Knows what a file is made of, not what it may say: the policy file and the settings each read their own.

mod fault;
mod fields;
mod tree;

pub use fault::{Fault, Faults, Mark};
pub(crate) use fault::{nearest, unknown};
pub(crate) use fields::{Field, Fields};
pub(crate) use tree::{Node, Value, join};
