//! Declarations, imports and exports, and what TypeScript adds to them.

use oxc_ast::ast::{
    Declaration, ExportDefaultDeclarationKind, ImportDeclaration, ImportDeclarationSpecifier,
    Statement, TSEnumDeclaration, TSEnumMemberName, TSNamespaceDeclaration,
    TSNamespaceDeclarationBody, VariableDeclaration, VariableDeclarationKind,
};

use super::Interpreter;
use super::calls::module;
use super::classes::ClassLiteral;
use super::literals::{FunctionLiteral, Template};
use super::patterns::Pattern;
use super::reference::Reference;
use super::statements::Block;
use crate::heap::Kind;
use crate::value::Value;

/// A statement that declares names.
pub(super) struct Declared<'a>(pub(super) &'a Statement<'a>);

impl<'a> Declared<'a> {
    /// Follows a declaration, an import or an export. Other statements do nothing.
    pub(super) fn follow(&self, it: &mut Interpreter<'a>) {
        match self.0 {
            Statement::VariableDeclaration(declaration) => Variables(declaration).declare(it),
            Statement::ClassDeclaration(class) => {
                ClassLiteral(class).value(it);
            }
            Statement::ImportDeclaration(import) => Import(import).follow(it),
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::VariableDeclaration(declaration) => Variables(declaration).declare(it),
                Declaration::ClassDeclaration(class) => {
                    ClassLiteral(class).value(it);
                }
                _ => {}
            },
            Statement::ExportDefaultDeclaration(export) => Exported(&export.declaration).follow(it),
            Statement::TSEnumDeclaration(declaration) => Enumeration(declaration).declare(it),
            Statement::TSNamespaceDeclaration(declaration) => Namespace(declaration).follow(it),
            Statement::TSExportAssignment(export) => {
                it.expression(&export.expression);
            }
            _ => {}
        }
    }
}

struct Import<'a>(&'a ImportDeclaration<'a>);

impl<'a> Import<'a> {
    fn follow(&self, it: &mut Interpreter<'a>) {
        let module = module(self.0.source.value.as_str());
        for specifier in self.0.specifiers.iter().flatten() {
            let (local, value) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(one) => {
                    let name = one.imported.name();
                    (&one.local, it.get(&module, name.as_str()))
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                    (&one.local, module.clone())
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                    (&one.local, module.clone())
                }
            };
            it.scopes
                .declare(it.frame.scope, local.name.as_str(), value, &mut it.heap);
        }
    }
}

/// What a module exports as its default.
struct Exported<'a>(&'a ExportDefaultDeclarationKind<'a>);

impl<'a> Exported<'a> {
    fn follow(&self, it: &mut Interpreter<'a>) {
        match self.0 {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                let value = FunctionLiteral::new(function, None).value(it);
                if let Some(id) = &function.id {
                    it.scopes
                        .declare(it.frame.scope, id.name.as_str(), value, &mut it.heap);
                }
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                ClassLiteral(class).value(it);
            }
            other => {
                if let Some(expression) = other.as_expression() {
                    it.expression(expression);
                }
            }
        }
    }
}

/// `var`, `let` or `const`, with the variables behind it.
pub(super) struct Variables<'a>(pub(super) &'a VariableDeclaration<'a>);

impl<'a> Variables<'a> {
    pub(super) fn declare(&self, it: &mut Interpreter<'a>) {
        let around = it.frame.scope;
        for declarator in &self.0.declarations {
            let value = match &declarator.init {
                Some(init) => it.expression(init),
                // `var x` for a name that has a value changes nothing.
                None if self.0.kind == VariableDeclarationKind::Var => {
                    let name = declarator.id.get_binding_identifier();
                    match name.map(|id| it.scopes.find(it.frame.scope, id.name.as_str()).0) {
                        Some(Some(_)) => continue,
                        _ => Value::Undefined,
                    }
                }
                None => Value::Undefined,
            };
            let scope = match self.0.kind {
                VariableDeclarationKind::Var => it.scopes.function_scope(around),
                _ => around,
            };
            Pattern(&declarator.id).bind(value, scope, it);
        }
    }
}

struct Enumeration<'a>(&'a TSEnumDeclaration<'a>);

impl<'a> Enumeration<'a> {
    fn declare(&self, it: &mut Interpreter<'a>) {
        let object = it.heap.object(Kind::Plain, Vec::new());
        for (at, member) in self.0.body.members.iter().enumerate() {
            let name = match &member.id {
                TSEnumMemberName::Identifier(name) => Value::literal(name.name.as_str()),
                TSEnumMemberName::String(name) | TSEnumMemberName::ComputedString(name) => {
                    Value::literal(name.value.as_str())
                }
                TSEnumMemberName::ComputedTemplateString(name) => Template(name).value(it),
            };
            let value = match &member.initializer {
                Some(initializer) => it.expression(initializer),
                None => Value::Number(at as f64),
            };
            Reference::at(&object, &name).define(value, false, &mut it.heap);
        }
        let name = self.0.id.name.as_str();
        it.scopes
            .declare(it.frame.scope, name, object, &mut it.heap);
    }
}

struct Namespace<'a>(&'a TSNamespaceDeclaration<'a>);

impl<'a> Namespace<'a> {
    /// Declares its content in the scope around it, so its exports are found only by their bare
    /// names.
    fn follow(&self, it: &mut Interpreter<'a>) {
        match &self.0.body {
            TSNamespaceDeclarationBody::TSModuleBlock(block) => {
                Block(&block.body).hoist(it);
                Block(&block.body).follow(it);
            }
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => {
                Namespace(inner).follow(it)
            }
        }
    }
}
