//! Assigns values to names: declarations, parameters, assignments, and their patterns.

use std::rc::Rc;

use oxc_ast::ast::{
    AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty, AssignmentTargetRest,
    BindingPattern, Expression, SimpleAssignmentTarget,
};

use super::Interpreter;
use crate::UNKNOWN;
use crate::heap::Kind;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    /// Declares the names of a pattern.
    pub(super) fn bind(&mut self, pattern: &'a BindingPattern<'a>, value: Value, scope: u32) {
        match pattern {
            BindingPattern::BindingIdentifier(id) => {
                self.scopes
                    .declare(scope, id.name.as_str(), value, &mut self.heap)
            }
            BindingPattern::AssignmentPattern(pattern) => {
                let value = self.or_default(value, &pattern.right);
                self.bind(&pattern.left, value, scope);
            }
            BindingPattern::ObjectPattern(pattern) => {
                let mut taken = Vec::new();
                for property in &pattern.properties {
                    let name = self.key(&property.key, property.computed);
                    let field = self.get_any(&value, &name);
                    taken.push(self.name_text(&name));
                    self.bind(&property.value, field, scope);
                }
                if let Some(rest) = &pattern.rest {
                    let others = self.without(&value, &taken);
                    self.bind(&rest.argument, others, scope);
                }
            }
            BindingPattern::ArrayPattern(pattern) => {
                for (at, element) in pattern.elements.iter().enumerate() {
                    let field = self.element(&value, at);
                    if let Some(element) = element {
                        self.bind(element, field, scope);
                    }
                }
                if let Some(rest) = &pattern.rest {
                    let others = self.behind(&value, pattern.elements.len());
                    self.bind(&rest.argument, others, scope);
                }
            }
        }
    }

    pub(super) fn or_default(&mut self, value: Value, default: &'a Expression<'a>) -> Value {
        let is_missing = |value: &Value| matches!(value, Value::Undefined | Value::Absent);
        let may_be_missing =
            |value: &Value| is_missing(value) || matches!(value, Value::Unknown | Value::Path(_));
        if !value.alternatives().iter().any(may_be_missing) {
            return value;
        }
        let default = self.perhaps(|this| this.expression(default));
        let given = value
            .alternatives()
            .iter()
            .filter(|value| !is_missing(value))
            .cloned();
        let all: Vec<Value> = given.chain([default]).collect();
        self.any(all)
    }

    fn element(&mut self, value: &Value, at: usize) -> Value {
        self.each(&value.clone(), |this, value| {
            match this.heap.as_list(value) {
                Some(_) => this.get(value, &at.to_string()),
                None => {
                    let (elements, is_open) = this.elements(value);
                    match elements.into_iter().nth(at) {
                        Some(element) => element,
                        None if is_open => this.get(value, &UNKNOWN.to_string()),
                        None => Value::Undefined,
                    }
                }
            }
        })
    }

    fn behind(&mut self, value: &Value, at: usize) -> Value {
        let (elements, is_open) = self.elements(value);
        let rest = elements.into_iter().skip(at).collect();
        if is_open {
            self.heap.open_list(rest)
        } else {
            self.heap.list(rest)
        }
    }

    /// Returns the object without some of its fields.
    fn without(&mut self, value: &Value, taken: &[Rc<str>]) -> Value {
        if let Value::Path(_) = value {
            return value.clone();
        }
        let copy = self.heap.object(Kind::Plain, Vec::new());
        for source in value.alternatives() {
            let Value::Object(id) = source else {
                self.copy_fields(&copy, source);
                continue;
            };
            for field in self.heap.get(*id).fields.clone() {
                if !taken.contains(&field.name) {
                    let value = self.heap.field_value(*id, &field);
                    self.define(&copy, &Value::text(&field.name), value, field.is_getter);
                }
            }
        }
        copy
    }

    pub(super) fn assign(&mut self, target: &'a AssignmentTarget<'a>, value: Value) {
        match target {
            AssignmentTarget::ArrayAssignmentTarget(pattern) => {
                for (at, element) in pattern.elements.iter().enumerate() {
                    let field = self.element(&value, at);
                    if let Some(element) = element {
                        self.assign_or_default(element, field);
                    }
                }
                let others = self.behind(&value, pattern.elements.len());
                self.assign_rest(pattern.rest.as_deref(), others);
            }
            AssignmentTarget::ObjectAssignmentTarget(pattern) => {
                let mut taken = Vec::new();
                for property in &pattern.properties {
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(property) => {
                            let name = property.binding.name.as_str();
                            let mut field = self.get(&value, name);
                            if let Some(init) = &property.init {
                                field = self.or_default(field, init);
                            }
                            taken.push(name.into());
                            self.assign_name(name, field);
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                            let name = self.key(&property.name, property.computed);
                            let field = self.get_any(&value, &name);
                            taken.push(self.name_text(&name));
                            self.assign_or_default(&property.binding, field);
                        }
                    }
                }
                if pattern.rest.is_some() {
                    let others = self.without(&value, &taken);
                    self.assign_rest(pattern.rest.as_deref(), others);
                }
            }
            other => {
                if let Some(target) = other.as_simple_assignment_target() {
                    self.assign_simple(target, value);
                }
            }
        }
    }

    fn assign_rest(&mut self, rest: Option<&'a AssignmentTargetRest<'a>>, value: Value) {
        if let Some(rest) = rest {
            self.assign(&rest.target, value);
        }
    }

    fn assign_or_default(&mut self, target: &'a AssignmentTargetMaybeDefault<'a>, value: Value) {
        match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(target) => {
                let value = self.or_default(value, &target.init);
                self.assign(&target.binding, value);
            }
            other => {
                if let Some(target) = other.as_assignment_target() {
                    self.assign(target, value);
                }
            }
        }
    }

    pub(super) fn read_target(&mut self, target: &'a SimpleAssignmentTarget<'a>) -> Value {
        match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => {
                self.name(name.name.as_str())
            }
            other => match (other.as_member_expression(), other.get_expression()) {
                (Some(member), _) => {
                    let (object, name) = self.member(member);
                    self.get_any(&object, &name)
                }
                (None, Some(expression)) => self.expression(expression),
                (None, None) => Value::anything(),
            },
        }
    }

    pub(super) fn assign_simple(&mut self, target: &'a SimpleAssignmentTarget<'a>, value: Value) {
        match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => {
                self.assign_name(name.name.as_str(), value);
            }
            other => match (other.as_member_expression(), other.get_expression()) {
                (Some(member), _) => {
                    let (object, name) = self.member(member);
                    self.set(&object, &name, value);
                }
                (None, Some(Expression::Identifier(name))) => {
                    self.assign_name(name.name.as_str(), value)
                }
                (None, Some(expression)) => {
                    if let Some(member) = expression.as_member_expression() {
                        let (object, name) = self.member(member);
                        self.set(&object, &name, value);
                    }
                }
                (None, None) => {}
            },
        }
    }

    fn assign_name(&mut self, name: &str, value: Value) {
        let (cell, object) = self.scopes.find(self.frame.scope, name);
        if let Some(object) = object {
            self.set(&object, &Value::text(name), value.clone());
        }
        match cell {
            Some(cell) => self.scopes.write(cell, value, &mut self.heap),
            None => self.heap.write_over(name, value),
        }
    }

    /// Writes a field, when both the object and the name may be several.
    pub(crate) fn set(&mut self, object: &Value, name: &Value, value: Value) {
        let are_several = object.alternatives().len() * name.alternatives().len() > 1;
        let around = are_several.then(|| self.heap.regions.enter());
        for object in object.alternatives() {
            for name in name.alternatives() {
                let name = self.name_text(name);
                match object {
                    Value::Object(id) => self.heap.set_field(*id, &name, value.clone(), false),
                    Value::Path(path)
                        if matches!(&**path, "globalThis" | "window" | "self" | "global") =>
                    {
                        self.heap.write_over(&name, value.clone());
                    }
                    Value::Path(path) => self
                        .heap
                        .write_over(&format!("{path}.{name}"), value.clone()),
                    _ => {}
                }
            }
        }
        if let Some(around) = around {
            self.heap.regions.leave(around);
        }
    }
}
