//! Follows loops: turn by turn if the turns are known, otherwise until another turn changes
//! nothing.

use oxc_ast::ast::{
    Expression, ForInStatement, ForOfStatement, ForStatement, ForStatementInit, ForStatementLeft,
    Statement, VariableDeclarationKind,
};

use super::Interpreter;
use super::assignment::Target;
use super::branches::Side;
use super::declarations::Variables;
use super::elements::Elements;
use super::patterns::Pattern;
use super::source::Source;
use super::statements::{Leaves, Left};
use crate::Bound;
use crate::value::Value;

/// The most turns of a loop whose condition is known.
const MOST_TURNS: usize = 2_000;

/// A loop with a condition, or without any.
pub(super) struct Loop<'a> {
    test: Option<&'a Expression<'a>>,
    body: &'a Statement<'a>,
    /// What follows each turn.
    update: Option<&'a Expression<'a>>,
}

impl<'a> Loop<'a> {
    /// `while (test) body`
    pub(super) fn with_test(test: &'a Expression<'a>, body: &'a Statement<'a>) -> Self {
        Self {
            test: Some(test),
            body,
            update: None,
        }
    }

    /// Follows `for (init; test; update) body`.
    pub(super) fn follow_for(statement: &'a ForStatement<'a>, it: &mut Interpreter<'a>) -> Leaves {
        it.in_scope(|it| {
            match &statement.init {
                Some(ForStatementInit::VariableDeclaration(declaration)) => {
                    Variables(declaration).declare(it)
                }
                Some(init) => {
                    if let Some(expression) = init.as_expression() {
                        it.expression(expression);
                    }
                }
                None => {}
            }
            let all = Self {
                test: statement.test.as_ref(),
                body: &statement.body,
                update: statement.update.as_ref(),
            };
            all.follow(it)
        })
    }

    /// Follows the loop. Returns what it may leave.
    pub(super) fn follow(&self, it: &mut Interpreter<'a>) -> Leaves {
        match self.test {
            Some(test) => self.follow_test(test, it),
            None => self.follow_passes(it),
        }
    }

    /// Follows the loop turn by turn, for as long as its condition is known.
    fn follow_test(&self, test: &'a Expression<'a>, it: &mut Interpreter<'a>) -> Leaves {
        // `while (true)` ends only where something in it leaves, and when that happens is unknown.
        let is_endless = matches!(
            test,
            Expression::BooleanLiteral(_) | Expression::NumericLiteral(_)
        );
        let mut leaves = Leaves::NOTHING;
        for turn in 0..MOST_TURNS {
            let condition = if is_endless {
                None
            } else {
                it.expression(test).is_true()
            };
            match condition {
                Some(false) if turn > 0 => return leaves.behind_loop(),
                Some(false) => {
                    it.branches
                        .reach(Some(false), Side::Statement(self.body), &it.frame);
                    return Leaves::NOTHING;
                }
                Some(true) => {
                    it.branches
                        .reach(Some(true), Side::Statement(self.body), &it.frame);
                    // If something may have left the loop, it may have left before this turn.
                    let more = match leaves.left > Left::Turn {
                        true => it.perhaps(|it| self.turn(it)).perhaps(),
                        false => self.turn(it),
                    };
                    if more.is_sure && more.left > Left::Turn {
                        return more.behind_loop();
                    }
                    leaves = leaves.or(more);
                }
                None => {
                    return leaves.behind_loop().or(self.follow_passes(it));
                }
            }
            if !it.spend(1) {
                return leaves.behind_loop();
            }
        }
        it.stop(Bound::Steps);
        leaves.behind_loop()
    }

    fn turn(&self, it: &mut Interpreter<'a>) -> Leaves {
        let leaves = it.statement(self.body);
        if let Some(update) = self.update {
            it.expression(update);
        }
        leaves
    }

    /// Follows the loop with an unknown number of turns.
    fn follow_passes(&self, it: &mut Interpreter<'a>) -> Leaves {
        let leaves = it.until_it_rests(|it| {
            let leaves = self.turn(it);
            if let Some(test) = self.test {
                it.expression(test);
            }
            leaves
        });
        leaves.behind_loop().perhaps()
    }
}

/// A loop over elements or names.
pub(super) struct Each<'a> {
    left: &'a ForStatementLeft<'a>,
    body: &'a Statement<'a>,
}

impl<'a> Each<'a> {
    /// Follows `for (left of right) body`.
    pub(super) fn follow_of(statement: &'a ForOfStatement<'a>, it: &mut Interpreter<'a>) -> Leaves {
        let list = it.expression(&statement.right);
        let elements = Elements::of(&list, it);
        let each = Self {
            left: &statement.left,
            body: &statement.body,
        };
        each.follow(elements, it)
    }

    /// Follows `for (left in right) body`.
    pub(super) fn follow_in(statement: &'a ForInStatement<'a>, it: &mut Interpreter<'a>) -> Leaves {
        let object = it.expression(&statement.right);
        let names = Source(&object).names(&mut it.heap);
        let names = Elements::of(&names, it);
        let each = Self {
            left: &statement.left,
            body: &statement.body,
        };
        each.follow(names, it)
    }

    fn follow(&self, elements: Elements, it: &mut Interpreter<'a>) -> Leaves {
        let mut leaves = Leaves::NOTHING;
        let is_open = elements.is_open || elements.values.is_empty();
        for element in elements.values {
            if !it.spend(1) {
                break;
            }
            let is_sure = !element.has(&Value::Absent) && leaves.left <= Left::Turn;
            let more = if is_sure {
                self.turn(element, it)
            } else {
                it.perhaps(|it| self.turn(element, it)).perhaps()
            };
            if more.is_sure && more.left > Left::Turn {
                return more.behind_loop();
            }
            leaves = leaves.or(more);
        }
        if is_open {
            let more = it.until_it_rests(|it| self.turn(Value::Unknown, it));
            leaves = leaves.or(more);
        }
        leaves.behind_loop()
    }

    fn turn(&self, element: Value, it: &mut Interpreter<'a>) -> Leaves {
        it.in_scope(|it| {
            match self.left {
                ForStatementLeft::VariableDeclaration(declaration) => {
                    let scope = match declaration.kind {
                        VariableDeclarationKind::Var => it.scopes.function_scope(it.frame.scope),
                        _ => it.frame.scope,
                    };
                    if let Some(declarator) = declaration.declarations.first() {
                        Pattern(&declarator.id).bind(element, scope, it);
                    }
                }
                other => {
                    if let Some(target) = other.as_assignment_target() {
                        Target(target).assign(element, it);
                    }
                }
            }
            it.statement(self.body)
        })
    }
}
