//! Assignments, and the patterns that they assign to.

use oxc_ast::ast::{
    AssignmentExpression, AssignmentOperator, AssignmentTarget, AssignmentTargetMaybeDefault,
    AssignmentTargetProperty, Expression, SimpleAssignmentTarget,
};

use super::Interpreter;
use super::literals::Key;
use super::members::Member;
use super::names::Name;
use super::operators::Operation;
use super::reference::Reference;
use super::source::Source;
use super::terms::Term;
use crate::value::Value;

/// `target = value`, or with another operator.
pub(super) struct Assignment<'a>(pub(super) &'a AssignmentExpression<'a>);

impl<'a> Assignment<'a> {
    pub(super) fn value(&self, it: &mut Interpreter<'a>) -> Value {
        let value = match self.0.operator {
            AssignmentOperator::Assign => it.expression(&self.0.right),
            operator => {
                let Some(target) = self.0.left.as_simple_assignment_target() else {
                    return it.expression(&self.0.right);
                };
                let old = Place(target).read(it);
                match operator.to_binary_operator() {
                    Some(operator) => {
                        let right = it.expression(&self.0.right);
                        Operation::new(operator, &old, &right).value(it)
                    }
                    // `||=`, `&&=`, `??=`.
                    None => {
                        let right = it.perhaps(|it| it.expression(&self.0.right));
                        it.any([old, right])
                    }
                }
            }
        };
        Target(&self.0.left).assign(value.clone(), it);
        value
    }
}

/// What is assigned to: a place, or a pattern of places.
pub(super) struct Target<'a>(pub(super) &'a AssignmentTarget<'a>);

impl<'a> Target<'a> {
    pub(super) fn assign(&self, value: Value, it: &mut Interpreter<'a>) {
        match self.0 {
            AssignmentTarget::ArrayAssignmentTarget(pattern) => {
                for (at, element) in pattern.elements.iter().enumerate() {
                    let field = Source(&value).element(at, it);
                    if let Some(element) = element {
                        Slot(element).assign(field, it);
                    }
                }
                let others = Source(&value).behind(pattern.elements.len(), it);
                if let Some(rest) = &pattern.rest {
                    Target(&rest.target).assign(others, it);
                }
            }
            AssignmentTarget::ObjectAssignmentTarget(pattern) => {
                let mut taken = Vec::new();
                for property in &pattern.properties {
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(property) => {
                            let name = property.binding.name.as_str();
                            let mut field = it.get(&value, name);
                            if let Some(init) = &property.init {
                                field = Term(init).unless_given(field, it);
                            }
                            taken.push(name.into());
                            Name(name).assign(field, it);
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                            let name = Key::new(&property.name, property.computed).value(it);
                            let field = Reference::at(&value, &name).get(it);
                            taken.push(name.as_name());
                            Slot(&property.binding).assign(field, it);
                        }
                    }
                }
                if let Some(rest) = &pattern.rest {
                    let others = Source(&value).without(&taken, it);
                    Target(&rest.target).assign(others, it);
                }
            }
            other => {
                if let Some(target) = other.as_simple_assignment_target() {
                    Place(target).assign(value, it);
                }
            }
        }
    }
}

/// A part of a pattern, which may have a default.
struct Slot<'a>(&'a AssignmentTargetMaybeDefault<'a>);

impl<'a> Slot<'a> {
    fn assign(&self, value: Value, it: &mut Interpreter<'a>) {
        match self.0 {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(target) => {
                let value = Term(&target.init).unless_given(value, it);
                Target(&target.binding).assign(value, it);
            }
            other => {
                if let Some(target) = other.as_assignment_target() {
                    Target(target).assign(value, it);
                }
            }
        }
    }
}

/// A name or a member, which can be read and assigned to.
pub(super) struct Place<'a>(pub(super) &'a SimpleAssignmentTarget<'a>);

impl<'a> Place<'a> {
    pub(super) fn read(&self, it: &mut Interpreter<'a>) -> Value {
        match self.0 {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => {
                Name(name.name.as_str()).read(it)
            }
            other => match (other.as_member_expression(), other.get_expression()) {
                (Some(member), _) => {
                    let (object, name) = Member(member).parts(it);
                    Reference::at(&object, &name).get(it)
                }
                (None, Some(expression)) => it.expression(expression),
                (None, None) => Value::anything(),
            },
        }
    }

    pub(super) fn assign(&self, value: Value, it: &mut Interpreter<'a>) {
        match self.0 {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => {
                Name(name.name.as_str()).assign(value, it);
            }
            other => match (other.as_member_expression(), other.get_expression()) {
                (Some(member), _) => {
                    let (object, name) = Member(member).parts(it);
                    Reference::at(&object, &name).set(value, &mut it.heap);
                }
                (None, Some(Expression::Identifier(name))) => {
                    Name(name.name.as_str()).assign(value, it)
                }
                (None, Some(expression)) => {
                    if let Some(member) = expression.as_member_expression() {
                        let (object, name) = Member(member).parts(it);
                        Reference::at(&object, &name).set(value, &mut it.heap);
                    }
                }
                (None, None) => {}
            },
        }
    }
}
