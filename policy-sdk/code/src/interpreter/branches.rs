//! Branches that are not taken, according to their conditions.
//!
//! They count all the same: each is followed once at the end of the program, if nothing took it
//! until then.

use std::collections::HashSet;

use oxc_ast::ast::{Expression, Statement};

use super::Interpreter;
use crate::function::Frame;
use crate::value::Value;

/// A side of a branch.
#[derive(Clone, Copy)]
pub(super) enum Side<'a> {
    Statement(&'a Statement<'a>),
    Expression(&'a Expression<'a>),
}

impl Side<'_> {
    fn key(self) -> usize {
        match self {
            Self::Statement(statement) => std::ptr::from_ref(statement) as usize,
            Self::Expression(expression) => std::ptr::from_ref(expression) as usize,
        }
    }
}

/// A side that was not taken, with the state around it.
pub(super) struct Postponed<'a> {
    side: Side<'a>,
    scope: u32,
    this: Value,
    above: Option<Value>,
}

impl<'a> Postponed<'a> {
    /// Follows the side, unless it was taken in the meantime.
    pub(super) fn follow(self, it: &mut Interpreter<'a>) {
        if it.branches.is_reached(self.side) || !it.spend(1) {
            return;
        }
        let frame = Frame::new(self.scope, self.this, self.above);
        let around = std::mem::replace(&mut it.frame, frame);
        it.perhaps(|it| match self.side {
            Side::Statement(statement) => {
                it.statement(statement);
            }
            Side::Expression(expression) => {
                it.expression(expression);
            }
        });
        it.frame = around;
    }
}

/// The sides of branches so far, by their keys.
#[derive(Default)]
pub(super) struct Branches<'a> {
    /// Those that were taken.
    reached: HashSet<usize>,
    /// Those that were not taken when they were met first.
    put_off: HashSet<usize>,
    /// What is to be done of those.
    postponed: Vec<Postponed<'a>>,
}

impl<'a> Branches<'a> {
    /// Notes that a side is taken, or postpones it to the end.
    pub(super) fn reach(&mut self, is_taken: Option<bool>, side: Side<'a>, frame: &Frame) {
        if is_taken != Some(false) {
            self.reached.insert(side.key());
        } else if !self.is_reached(side) && self.put_off.insert(side.key()) {
            self.postponed.push(Postponed {
                side,
                scope: frame.scope,
                this: frame.this.clone(),
                above: frame.above.clone(),
            });
        }
    }

    fn is_reached(&self, side: Side<'a>) -> bool {
        self.reached.contains(&side.key())
    }

    /// Returns the sides that were postponed since the last time.
    pub(super) fn take_postponed(&mut self) -> Vec<Postponed<'a>> {
        std::mem::take(&mut self.postponed)
    }
}
