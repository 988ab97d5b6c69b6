//! Calls, as they are written.

use oxc_ast::ast::{CallExpression, Expression, TaggedTemplateExpression};

use super::Interpreter;
use super::classes::Construction;
use super::literals::Arguments;
use super::members::Member;
use super::reference::Reference;
use crate::value::Value;

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

/// A call, as it is written.
pub(super) struct CallSite<'a>(pub(super) &'a CallExpression<'a>);

impl<'a> CallSite<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        if let Expression::Super(_) = &self.0.callee {
            let arguments = Arguments(&self.0.arguments).values(it);
            let (above, this) = (it.frame.above.clone(), it.frame.this.clone());
            if let Some(above) = above {
                Construction::new(&above, arguments).initialize(&this, it);
            }
            return Value::Undefined;
        }
        let (callee, this) = Callee(&self.0.callee).values(it);
        let arguments = Arguments(&self.0.arguments).values(it);
        it.call(&callee, this, arguments)
    }
}

/// What is called.
struct Callee<'a>(&'a Expression<'a>);

impl<'a> Callee<'a> {
    /// Returns what is called, and the object that it is called on.
    fn values(&self, it: &mut Interpreter<'a>) -> (Value, Value) {
        let callee = match self.0 {
            Expression::TSNonNullExpression(inner) => &inner.expression,
            Expression::TSAsExpression(inner) => &inner.expression,
            other => other,
        };
        if let Expression::ChainExpression(chain) = callee
            && let Some(member) = chain.expression.as_member_expression()
        {
            let (object, name) = Member(member).parts(it);
            return (Reference::at(&object, &name).get(it), object);
        }
        let Some(member) = callee.as_member_expression() else {
            return (it.expression(callee), Value::Undefined);
        };
        let (mut object, name) = Member(member).parts(it);
        let mut this = object.clone();
        if let Expression::Super(_) = member.object() {
            object = it.get(&object, "prototype");
            this = it.frame.this.clone();
        }
        let value = Reference::at(&object, &name).get(it);
        (value, this)
    }
}

/// A template with a function before it, which is called with its parts.
pub(super) struct Tagged<'a>(pub(super) &'a TaggedTemplateExpression<'a>);

impl<'a> Tagged<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        let (tag, this) = Callee(&self.0.tag).values(it);
        let literals = |this: &mut Interpreter<'a>, is_raw: bool| {
            let quasis = self.0.quasi.quasis.iter().map(|quasi| {
                let cooked = quasi.value.cooked.as_ref().filter(|_| !is_raw);
                Value::literal(cooked.unwrap_or(&quasi.value.raw).as_str())
            });
            let quasis = quasis.collect();
            this.heap.list(quasis)
        };
        let texts = literals(it, false);
        let raw = literals(it, true);
        Reference::at(&texts, &Value::text("raw")).define(raw, false, &mut it.heap);
        let mut arguments = vec![texts];
        for expression in &self.0.quasi.expressions {
            arguments.push(it.expression(expression));
        }
        it.call(&tag, this, arguments)
    }
}
