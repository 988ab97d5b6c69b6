//! Follows calls, of the program's own functions and of the runtime.

use std::rc::Rc;

use oxc_ast::ast::{CallExpression, Expression, NewExpression, TaggedTemplateExpression};

use super::{Interpreter, MOST_RECURSIVE};
use crate::UNKNOWN;
use crate::function::{Body, Frame, Function};
use crate::heap::Kind;
use crate::value::Value;

/// How many calls are followed again, with what may have changed by the time they run.
const MOST_LATER: usize = 256;

/// Returns the module of this name.
pub(crate) fn module(source: &str) -> Value {
    let name = source.strip_prefix("node:").unwrap_or(source);
    let name = name.strip_suffix("/promises").unwrap_or(name);
    let name = match name {
        "fs-extra" | "graceful-fs" => "fs",
        "path/posix" => "path",
        name => name,
    };
    Value::literal(name)
        .as_text()
        .map_or_else(Value::anything, Value::path)
}

impl<'a> Interpreter<'a> {
    pub(super) fn call_expression(&mut self, call: &'a CallExpression<'a>) -> Value {
        if let Expression::Super(_) = &call.callee {
            let arguments = self.arguments(&call.arguments);
            let (above, this) = (self.frame.above.clone(), self.frame.this.clone());
            if let Some(above) = above {
                self.initialize(&above, &this, arguments);
            }
            return Value::Undefined;
        }
        let (callee, this) = self.callee(&call.callee);
        let arguments = self.arguments(&call.arguments);
        self.call(&callee, this, arguments)
    }

    /// Returns what is called, and the object that it is called on.
    fn callee(&mut self, callee: &'a Expression<'a>) -> (Value, Value) {
        let callee = match callee {
            Expression::TSNonNullExpression(inner) => &inner.expression,
            Expression::TSAsExpression(inner) => &inner.expression,
            other => other,
        };
        if let Expression::ChainExpression(chain) = callee
            && let Some(member) = chain.expression.as_member_expression()
        {
            let (object, name) = self.member(member);
            return (self.get_any(&object, &name), object);
        }
        let Some(member) = callee.as_member_expression() else {
            return (self.expression(callee), Value::Undefined);
        };
        let (mut object, name) = self.member(member);
        let mut this = object.clone();
        if let Expression::Super(_) = member.object() {
            object = self.get(&object, "prototype");
            this = self.frame.this.clone();
        }
        let value = self.get_any(&object, &name);
        (value, this)
    }

    pub(super) fn new_expression(&mut self, new: &'a NewExpression<'a>) -> Value {
        let class = self.expression(&new.callee);
        let arguments = self.arguments(&new.arguments);
        self.construct(&class, arguments)
    }

    pub(super) fn tagged(&mut self, tagged: &'a TaggedTemplateExpression<'a>) -> Value {
        let (tag, this) = self.callee(&tagged.tag);
        let literals = |this: &mut Self, is_raw: bool| {
            let quasis = tagged.quasi.quasis.iter().map(|quasi| {
                let cooked = quasi.value.cooked.as_ref().filter(|_| !is_raw);
                Value::literal(cooked.unwrap_or(&quasi.value.raw).as_str())
            });
            let quasis = quasis.collect();
            this.heap.list(quasis)
        };
        let texts = literals(self, false);
        let raw = literals(self, true);
        self.define(&texts, &Value::text("raw"), raw, false);
        let mut arguments = vec![texts];
        for expression in &tagged.quasi.expressions {
            arguments.push(self.expression(expression));
        }
        self.call(&tag, this, arguments)
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
            Value::Path(path) => self.runtime(path, this, arguments),
            Value::Object(id) => match &self.heap.get(*id).kind {
                Kind::Function(function) => {
                    let function = function.clone();
                    self.invoke(&function, this, arguments)
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
                self.runs_later(&function, &Value::Unknown, &given);
                self.until_it_rests(|this| this.invoke(&function, Value::Unknown, given.clone()));
            }
        }
    }

    /// Remembers a call of which parts may run later.
    fn runs_later(&mut self, function: &Rc<Function<'a>>, this: &Value, arguments: &[Value]) {
        if self.later.len() < MOST_LATER {
            self.later
                .push((function.clone(), this.clone(), arguments.to_vec()));
        }
    }

    /// Follows the remembered calls again, with all values that there ever were.
    pub(super) fn run_later(&mut self) {
        let later = std::mem::take(&mut self.later);
        if !self.heap.regions.has_past() {
            return;
        }
        self.heap.read_with_past();
        self.scopes.read_with_past();
        for (function, this, arguments) in later {
            self.perhaps(|it| it.invoke(&function, this, arguments));
        }
    }

    /// Calls a function that nothing calls, with unknown arguments.
    pub(super) fn call_with_anything(&mut self, function: &Rc<Function<'a>>) {
        let params = function.params.map_or(0, |params| params.items.len());
        self.invoke(function, Value::anything(), vec![Value::anything(); params]);
    }

    /// Calls a function of the program. Returns what it may return.
    pub(super) fn invoke(
        &mut self,
        function: &Rc<Function<'a>>,
        this: Value,
        arguments: Vec<Value>,
    ) -> Value {
        let key = function.key();
        self.called.insert(key);
        if self.stack.iter().filter(|other| **other == key).count() >= MOST_RECURSIVE {
            return Value::anything();
        }
        if let Body::Class(_) = function.body {
            self.fields_of_class(function, &this);
            return Value::Undefined;
        }
        if function.is_async {
            self.runs_later(function, &this, &arguments);
        }
        self.stack.push(key);
        let this = function.this.clone().unwrap_or(this);
        let scope = self.scopes.open(function.scope, true, &mut self.heap);
        let frame = Frame::new(scope, this, function.above.clone());
        let around = std::mem::replace(&mut self.frame, frame);
        self.parameters(function, scope, arguments);
        let value = self.body(function);
        self.frame = around;
        self.stack.pop();
        value
    }

    fn parameters(&mut self, function: &Rc<Function<'a>>, scope: u32, arguments: Vec<Value>) {
        let Some(params) = function.params else {
            return;
        };
        if function.this.is_none() {
            let list = self.heap.list(arguments.clone());
            self.scopes
                .declare(scope, "arguments", list, &mut self.heap);
        }
        let mut arguments = arguments.into_iter();
        for param in &params.items {
            let mut value = arguments.next().unwrap_or(Value::Undefined);
            if let Some(initializer) = &param.initializer {
                value = self.or_default(value, initializer);
            }
            if param.accessibility.is_some()
                && let Some(id) = param.pattern.get_binding_identifier()
            {
                // TypeScript's `constructor(private x)`.
                let this = self.frame.this.clone();
                self.set(&this, &Value::text(id.name.as_str()), value.clone());
            }
            self.bind(&param.pattern, value, scope);
        }
        if let Some(rest) = &params.rest {
            let list = self.heap.list(arguments.collect());
            self.bind(&rest.rest.argument, list, scope);
        }
    }

    fn body(&mut self, function: &Rc<Function<'a>>) -> Value {
        match function.body {
            Body::Expression(expression) => self.expression(expression),
            Body::Statements(body) => {
                self.hoist(&body.statements);
                self.statements(&body.statements);
                let returned = std::mem::take(&mut self.frame.returned);
                if function.is_generator {
                    let yielded = std::mem::take(&mut self.frame.yielded);
                    return self.heap.list(yielded);
                }
                self.any(returned)
            }
            Body::Class(_) => Value::Undefined,
        }
    }

    /// Returns the elements of an iterable, and whether there may be more.
    pub(crate) fn elements(&mut self, value: &Value) -> (Vec<Value>, bool) {
        match value {
            Value::OneOf(values) => {
                let mut all = Vec::new();
                let mut is_open = false;
                for value in values.iter() {
                    let (elements, is_more) = self.elements(value);
                    is_open |= is_more;
                    for element in elements {
                        all.push(self.any([element, Value::Absent]));
                    }
                }
                (all, is_open)
            }
            Value::Object(_) => match self.heap.as_list(value) {
                Some((elements, is_open)) => (elements.to_vec(), is_open),
                None => {
                    let iterator = self.get(value, "Symbol.iterator");
                    if self.heap.as_function(&iterator).is_none() {
                        return (Vec::new(), true);
                    }
                    let iterated = self.call(&iterator, value.clone(), Vec::new());
                    match self.heap.as_list(&iterated) {
                        Some((elements, is_open)) => (elements.to_vec(), is_open),
                        None => (Vec::new(), true),
                    }
                }
            },
            Value::Text(text) => {
                let chars = text.chars().take(crate::heap::MOST_ELEMENTS);
                let chars = chars
                    .map(|c| Value::text(c.encode_utf8(&mut [0; 4])))
                    .collect();
                (
                    chars,
                    text.contains(UNKNOWN) || text.len() > crate::heap::MOST_ELEMENTS,
                )
            }
            Value::Path(path) => (vec![Value::path(&format!("{path}.{UNKNOWN}"))], true),
            Value::Undefined | Value::Null | Value::Absent => (Vec::new(), false),
            _ => (Vec::new(), true),
        }
    }

    /// Returns the names of an object's fields, as a list.
    pub(crate) fn keys(&mut self, value: &Value) -> Value {
        match value {
            Value::Object(id) => {
                let object = self.heap.get(*id);
                let mut names: Vec<Value> = match &object.kind {
                    Kind::List(values, _) => (0..values.len())
                        .map(|at| Value::text(&at.to_string()))
                        .collect(),
                    _ => Vec::new(),
                };
                names.extend(
                    object
                        .fields
                        .iter()
                        .map(|field| Value::Text(field.name.clone())),
                );
                let is_open = matches!(object.kind, Kind::List(_, true));
                if is_open {
                    self.heap.open_list(names)
                } else {
                    self.heap.list(names)
                }
            }
            _ => self.heap.open_list(vec![Value::some_text()]),
        }
    }
}
