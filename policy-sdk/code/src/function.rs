//! Functions and classes of the program, and the frame in which a function runs.

use oxc_ast::ast::{Class, Expression, FormalParameters, FunctionBody};

use crate::value::Value;

/// The code of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    Statements(&'a FunctionBody<'a>),
    Expression(&'a Expression<'a>),
    /// A class, for `new`.
    Class(&'a Class<'a>),
}

/// A function with the scope it was made in.
#[derive(Clone, Debug)]
pub(crate) struct Function<'a> {
    pub(crate) params: Option<&'a FormalParameters<'a>>,
    pub(crate) body: Body<'a>,
    pub(crate) scope: u32,
    /// The value of `this` in an arrow function.
    pub(crate) this: Option<Value>,
    pub(crate) is_generator: bool,
    /// Whether parts of it may run after its call returns.
    pub(crate) is_async: bool,
    /// The parent class of the class that has this method.
    pub(crate) above: Option<Value>,
}

impl Function<'_> {
    /// A key that all functions made from the same piece of source share.
    pub(crate) fn key(&self) -> usize {
        match self.body {
            Body::Statements(body) => std::ptr::from_ref(body) as usize,
            Body::Expression(body) => std::ptr::from_ref(body) as usize,
            Body::Class(class) => std::ptr::from_ref(class) as usize,
        }
    }
}

/// The state around the statements that are running.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) scope: u32,
    pub(crate) this: Value,
    /// The parent class of the class whose method is running.
    pub(crate) above: Option<Value>,
    /// The values that it may return.
    pub(crate) returned: Vec<Value>,
    /// The values that a generator yields, in order.
    pub(crate) yielded: Vec<Value>,
}

impl Frame {
    pub(crate) fn new(scope: u32, this: Value, above: Option<Value>) -> Self {
        Self {
            scope,
            this,
            above,
            returned: Vec::new(),
            yielded: Vec::new(),
        }
    }

    /// Adds a value that it may return.
    pub(crate) fn returns(&mut self, value: Value) {
        if !self.returned.contains(&value) {
            self.returned.push(value);
        }
    }
}
