//! Functions and classes of the program, and what is around one while it runs.

use oxc_ast::ast::{Class, Expression, FormalParameters, FunctionBody};

use crate::value::Value;

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    Statements(&'a FunctionBody<'a>),
    Expression(&'a Expression<'a>),
    /// What `new` does with a class.
    Class(&'a Class<'a>),
}

/// A function with the scope it was made in.
#[derive(Clone, Debug)]
pub(crate) struct Function<'a> {
    pub(crate) params: Option<&'a FormalParameters<'a>>,
    pub(crate) body: Body<'a>,
    pub(crate) scope: u32,
    /// What `this` is in an arrow function.
    pub(crate) this: Option<Value>,
    pub(crate) is_generator: bool,
    /// Whether parts of it may run later than its call.
    pub(crate) is_async: bool,
    /// The class above the one whose method it is.
    pub(crate) above: Option<Value>,
}

impl Function<'_> {
    /// The same for all functions that were made from one piece of the source.
    pub(crate) fn key(&self) -> usize {
        match self.body {
            Body::Statements(body) => std::ptr::from_ref(body) as usize,
            Body::Expression(body) => std::ptr::from_ref(body) as usize,
            Body::Class(class) => std::ptr::from_ref(class) as usize,
        }
    }
}

/// What is around the statements that run.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) scope: u32,
    pub(crate) this: Value,
    /// The class above the one whose method runs.
    pub(crate) above: Option<Value>,
    /// What it may return.
    pub(crate) returned: Vec<Value>,
    /// What a generator gives, in order.
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
}
