//! Patterns that declare names.

use oxc_ast::ast::BindingPattern;

use super::Interpreter;
use super::literals::Key;
use super::reference::Reference;
use super::source::Source;
use super::terms::Term;
use crate::value::Value;

/// A pattern of a declaration or of a parameter.
pub(super) struct Pattern<'a>(pub(super) &'a BindingPattern<'a>);

impl<'a> Pattern<'a> {
    /// Declares the names of a pattern.
    pub(super) fn bind(&self, value: Value, scope: u32, it: &mut Interpreter<'a>) {
        match self.0 {
            BindingPattern::BindingIdentifier(id) => {
                it.scopes
                    .declare(scope, id.name.as_str(), value, &mut it.heap)
            }
            BindingPattern::AssignmentPattern(pattern) => {
                let value = Term(&pattern.right).unless_given(value, it);
                Pattern(&pattern.left).bind(value, scope, it);
            }
            BindingPattern::ObjectPattern(pattern) => {
                let mut taken = Vec::new();
                for property in &pattern.properties {
                    let name = Key::new(&property.key, property.computed).value(it);
                    let field = Reference::at(&value, &name).get(it);
                    taken.push(name.as_name());
                    Pattern(&property.value).bind(field, scope, it);
                }
                if let Some(rest) = &pattern.rest {
                    let others = Source(&value).without(&taken, it);
                    Pattern(&rest.argument).bind(others, scope, it);
                }
            }
            BindingPattern::ArrayPattern(pattern) => {
                for (at, element) in pattern.elements.iter().enumerate() {
                    let field = Source(&value).element(at, it);
                    if let Some(element) = element {
                        Pattern(element).bind(field, scope, it);
                    }
                }
                if let Some(rest) = &pattern.rest {
                    let others = Source(&value).behind(pattern.elements.len(), it);
                    Pattern(&rest.argument).bind(others, scope, it);
                }
            }
        }
    }
}
