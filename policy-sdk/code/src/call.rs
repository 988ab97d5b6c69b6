//! The result: the calls of a program, or why there may be more of them.

use std::fmt;

use serde_json::Value;

/// The target of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A tool of the agent: `exec_command` for `tools.exec_command(…)`. An unknown part of the name
    /// is [`UNKNOWN`](crate::UNKNOWN).
    Tool(String),
    /// Something else that the runtime offers and this crate does not know, by its full path:
    /// `fetch`, `fs.writeFileSync`, `codemode.bash`.
    Runtime(String),
    /// A shell that the runtime starts. The only argument is its command line.
    Shell,
    /// A program that the runtime starts without a shell. The arguments are its words. A call that
    /// deletes is reported as `rm`, or as `rm -rf` if it deletes a folder with everything in it.
    Program,
}

/// A call that a program may make.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its target.
    pub target: Target,
    /// Its arguments. An unknown value is a text of [`UNKNOWN`](crate::UNKNOWN), and so is the
    /// unknown name of a field.
    pub arguments: Vec<Value>,
}

impl Call {
    /// Returns the arguments of a tool call as a model would write them: the first argument as
    /// JSON, or an empty object.
    pub fn json(&self) -> String {
        self.arguments
            .first()
            .map_or_else(|| "{}".to_owned(), Value::to_string)
    }
}

/// A program that was not read to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// The reason.
    pub reason: Reason,
    /// The calls that were found. There may be more.
    pub calls: Vec<Call>,
}

/// Why a program was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It does not parse as a program.
    Syntax,
    /// It exceeded a bound.
    Bound(Bound),
}

/// The bounds on a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Bytes of the source, or of a text that it makes: 1 MiB. Tokens of the source: 4,000, and one
    /// more for each 8 bytes.
    Length,
    /// The nesting of the source: 48 brackets, and 120 levels without brackets.
    Nesting,
    /// The nesting of calls and expressions: 120.
    Depth,
    /// The steps for following it: 6,000, and one more for each 8 bytes. An expression takes about one, a
    /// reported call 60.
    Steps,
    /// The possible values of one expression: 16.
    Alternatives,
    /// The calls: 512.
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
