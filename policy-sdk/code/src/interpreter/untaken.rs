//! Branches that are not taken, according to their conditions.
//!
//! They count all the same: each is followed once at the end of the program, if nothing took it
//! until then.

use oxc_ast::ast::{Expression, Statement};

use super::Interpreter;
use crate::function::Frame;
use crate::value::Value;

/// A side of a branch.
#[derive(Clone, Copy)]
pub(super) enum Untaken<'a> {
    Statement(&'a Statement<'a>),
    Expression(&'a Expression<'a>),
}

/// A side that was not taken, with the state around it.
pub(super) struct Postponed<'a> {
    side: Untaken<'a>,
    scope: u32,
    this: Value,
    above: Option<Value>,
}

impl Untaken<'_> {
    fn key(self) -> usize {
        match self {
            Self::Statement(statement) => std::ptr::from_ref(statement) as usize,
            Self::Expression(expression) => std::ptr::from_ref(expression) as usize,
        }
    }
}

impl<'a> Interpreter<'a> {
    /// Notes that a side is taken, or postpones it to the end.
    pub(super) fn reach(&mut self, is_taken: Option<bool>, side: Untaken<'a>) {
        if is_taken != Some(false) {
            self.reached.insert(side.key());
        } else if !self.reached.contains(&side.key()) && self.put_off.insert(side.key()) {
            self.postponed.push(Postponed {
                side,
                scope: self.frame.scope,
                this: self.frame.this.clone(),
                above: self.frame.above.clone(),
            });
        }
    }

    /// Follows the postponed sides that were never taken. Returns whether there were any.
    pub(super) fn follow_untaken(&mut self) -> bool {
        let postponed = std::mem::take(&mut self.postponed);
        let has_any = !postponed.is_empty();
        for Postponed {
            side,
            scope,
            this,
            above,
        } in postponed
        {
            if self.reached.contains(&side.key()) || !self.spend(1) {
                continue;
            }
            let around = std::mem::replace(&mut self.frame, Frame::new(scope, this, above));
            self.perhaps(|it| match side {
                Untaken::Statement(statement) => {
                    it.statement(statement);
                }
                Untaken::Expression(expression) => {
                    it.expression(expression);
                }
            });
            self.frame = around;
        }
        has_any
    }
}
