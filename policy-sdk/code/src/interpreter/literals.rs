//! Evaluates object and list literals, and spreads in them.

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, Expression, ObjectExpression, ObjectPropertyKind,
    PropertyKey, PropertyKind,
};

use super::Interpreter;
use crate::UNKNOWN;
use crate::heap::{Field, Kind, MOST_ELEMENTS};
use crate::value::{MOST, Value};

impl<'a> Interpreter<'a> {
    pub(super) fn object(&mut self, expression: &'a ObjectExpression<'a>) -> Value {
        let object = self.heap.object(Kind::Plain, Vec::new());
        for property in &expression.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => {
                    let source = self.expression(&spread.argument);
                    self.copy_fields(&object, &source);
                }
                ObjectPropertyKind::ObjectProperty(property) => {
                    let name = self.key(&property.key, property.computed);
                    let value = self.expression(&property.value);
                    let is_getter = property.kind == PropertyKind::Get;
                    if property.kind != PropertyKind::Set {
                        self.define(&object, &name, value, is_getter);
                    }
                }
            }
        }
        object
    }

    /// Copies all fields of one object to another.
    pub(crate) fn copy_fields(&mut self, object: &Value, source: &Value) {
        for source in source.alternatives() {
            match source {
                Value::Object(id) => {
                    let fields: Vec<Field> = self.heap.get(*id).fields.clone();
                    let elements = self
                        .heap
                        .as_list(source)
                        .map(|(elements, _)| elements.to_vec());
                    for (at, element) in elements.into_iter().flatten().enumerate() {
                        self.define(object, &Value::text(&at.to_string()), element, false);
                    }
                    for field in fields {
                        let value = self.value_of_field(*id, &field, source);
                        self.define(object, &Value::text(&field.name), value, false);
                    }
                }
                Value::Unknown | Value::Path(_) => {
                    let value = if matches!(source, Value::Path(_)) {
                        self.get(source, &UNKNOWN.to_string())
                    } else {
                        Value::Unknown
                    };
                    self.define(object, &Value::some_text(), value, false);
                }
                _ => {}
            }
        }
    }

    /// Defines a field whose name may be one of several.
    pub(crate) fn define(&mut self, object: &Value, name: &Value, value: Value, is_getter: bool) {
        let Value::Object(id) = object else {
            return;
        };
        for name in name.alternatives() {
            let name = self.name_text(name);
            self.heap.set_field(*id, &name, value.clone(), is_getter);
        }
    }

    /// The name of a property.
    pub(super) fn key(&mut self, key: &'a PropertyKey<'a>, is_computed: bool) -> Value {
        match key {
            PropertyKey::StaticIdentifier(name) => Value::literal(name.name.as_str()),
            PropertyKey::PrivateIdentifier(name) => Value::literal(&format!("#{}", name.name)),
            other => match other.as_expression() {
                Some(expression) if is_computed => self.expression(expression),
                Some(Expression::StringLiteral(text)) => Value::literal(text.value.as_str()),
                Some(Expression::NumericLiteral(number)) => {
                    Value::text(&crate::value::number_text(number.value))
                }
                Some(expression) => self.expression(expression),
                None => Value::some_text(),
            },
        }
    }

    /// Returns the possible lists of an array literal, with each possible spread.
    pub(super) fn array(
        &mut self,
        elements: &'a [ArrayExpressionElement<'a>],
    ) -> Vec<(Vec<Value>, bool)> {
        let mut lists = vec![(Vec::new(), false)];
        for element in elements {
            match element {
                ArrayExpressionElement::SpreadElement(spread) => {
                    let value = self.expression(&spread.argument);
                    lists = self.spread_each(lists, &value);
                }
                other => {
                    let value = match other.as_expression() {
                        Some(expression) => self.expression(expression),
                        None => Value::Undefined,
                    };
                    lists
                        .iter_mut()
                        .for_each(|(list, _)| list.push(value.clone()));
                }
            }
        }
        lists
    }

    fn spread_each(
        &mut self,
        lists: Vec<(Vec<Value>, bool)>,
        value: &Value,
    ) -> Vec<(Vec<Value>, bool)> {
        let are_few = lists.len() * value.alternatives().len() <= MOST;
        let choices = if are_few {
            value.alternatives()
        } else {
            std::slice::from_ref(value)
        };
        let mut longer = Vec::new();
        for (list, is_open) in lists {
            for choice in choices {
                let mut list = list.clone();
                let is_more = self.spread(choice, &mut list);
                longer.push((list, is_open || is_more));
            }
        }
        longer
    }

    pub(super) fn arguments(&mut self, arguments: &'a [Argument<'a>]) -> Vec<Value> {
        let mut values = Vec::new();
        for argument in arguments {
            match argument {
                Argument::SpreadElement(spread) => {
                    let value = self.expression(&spread.argument);
                    self.spread(&value, &mut values);
                }
                other => {
                    if let Some(expression) = other.as_expression() {
                        values.push(self.expression(expression));
                    }
                }
            }
        }
        values
    }

    /// Adds the elements of a list. Returns whether there may be more.
    fn spread(&mut self, list: &Value, values: &mut Vec<Value>) -> bool {
        let (elements, is_open) = self.elements(list);
        values.extend(
            elements
                .into_iter()
                .take(MOST_ELEMENTS.saturating_sub(values.len())),
        );
        if is_open {
            values.push(Value::Unknown);
        }
        is_open
    }
}
