//! The syntax tree of a PowerShell script.

use std::rc::Rc;

/// Statements in order, with the declared parameters of a function or a script block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Block {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) statements: Vec<Statement>,
}

/// A declared parameter and its default.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) default: Option<Expression>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    /// Elements joined by `|`.
    Pipeline(Vec<Element>),
    /// An assignment: `target op value`, with the operator as written: `=`, `+=`.
    Assign {
        target: Expression,
        is_added: bool,
        value: Box<Statement>,
    },
    /// `foreach ($name in values) { … }`.
    ForEach {
        name: String,
        values: Block,
        body: Block,
    },
    /// `if`, `while`, `try` and others: each part may run or not.
    Parts(Vec<Block>),
    /// `switch (…) { pattern { … } }`: each block in its body may run.
    Switch(Vec<Block>),
    /// A function or a filter.
    Function { name: String, body: Rc<Block> },
}

/// One element of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Element {
    pub(crate) what: What,
    pub(crate) redirects: Vec<Redirect>,
}

/// The content of a pipeline's element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Command(Vec<Argument>),
    Expression(Expression),
}

/// A redirection of output to a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Redirect {
    pub(crate) target: Expression,
    pub(crate) is_added: bool,
    /// Whether it redirects the output, and not errors or warnings.
    pub(crate) is_output: bool,
}

/// A word of a command. The first is the command itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument {
    /// `-Name`, or `-Name:value`.
    Parameter(String, Option<Expression>),
    Value(Expression),
    /// `@name`: the arguments that a variable holds.
    Splat(String),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// A bare or quoted string, in pieces.
    Text(Vec<Piece>),
    Number(i64),
    /// A variable, by its name in lower case: `home`, `env:temp`, `_`.
    Variable(String),
    List(Vec<Expression>),
    /// `(…)`, `$(…)`, `@(…)`.
    Statements(Block),
    /// `{ … }`.
    Script(Rc<Block>),
    /// `@{ … }`.
    Table(Vec<(String, Expression)>),
    /// `[name]`.
    Type(String),
    /// `[name]value`.
    Cast(String, Box<Expression>),
    Member(Box<Member>),
    Index(Box<Expression>, Box<Expression>),
    /// A binary operator in lower case, without its `-`: `+`, `join`, `eq`.
    Binary(String, Box<Expression>, Box<Expression>),
    Unary(String, Box<Expression>),
    /// No expression: the text ends, or has something that is not read.
    Nothing,
}

/// `of.name` or `of::name`, with or without arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) of: Expression,
    /// The name in lower case.
    pub(crate) name: String,
    pub(crate) arguments: Option<Vec<Expression>>,
}

/// A piece of a string.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Literal(String),
    Value(Expression),
}

impl Expression {
    /// A string without variables.
    pub(crate) fn literal(text: &str) -> Self {
        Self::Text(vec![Piece::Literal(text.to_owned())])
    }

    /// The text of a string without variables.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match self {
            Self::Text(pieces) => match pieces.as_slice() {
                [] => Some(""),
                [Piece::Literal(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}
