//! A PowerShell script as a tree.

use std::rc::Rc;

/// Statements in order, with the parameters that a function or a script block declares.
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
    /// `target op value`, with the operator as it stands: `=`, `+=`.
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
    /// `if`, `while`, `try`, …: parts of which each may run or not.
    Parts(Vec<Block>),
    /// `switch (…) { pattern { … } }`: the blocks in its body may run.
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

/// What an element of a pipeline is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Command(Vec<Argument>),
    Expression(Expression),
}

/// Output that goes to a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Redirect {
    pub(crate) target: Expression,
    pub(crate) is_added: bool,
    /// Whether it is the command's output, not its errors or warnings.
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
    /// A text in pieces: a bare word, or a quoted one.
    Text(Vec<Piece>),
    Number(i64),
    /// A variable by its name in lower case: `home`, `env:temp`, `_`.
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
    /// An operator in lower case, without its `-`: `+`, `join`, `eq`.
    Binary(String, Box<Expression>, Box<Expression>),
    Unary(String, Box<Expression>),
    /// Where the text breaks off or says nothing that is read.
    Nothing,
}

/// `of.name`, `of::name`, and the same with arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) of: Expression,
    /// In lower case.
    pub(crate) name: String,
    pub(crate) arguments: Option<Vec<Expression>>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Literal(String),
    Value(Expression),
}

impl Expression {
    /// A text without variables in it.
    pub(crate) fn literal(text: &str) -> Self {
        Self::Text(vec![Piece::Literal(text.to_owned())])
    }

    /// The text, where it has no variables in it.
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
