//! What comes out: the calls of a program, or why there may be more of them.

use std::fmt;

use serde_json::Value;

/// What a call goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A tool of the agent: `exec_command` for `tools.exec_command(…)`. A part of the name that is
    /// not known is [`UNKNOWN`](crate::UNKNOWN).
    Tool(String),
    /// Something else that the runtime offers and that this crate knows nothing of, by its whole
    /// path: `fetch`, `fs.writeFileSync`, `codemode.bash`.
    Runtime(String),
    /// A shell that the runtime starts: the only argument is the line that it reads.
    Shell,
    /// A program that the runtime starts without a shell: the arguments are its words. A call that
    /// deletes is one of `rm`, of `rm -rf` where it deletes a folder with all that is in it.
    Program,
}

/// A call that a program may make.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What it goes to.
    pub target: Target,
    /// Its arguments. What is not known is a text of [`UNKNOWN`](crate::UNKNOWN); so is the name of
    /// a field that is not known.
    pub arguments: Vec<Value>,
}

impl Call {
    /// The arguments of a call of a tool, as a model would write them: the JSON of the first
    /// argument, or of an empty object.
    pub fn json(&self) -> String {
        self.arguments
            .first()
            .map_or_else(|| "{}".to_owned(), Value::to_string)
    }
}

/// A program that was not read to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// Why.
    pub reason: Reason,
    /// The calls that were found. There may be more.
    pub calls: Vec<Call>,
}

/// Why a program was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is no program, or one with an error in it.
    Syntax,
    /// A bound was met.
    Bound(Bound),
}

/// What a program may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Bytes of the source, or of a text that it makes: 1 MiB.
    Length,
    /// How deep the source nests: 48 brackets, and 120 of what nests without them.
    Nesting,
    /// Calls and expressions in each other: 120.
    Depth,
    /// Steps to follow it: 40,000, about one for each expression.
    Steps,
    /// Values that one expression may have: 16.
    Alternatives,
    /// Calls: 512.
    Calls,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "it does not parse",
            Self::Bound(Bound::Length) => "it is too long",
            Self::Bound(Bound::Nesting) => "it nests too deep",
            Self::Bound(Bound::Depth) => "its calls nest too deep",
            Self::Bound(Bound::Steps) => "it takes too many steps to follow",
            Self::Bound(Bound::Alternatives) => "a value in it may be too many things",
            Self::Bound(Bound::Calls) => "it makes too many calls",
        })
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the program was not read to its end: {}", self.reason)
    }
}

impl std::error::Error for Unreadable {}
