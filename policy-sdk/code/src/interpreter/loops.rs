//! Follows loops: turn by turn if the turns are known, otherwise until another turn changes
//! nothing.

use oxc_ast::ast::{
    Expression, ForInStatement, ForOfStatement, ForStatement, ForStatementInit, ForStatementLeft,
    Statement, VariableDeclarationKind,
};

use super::Interpreter;
use super::statements::{Leaves, Left};
use super::untaken::Untaken;
use crate::Bound;
use crate::value::Value;

/// The most turns of a loop whose condition is known.
const MOST_TURNS: usize = 2_000;
/// The most turns of a loop whose condition is unknown. Each turn adds alternatives.
const MOST_PASSES: usize = 8;

impl<'a> Interpreter<'a> {
    pub(super) fn for_loop(&mut self, statement: &'a ForStatement<'a>) -> Leaves {
        self.in_scope(|this| {
            match &statement.init {
                Some(ForStatementInit::VariableDeclaration(declaration)) => {
                    this.variables(declaration)
                }
                Some(init) => {
                    if let Some(expression) = init.as_expression() {
                        this.expression(expression);
                    }
                }
                None => {}
            }
            match &statement.test {
                Some(test) => this.while_loop(test, &statement.body, statement.update.as_ref()),
                None => this.passes(None, &statement.body, statement.update.as_ref()),
            }
        })
    }

    pub(super) fn while_loop(
        &mut self,
        test: &'a Expression<'a>,
        body: &'a Statement<'a>,
        update: Option<&'a Expression<'a>>,
    ) -> Leaves {
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
                self.expression(test).is_true()
            };
            match condition {
                Some(false) if turn > 0 => return leaves.behind_loop(),
                Some(false) => {
                    self.reach(Some(false), Untaken::Statement(body));
                    return Leaves::NOTHING;
                }
                Some(true) => {
                    self.reach(Some(true), Untaken::Statement(body));
                    // If something may have left the loop, it may have left before this turn.
                    let more = match leaves.left > Left::Turn {
                        true => self.perhaps(|this| this.turn(body, update)).perhaps(),
                        false => self.turn(body, update),
                    };
                    if more.is_sure && more.left > Left::Turn {
                        return more.behind_loop();
                    }
                    leaves = leaves.or(more);
                }
                None => {
                    return leaves
                        .behind_loop()
                        .or(self.passes(Some(test), body, update));
                }
            }
            if !self.spend(1) {
                return leaves.behind_loop();
            }
        }
        self.stop(Bound::Steps);
        leaves.behind_loop()
    }

    fn turn(&mut self, body: &'a Statement<'a>, update: Option<&'a Expression<'a>>) -> Leaves {
        let leaves = self.statement(body);
        if let Some(update) = update {
            self.expression(update);
        }
        leaves
    }

    /// Follows a loop with an unknown number of turns.
    fn passes(
        &mut self,
        test: Option<&'a Expression<'a>>,
        body: &'a Statement<'a>,
        update: Option<&'a Expression<'a>>,
    ) -> Leaves {
        let leaves = self.until_it_rests(|this| {
            let leaves = this.turn(body, update);
            if let Some(test) = test {
                this.expression(test);
            }
            leaves
        });
        leaves.behind_loop().perhaps()
    }

    /// Follows code that may run any number of times, until another time changes nothing.
    pub(crate) fn until_it_rests<T>(&mut self, mut follow: impl FnMut(&mut Self) -> T) -> T {
        let outside = self.heap.regions.take_change();
        let mut passes = 1;
        let mut last = self.perhaps(&mut follow);
        while self.heap.regions.is_changed() && passes < MOST_PASSES && self.spend(0) {
            self.heap.regions.take_change();
            passes += 1;
            last = self.perhaps(&mut follow);
        }
        if self.heap.regions.is_changed() {
            self.heap.exceed(Bound::Alternatives);
        }
        self.heap.regions.note_change(outside || passes > 1);
        last
    }

    pub(super) fn for_of(&mut self, statement: &'a ForOfStatement<'a>) -> Leaves {
        let list = self.expression(&statement.right);
        let (elements, is_open) = self.elements(&list);
        self.for_each(&statement.left, &statement.body, elements, is_open)
    }

    pub(super) fn for_in(&mut self, statement: &'a ForInStatement<'a>) -> Leaves {
        let object = self.expression(&statement.right);
        let names = self.keys(&object);
        let (names, is_open) = self.elements(&names);
        self.for_each(&statement.left, &statement.body, names, is_open)
    }

    fn for_each(
        &mut self,
        left: &'a ForStatementLeft<'a>,
        body: &'a Statement<'a>,
        elements: Vec<Value>,
        is_open: bool,
    ) -> Leaves {
        let mut leaves = Leaves::NOTHING;
        let is_open = is_open || elements.is_empty();
        for element in elements {
            if !self.spend(1) {
                break;
            }
            let is_sure = !element.has(&Value::Absent) && leaves.left <= Left::Turn;
            let more = if is_sure {
                self.with_element(left, body, element)
            } else {
                self.perhaps(|this| this.with_element(left, body, element))
                    .perhaps()
            };
            if more.is_sure && more.left > Left::Turn {
                return more.behind_loop();
            }
            leaves = leaves.or(more);
        }
        if is_open {
            let more = self.until_it_rests(|this| this.with_element(left, body, Value::Unknown));
            leaves = leaves.or(more);
        }
        leaves.behind_loop()
    }

    fn with_element(
        &mut self,
        left: &'a ForStatementLeft<'a>,
        body: &'a Statement<'a>,
        element: Value,
    ) -> Leaves {
        self.in_scope(|this| {
            match left {
                ForStatementLeft::VariableDeclaration(declaration) => {
                    let scope = match declaration.kind {
                        VariableDeclarationKind::Var => {
                            this.scopes.function_scope(this.frame.scope)
                        }
                        _ => this.frame.scope,
                    };
                    if let Some(declarator) = declaration.declarations.first() {
                        this.bind(&declarator.id, element, scope);
                    }
                }
                other => {
                    if let Some(target) = other.as_assignment_target() {
                        this.assign(target, element);
                    }
                }
            }
            this.statement(body)
        })
    }
}
