//! Statements.

use oxc_ast::ast::{Declaration, Statement, SwitchStatement, TryStatement};

use super::Interpreter;
use super::branches::Side;
use super::declarations::Declared;
use super::literals::FunctionLiteral;
use super::loops::{Each, Loop};
use super::patterns::Pattern;
use crate::value::Value;

/// What a statement may leave before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Left {
    Nothing,
    /// This turn of a loop.
    Turn,
    Loop,
    Function,
}

/// How a statement may end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaves {
    pub(super) left: Left,
    /// Whether it certainly does.
    pub(super) is_sure: bool,
}

impl Leaves {
    pub(super) const NOTHING: Self = Self {
        left: Left::Nothing,
        is_sure: false,
    };

    fn surely(left: Left) -> Self {
        Self {
            left,
            is_sure: true,
        }
    }

    /// What one or the other may leave.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            is_sure: false,
        }
    }

    pub(super) fn perhaps(self) -> Self {
        Self {
            is_sure: false,
            ..self
        }
    }

    /// What a loop with this body leaves.
    pub(super) fn behind_loop(self) -> Self {
        if self.left == Left::Function {
            self
        } else {
            Self::NOTHING
        }
    }
}

/// Statements that follow each other.
#[derive(Clone, Copy)]
pub(super) struct Block<'a>(pub(super) &'a [Statement<'a>]);

impl<'a> Block<'a> {
    /// Follows them in order. A statement behind one that may leave is followed as one that may not
    /// run.
    pub(super) fn follow(self, it: &mut Interpreter<'a>) -> Leaves {
        for (at, statement) in self.0.iter().enumerate() {
            let leaves = it.statement(statement);
            if leaves == Leaves::NOTHING {
                continue;
            }
            let rest = &self.0[at + 1..];
            if leaves.is_sure {
                for statement in rest {
                    it.branches
                        .reach(Some(false), Side::Statement(statement), &it.frame);
                }
                return leaves;
            }
            return leaves.or(it.perhaps(|it| Block(rest).follow_behind(it)));
        }
        Leaves::NOTHING
    }

    /// This is a loop and not a recursion, because a list may have thousands that leave.
    fn follow_behind(self, it: &mut Interpreter<'a>) -> Leaves {
        let leaves = self.0.iter().map(|statement| it.statement(statement));
        leaves.fold(Leaves::NOTHING, Leaves::or)
    }

    /// Declares their functions, which may be called before their declaration.
    pub(super) fn hoist(self, it: &mut Interpreter<'a>) {
        for statement in self.0 {
            let function = match statement {
                Statement::FunctionDeclaration(function) => function,
                Statement::ExportDeclaration(export) => match &export.declaration {
                    Declaration::FunctionDeclaration(function) => function,
                    _ => continue,
                },
                _ => continue,
            };
            if let Some(id) = &function.id {
                let value = FunctionLiteral::new(function, None).value(it);
                it.scopes
                    .declare(it.frame.scope, id.name.as_str(), value, &mut it.heap);
            }
        }
    }

    /// Follows them in a scope of their own.
    pub(super) fn in_scope(self, it: &mut Interpreter<'a>) -> Leaves {
        it.in_scope(|it| {
            self.hoist(it);
            self.follow(it)
        })
    }
}

/// One statement.
#[derive(Clone, Copy)]
pub(super) struct Step<'a>(pub(super) &'a Statement<'a>);

impl<'a> Step<'a> {
    /// Follows the statement. Returns what it may leave.
    pub(super) fn follow(self, it: &mut Interpreter<'a>) -> Leaves {
        match self.0 {
            Statement::ExpressionStatement(statement) => {
                it.expression(&statement.expression);
            }
            Statement::BlockStatement(block) => return Block(&block.body).in_scope(it),
            Statement::IfStatement(branch) => {
                let condition = it.expression(&branch.test).is_true();
                let one = Step(&branch.consequent).if_taken(condition, it);
                let other = match &branch.alternate {
                    Some(alternate) => {
                        let is_taken = condition.map(|is_true| !is_true);
                        Step(alternate).if_taken(is_taken, it)
                    }
                    None => Leaves::NOTHING,
                };
                return match condition {
                    Some(true) => one,
                    Some(false) => other,
                    None => one.or(other),
                };
            }
            Statement::ReturnStatement(statement) => {
                let value = match &statement.argument {
                    Some(argument) => it.expression(argument),
                    None => Value::Undefined,
                };
                it.frame.returns(value);
                return Leaves::surely(Left::Function);
            }
            Statement::ThrowStatement(statement) => {
                it.expression(&statement.argument);
                return Leaves::surely(Left::Function);
            }
            Statement::BreakStatement(statement) => {
                return leave(Left::Loop, statement.label.is_some());
            }
            Statement::ContinueStatement(statement) => {
                return leave(Left::Turn, statement.label.is_some());
            }
            Statement::LabeledStatement(labeled) => return it.statement(&labeled.body),
            Statement::TryStatement(statement) => return Try(statement).follow(it),
            Statement::SwitchStatement(statement) => return Switch(statement).follow(it),
            Statement::WithStatement(statement) => {
                let object = it.expression(&statement.object);
                return it.in_scope(|it| {
                    it.scopes.with(it.frame.scope, object);
                    it.statement(&statement.body)
                });
            }
            Statement::ForStatement(statement) => return Loop::follow_for(statement, it),
            Statement::ForOfStatement(statement) => return Each::follow_of(statement, it),
            Statement::ForInStatement(statement) => return Each::follow_in(statement, it),
            Statement::WhileStatement(statement) => {
                return Loop::with_test(&statement.test, &statement.body).follow(it);
            }
            Statement::DoWhileStatement(statement) => {
                let first = it.statement(&statement.body);
                if first.is_sure && first.left > Left::Turn {
                    return first.behind_loop();
                }
                let others = Loop::with_test(&statement.test, &statement.body).follow(it);
                return if first.left > Left::Turn {
                    first.behind_loop().or(others)
                } else {
                    others
                };
            }
            other => Declared(other).follow(it),
        }
        Leaves::NOTHING
    }

    /// Follows the statement, if it is or may be taken. Otherwise postpones it.
    fn if_taken(self, is_taken: Option<bool>, it: &mut Interpreter<'a>) -> Leaves {
        it.branches
            .reach(is_taken, Side::Statement(self.0), &it.frame);
        match is_taken {
            Some(true) => it.statement(self.0),
            Some(false) => Leaves::NOTHING,
            None => it.perhaps(|it| it.statement(self.0)).perhaps(),
        }
    }
}

struct Try<'a>(&'a TryStatement<'a>);

impl<'a> Try<'a> {
    fn follow(&self, it: &mut Interpreter<'a>) -> Leaves {
        // Any of its statements may be the last to run.
        let mut leaves = it
            .perhaps(|it| Block(&self.0.block.body).in_scope(it))
            .perhaps();
        if let Some(handler) = &self.0.handler {
            let caught = it.perhaps(|it| {
                it.in_scope(|it| {
                    if let Some(param) = &handler.param {
                        Pattern(&param.pattern).bind(Value::Unknown, it.frame.scope, it);
                    }
                    Block(&handler.body.body).in_scope(it)
                })
            });
            leaves = leaves.or(caught);
        }
        if let Some(finalizer) = &self.0.finalizer {
            let last = Block(&finalizer.body).in_scope(it);
            leaves = if last.is_sure { last } else { leaves.or(last) };
        }
        leaves
    }
}

struct Switch<'a>(&'a SwitchStatement<'a>);

impl<'a> Switch<'a> {
    fn follow(&self, it: &mut Interpreter<'a>) -> Leaves {
        it.expression(&self.0.discriminant);
        let leaves = it.in_scope(|it| {
            for case in &self.0.cases {
                Block(&case.consequent).hoist(it);
            }
            let mut most = Leaves::NOTHING;
            for case in &self.0.cases {
                if let Some(test) = &case.test {
                    it.expression(test);
                }
                let leaves = it.perhaps(|it| Block(&case.consequent).follow(it));
                // A `break` leaves only the switch.
                if leaves.left != Left::Loop {
                    most = most.or(leaves);
                }
            }
            most
        });
        leaves.perhaps()
    }
}

/// A jump. With a label it may leave several loops.
fn leave(left: Left, has_label: bool) -> Leaves {
    if has_label {
        Leaves::surely(Left::Function).perhaps()
    } else {
        Leaves::surely(left)
    }
}
