//! Follows a program from beginning to end, on all its ways at once.
//!
//! Nothing runs. Statements are followed in order, with the values that are known. A branch is
//! followed whatever its condition is, and `return`, `break` and `throw` end nothing. A value that
//! depends on the path becomes several. So every call in the source is met at least once.
//!
//! The [`Interpreter`] is the state of the program, and what any part of it needs: to evaluate an
//! expression, to call a function. Each construct of the language is a type of its own that is given
//! the interpreter, and so is each kind of call of the runtime (`builtins`).

mod assignment;
mod branches;
mod budget;
mod builtins;
mod calls;
mod classes;
mod declarations;
mod elements;
mod functions;
mod invocation;
mod literals;
mod loops;
mod members;
mod names;
mod operators;
mod patterns;
mod reference;
mod report;
mod source;
mod statements;
mod terms;
mod texts;

use std::cell::Cell;
use std::rc::Rc;

use oxc_allocator::Allocator;
use oxc_ast::ast::{Expression, Program, Statement};

use branches::Branches;
use budget::Budget;
use builtins::RuntimeCall;
use functions::Functions;
use invocation::Invocation;
use members::Lookup;
use statements::{Block, Leaves, Step};
use terms::Term;

use crate::function::{Frame, Function};
use crate::heap::{Heap, Kind};
use crate::report::Report;
use crate::scopes::Scopes;
use crate::value::Value;
use crate::{Bound, Reason, parse};

/// The most turns of code that runs any number of times. Each turn adds alternatives.
const MOST_PASSES: usize = 8;
/// The longest text that is kept, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

/// The state of a program that is followed.
pub(crate) struct Interpreter<'a> {
    allocator: &'a Allocator,
    pub(crate) heap: Heap<'a>,
    scopes: Scopes<'a>,
    pub(crate) report: Report,
    frame: Frame,
    functions: Functions<'a>,
    branches: Branches<'a>,
    budget: Budget,
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
            functions: Functions::default(),
            branches: Branches::default(),
            budget: Budget::new(length, left),
            resolved: None,
        }
    }

    /// Follows the program and then each function that nobody called.
    pub(crate) fn run(&mut self, program: &'a Program<'a>) {
        self.program(program);
        loop {
            while let Some(function) = self.functions.next_uncalled() {
                self.perhaps(|this| Invocation::with_anything(&function).follow(this));
            }
            let postponed = self.branches.take_postponed();
            if postponed.is_empty() {
                break;
            }
            postponed.into_iter().for_each(|side| side.follow(self));
        }
        self.run_later();
    }

    /// Follows the calls again of which parts may run later, with all values that there ever were.
    fn run_later(&mut self) {
        let later = self.functions.take_later();
        if !self.heap.regions.has_past() {
            return;
        }
        self.heap.read_with_past();
        self.scopes.read_with_past();
        for call in later {
            self.perhaps(|this| call.follow(this));
        }
    }

    /// Follows a program. Returns the value that `eval` would return.
    fn program(&mut self, program: &'a Program<'a>) -> Value {
        Block(&program.body).hoist(self);
        match program.body.split_last() {
            Some((Statement::ExpressionStatement(last), rest)) => {
                Block(rest).follow(self);
                self.expression(&last.expression)
            }
            _ => {
                Block(&program.body).follow(self);
                Value::Undefined
            }
        }
    }

    /// The bound that was exceeded, if any.
    pub(crate) fn met(&self) -> Option<Bound> {
        self.heap.met().or(self.report.met)
    }

    /// Follows the text of a program in this one, as `eval` does.
    pub(crate) fn source(&mut self, text: &str) -> Value {
        if !self.budget.take_source() {
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
    pub(crate) fn stop(&mut self, bound: Bound) -> Value {
        self.heap.exceed(bound);
        Value::anything()
    }

    /// Returns the steps that were taken.
    pub(crate) fn steps(&self) -> usize {
        self.budget.steps()
    }

    /// Counts steps. Returns whether there are any left.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        let has_left = self.budget.spend(steps + self.scopes.take_searched() / 8);
        if !has_left {
            self.heap.exceed(Bound::Steps);
        }
        has_left
    }

    /// Follows something one level deeper.
    fn deeper(&mut self, follow: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.spend(1) {
            return Value::anything();
        }
        if !self.budget.enter() {
            return self.stop(Bound::Depth);
        }
        let value = follow(self);
        self.budget.leave();
        value
    }

    /// Follows something that may not run.
    pub(crate) fn perhaps<T>(&mut self, follow: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.heap.regions.enter();
        let value = follow(self);
        self.heap.regions.leave(around);
        value
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

    /// Follows something in a scope of its own.
    fn in_scope<T>(&mut self, follow: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.frame.scope;
        self.frame.scope = self.scopes.open(around, false, &mut self.heap);
        let value = follow(self);
        self.frame.scope = around;
        value
    }

    /// Follows a statement. Returns what it may leave.
    fn statement(&mut self, statement: &'a Statement<'a>) -> Leaves {
        let mut leaves = Leaves::NOTHING;
        self.deeper(|this| {
            leaves = Step(statement).follow(this);
            Value::Undefined
        });
        leaves
    }

    /// Evaluates an expression.
    fn expression(&mut self, expression: &'a Expression<'a>) -> Value {
        self.deeper(|this| Term(expression).value(this))
    }

    /// Calls a value that may be one of several functions.
    pub(crate) fn call(&mut self, callee: &Value, this: Value, arguments: Vec<Value>) -> Value {
        self.deeper(|it| match callee {
            Value::OneOf(callees) => {
                let mut results = Vec::new();
                for callee in callees
                    .iter()
                    .filter(|callee| callee.may_be_called() || **callee == Value::Unknown)
                {
                    results.push(
                        it.perhaps(|it| it.call_one(callee, this.clone(), arguments.clone())),
                    );
                }
                it.any(results)
            }
            callee => it.call_one(callee, this, arguments),
        })
    }

    fn call_one(&mut self, callee: &Value, this: Value, arguments: Vec<Value>) -> Value {
        match callee {
            Value::Path(path) => RuntimeCall::new(path, this, arguments).follow(self),
            Value::Object(id) => match &self.heap.get(*id).kind {
                Kind::Function(function) => {
                    let function = function.clone();
                    Invocation::new(&function, this, arguments).follow(self)
                }
                Kind::Bound {
                    function,
                    this,
                    arguments: first,
                } => {
                    let (function, this) = (function.clone(), this.clone());
                    let all = first.iter().cloned().chain(arguments).collect();
                    self.call(&function, this, all)
                }
                _ => Value::Unknown,
            },
            _ => {
                self.hand_over(&arguments, &Value::Unknown);
                Value::Unknown
            }
        }
    }

    /// Calls the functions among these arguments, because the code that gets them may call them.
    pub(crate) fn hand_over(&mut self, arguments: &[Value], given: &Value) {
        for argument in arguments {
            for argument in argument.alternatives() {
                let Some(function) = self.heap.as_function(argument).cloned() else {
                    continue;
                };
                let given =
                    vec![given.clone(); function.params.map_or(0, |params| params.items.len())];
                let call = Invocation::new(&function, Value::Unknown, given);
                self.functions.runs_later(&call);
                self.until_it_rests(|this| call.clone().follow(this));
            }
        }
    }

    /// Makes a function.
    fn made_function(&mut self, function: Function<'a>) -> Value {
        let function = Rc::new(function);
        self.functions.add(function.clone());
        self.heap.object(Kind::Function(function), Vec::new())
    }

    /// Reads a field.
    pub(crate) fn get(&mut self, object: &Value, name: &str) -> Value {
        Lookup(name).on(object, self)
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
