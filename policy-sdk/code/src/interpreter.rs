//! Follows a program from beginning to end, on all its ways at once.
//!
//! Nothing runs. Statements are followed in order, with the values that are known. A branch is
//! followed whatever its condition is, and `return`, `break` and `throw` end nothing. A value that
//! depends on the path becomes several. So every call in the source is met at least once.

mod arguments;
mod binding;
mod calling;
mod classes;
mod expressions;
mod literals;
mod loops;
mod members;
mod operators;
mod statements;
mod untaken;

pub(crate) use calling::module;
pub(crate) use operators::append;

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;

use crate::function::{Frame, Function};
use crate::heap::Heap;
use crate::report::Report;
use crate::scopes::Scopes;
use crate::value::Value;
use crate::{Bound, Reason, parse};

/// The most steps for following a program, in addition to those for its length. An expression takes about
/// one step, and a step is worth about a thousand units of the host's fuel.
const MOST_STEPS: usize = 6_000;
/// How many bytes of a source allow one more step.
const BYTES_PER_STEP: usize = 8;
/// Expressions, statements and calls in each other.
const DEEPEST: usize = 120;
/// Programs in each other: `eval("eval('…')")`.
const MOST_SOURCES: usize = 64;
/// Calls of one function inside of itself.
const MOST_RECURSIVE: usize = 6;
/// The longest text that is kept, in bytes.
pub(crate) const LONGEST_TEXT: usize = 1 << 20;

/// Follows one program.
pub(crate) struct Interpreter<'a> {
    allocator: &'a Allocator,
    pub(crate) heap: Heap<'a>,
    scopes: Scopes<'a>,
    pub(crate) report: Report,
    frame: Frame,
    /// All functions that were made, in order.
    functions: Vec<Rc<Function<'a>>>,
    called: HashSet<usize>,
    /// Sides of branches that were taken, that were put off, and what is to be done of those.
    reached: HashSet<usize>,
    put_off: HashSet<usize>,
    postponed: Vec<untaken::Postponed<'a>>,
    /// Calls of which parts run later than they stand.
    later: Vec<(Rc<Function<'a>>, Value, Vec<Value>)>,
    /// The functions that are being called.
    stack: Vec<usize>,
    steps: usize,
    most_steps: usize,
    depth: usize,
    sources: usize,
    /// The value that the current promise was resolved with.
    pub(crate) resolved: Option<Value>,
}

impl<'a> Interpreter<'a> {
    /// Makes an interpreter for a source of this length, which takes at most `left` steps.
    pub(crate) fn new(allocator: &'a Allocator, length: usize, left: usize) -> Self {
        Self {
            allocator,
            heap: Heap::new(),
            scopes: Scopes::new(),
            report: Report::default(),
            frame: Frame::new(Scopes::PROGRAM, Value::Undefined, None),
            functions: Vec::new(),
            called: HashSet::new(),
            reached: HashSet::new(),
            put_off: HashSet::new(),
            postponed: Vec::new(),
            later: Vec::new(),
            stack: Vec::new(),
            steps: 0,
            most_steps: left.min(MOST_STEPS + length / BYTES_PER_STEP),
            depth: 0,
            sources: 0,
            resolved: None,
        }
    }

    /// Follows the program and then each function that nobody called.
    pub(crate) fn run(&mut self, program: &'a Program<'a>) {
        self.program(program);
        let mut at = 0;
        loop {
            while let Some(function) = self.functions.get(at).cloned() {
                at += 1;
                if !self.called.contains(&function.key()) {
                    self.perhaps(|this| this.call_with_anything(&function));
                }
            }
            if !self.follow_untaken() {
                break;
            }
        }
        self.run_later();
    }

    /// The bound that was exceeded, if any.
    pub(crate) fn met(&self) -> Option<Bound> {
        self.heap.met().or(self.report.met)
    }

    /// Follows the text of a program in this one, as `eval` does.
    pub(crate) fn source(&mut self, text: &str) -> Value {
        self.sources += 1;
        if self.sources > MOST_SOURCES {
            return self.stop(Bound::Steps);
        }
        self.spend(text.len() / 16);
        let left = Cell::new(usize::MAX);
        match parse::parse(self.allocator, text, &left) {
            Ok(parsed) => {
                if !parsed.is_whole {
                    self.report.reason.get_or_insert(Reason::Syntax);
                }
                self.deeper(|this| this.program(parsed.program))
            }
            Err(reason) => {
                self.report.reason.get_or_insert(reason);
                Value::anything()
            }
        }
    }

    /// Notes that the rest is not read, and why.
    fn stop(&mut self, bound: Bound) -> Value {
        self.heap.exceed(bound);
        Value::anything()
    }

    /// Returns the steps that were taken.
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// Counts steps. Returns whether there are any left.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        self.steps = self
            .steps
            .saturating_add(steps + self.scopes.take_searched() / 8);
        if self.steps > self.most_steps {
            self.heap.exceed(Bound::Steps);
        }
        self.steps <= self.most_steps
    }

    /// Follows something one level deeper.
    fn deeper(&mut self, follow: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.spend(1) {
            return Value::anything();
        }
        if self.depth >= DEEPEST {
            return self.stop(Bound::Depth);
        }
        self.depth += 1;
        let value = follow(self);
        self.depth -= 1;
        value
    }

    /// Follows something that may not run.
    pub(crate) fn perhaps<T>(&mut self, follow: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.heap.regions.enter();
        let value = follow(self);
        self.heap.regions.leave(around);
        value
    }

    pub(crate) fn any(&mut self, values: impl IntoIterator<Item = Value>) -> Value {
        self.heap.any(values)
    }

    /// A text that was made of others.
    pub(crate) fn made(&mut self, text: String) -> Value {
        self.spend(text.len() / 64);
        if text.len() > LONGEST_TEXT {
            self.heap.exceed(Bound::Length);
            return Value::some_text();
        }
        Value::Text(text.into())
    }

    /// Applies `change` to each alternative.
    pub(crate) fn each(
        &mut self,
        value: &Value,
        mut change: impl FnMut(&mut Self, &Value) -> Value,
    ) -> Value {
        match value {
            Value::OneOf(values) => {
                let changed: Vec<Value> = values.iter().map(|value| change(self, value)).collect();
                self.any(changed)
            }
            value => change(self, value),
        }
    }
}
