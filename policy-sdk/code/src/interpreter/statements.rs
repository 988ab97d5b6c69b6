//! Statements.

use oxc_ast::ast::{
    Declaration, ExportDefaultDeclarationKind, ImportDeclarationSpecifier, Program, Statement,
    SwitchStatement, TryStatement, VariableDeclaration, VariableDeclarationKind,
};

use super::Interpreter;
use super::untaken::Untaken;
use crate::value::Value;

/// What a statement may leave before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Left {
    Nothing,
    /// This turn of a loop.
    Turn,
    Loop,
    Function,
}

/// How a statement may end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaves {
    pub(super) left: Left,
    /// Whether it certainly does.
    pub(super) is_sure: bool,
}

impl Leaves {
    pub(super) const NOTHING: Self = Self {
        left: Left::Nothing,
        is_sure: false,
    };

    fn surely(left: Left) -> Self {
        Self {
            left,
            is_sure: true,
        }
    }

    /// What one or the other may leave.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            is_sure: false,
        }
    }

    pub(super) fn perhaps(self) -> Self {
        Self {
            is_sure: false,
            ..self
        }
    }

    /// What a loop with this body leaves.
    pub(super) fn behind_loop(self) -> Self {
        if self.left == Left::Function {
            self
        } else {
            Self::NOTHING
        }
    }
}

impl<'a> Interpreter<'a> {
    /// Follows a program. Returns the value that `eval` would return.
    pub(super) fn program(&mut self, program: &'a Program<'a>) -> Value {
        self.hoist(&program.body);
        match program.body.split_last() {
            Some((Statement::ExpressionStatement(last), rest)) => {
                self.statements(rest);
                self.expression(&last.expression)
            }
            _ => {
                self.statements(&program.body);
                Value::Undefined
            }
        }
    }

    /// Follows a list of statements. A statement behind one that may leave is followed as one that
    /// may not run.
    pub(super) fn statements(&mut self, statements: &'a [Statement<'a>]) -> Leaves {
        for (at, statement) in statements.iter().enumerate() {
            let leaves = self.statement(statement);
            if leaves == Leaves::NOTHING {
                continue;
            }
            let rest = &statements[at + 1..];
            if leaves.is_sure {
                for statement in rest {
                    self.reach(Some(false), Untaken::Statement(statement));
                }
                return leaves;
            }
            return leaves.or(self.perhaps(|this| this.statements_behind(rest)));
        }
        Leaves::NOTHING
    }

    /// This is a loop and not a recursion, because a list may have thousands that leave.
    fn statements_behind(&mut self, statements: &'a [Statement<'a>]) -> Leaves {
        let leaves = statements.iter().map(|statement| self.statement(statement));
        leaves.fold(Leaves::NOTHING, Leaves::or)
    }

    /// Declares the functions of a block, which may be called before their declaration.
    pub(super) fn hoist(&mut self, statements: &'a [Statement<'a>]) {
        for statement in statements {
            let function = match statement {
                Statement::FunctionDeclaration(function) => function,
                Statement::ExportDeclaration(export) => match &export.declaration {
                    Declaration::FunctionDeclaration(function) => function,
                    _ => continue,
                },
                _ => continue,
            };
            if let Some(id) = &function.id {
                let value = self.function(function, None);
                self.scopes
                    .declare(self.frame.scope, id.name.as_str(), value, &mut self.heap);
            }
        }
    }

    pub(super) fn block(&mut self, statements: &'a [Statement<'a>]) -> Leaves {
        self.in_scope(|this| {
            this.hoist(statements);
            this.statements(statements)
        })
    }

    pub(super) fn in_scope<T>(&mut self, follow: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.frame.scope;
        self.frame.scope = self.scopes.open(around, false, &mut self.heap);
        let value = follow(self);
        self.frame.scope = around;
        value
    }

    pub(super) fn statement(&mut self, statement: &'a Statement<'a>) -> Leaves {
        let mut leaves = Leaves::NOTHING;
        self.deeper(|this| {
            leaves = this.statement_here(statement);
            Value::Undefined
        });
        leaves
    }

    fn statement_here(&mut self, statement: &'a Statement<'a>) -> Leaves {
        match statement {
            Statement::ExpressionStatement(statement) => {
                self.expression(&statement.expression);
            }
            Statement::BlockStatement(block) => return self.block(&block.body),
            Statement::IfStatement(branch) => {
                let condition = self.expression(&branch.test).is_true();
                let one = self.side(condition, &branch.consequent);
                let other = match &branch.alternate {
                    Some(alternate) => self.side(condition.map(|is_true| !is_true), alternate),
                    None => Leaves::NOTHING,
                };
                return match condition {
                    Some(true) => one,
                    Some(false) => other,
                    None => one.or(other),
                };
            }
            Statement::ReturnStatement(statement) => {
                let value = match &statement.argument {
                    Some(argument) => self.expression(argument),
                    None => Value::Undefined,
                };
                self.returns(value);
                return Leaves::surely(Left::Function);
            }
            Statement::ThrowStatement(statement) => {
                self.expression(&statement.argument);
                return Leaves::surely(Left::Function);
            }
            Statement::BreakStatement(statement) => {
                return leave(Left::Loop, statement.label.is_some());
            }
            Statement::ContinueStatement(statement) => {
                return leave(Left::Turn, statement.label.is_some());
            }
            Statement::LabeledStatement(labeled) => return self.statement(&labeled.body),
            Statement::TryStatement(statement) => return self.attempt(statement),
            Statement::SwitchStatement(statement) => return self.switch(statement),
            Statement::WithStatement(statement) => {
                let object = self.expression(&statement.object);
                return self.in_scope(|this| {
                    this.scopes.with(this.frame.scope, object);
                    this.statement(&statement.body)
                });
            }
            Statement::ForStatement(statement) => return self.for_loop(statement),
            Statement::ForOfStatement(statement) => return self.for_of(statement),
            Statement::ForInStatement(statement) => return self.for_in(statement),
            Statement::WhileStatement(statement) => {
                return self.while_loop(&statement.test, &statement.body, None);
            }
            Statement::DoWhileStatement(statement) => {
                let first = self.statement(&statement.body);
                if first.is_sure && first.left > Left::Turn {
                    return first.behind_loop();
                }
                let others = self.while_loop(&statement.test, &statement.body, None);
                return if first.left > Left::Turn {
                    first.behind_loop().or(others)
                } else {
                    others
                };
            }
            other => self.declaration_or_module(other),
        }
        Leaves::NOTHING
    }

    /// Follows one side of a branch, if it is or may be taken. Otherwise postpones it.
    fn side(&mut self, is_taken: Option<bool>, statement: &'a Statement<'a>) -> Leaves {
        self.reach(is_taken, Untaken::Statement(statement));
        match is_taken {
            Some(true) => self.statement(statement),
            Some(false) => Leaves::NOTHING,
            None => self.perhaps(|this| this.statement(statement)).perhaps(),
        }
    }

    pub(super) fn returns(&mut self, value: Value) {
        if !self.frame.returned.contains(&value) {
            self.frame.returned.push(value);
        }
    }

    fn declaration_or_module(&mut self, statement: &'a Statement<'a>) {
        match statement {
            Statement::VariableDeclaration(declaration) => self.variables(declaration),
            Statement::ClassDeclaration(class) => {
                self.class(class);
            }
            Statement::ImportDeclaration(import) => {
                let module = super::calling::module(import.source.value.as_str());
                for specifier in import.specifiers.iter().flatten() {
                    let (local, value) = match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(one) => {
                            let name = one.imported.name();
                            (&one.local, self.get(&module, name.as_str()))
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                            (&one.local, module.clone())
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                            (&one.local, module.clone())
                        }
                    };
                    self.scopes.declare(
                        self.frame.scope,
                        local.name.as_str(),
                        value,
                        &mut self.heap,
                    );
                }
            }
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::VariableDeclaration(declaration) => self.variables(declaration),
                Declaration::ClassDeclaration(class) => {
                    self.class(class);
                }
                _ => {}
            },
            Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                    let value = self.function(function, None);
                    if let Some(id) = &function.id {
                        self.scopes.declare(
                            self.frame.scope,
                            id.name.as_str(),
                            value,
                            &mut self.heap,
                        );
                    }
                }
                ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                    self.class(class);
                }
                other => {
                    if let Some(expression) = other.as_expression() {
                        self.expression(expression);
                    }
                }
            },
            Statement::TSEnumDeclaration(declaration) => self.enumeration(declaration),
            Statement::TSNamespaceDeclaration(declaration) => self.namespace(declaration),
            Statement::TSExportAssignment(export) => {
                self.expression(&export.expression);
            }
            _ => {}
        }
    }

    pub(super) fn variables(&mut self, declaration: &'a VariableDeclaration<'a>) {
        let around = self.frame.scope;
        for declarator in &declaration.declarations {
            let value = match &declarator.init {
                Some(init) => self.expression(init),
                // `var x` for a name that has a value changes nothing.
                None if declaration.kind == VariableDeclarationKind::Var => {
                    let names = declarator.id.get_binding_identifier();
                    match names.map(|id| self.scopes.find(self.frame.scope, id.name.as_str()).0) {
                        Some(Some(_)) => continue,
                        _ => Value::Undefined,
                    }
                }
                None => Value::Undefined,
            };
            let scope = match declaration.kind {
                VariableDeclarationKind::Var => self.scopes.function_scope(around),
                _ => around,
            };
            self.bind(&declarator.id, value, scope);
        }
    }

    fn attempt(&mut self, statement: &'a TryStatement<'a>) -> Leaves {
        // Any of its statements may be the last to run.
        let mut leaves = self
            .perhaps(|this| this.block(&statement.block.body))
            .perhaps();
        if let Some(handler) = &statement.handler {
            let caught = self.perhaps(|this| {
                this.in_scope(|this| {
                    if let Some(param) = &handler.param {
                        this.bind(&param.pattern, Value::Unknown, this.frame.scope);
                    }
                    this.block(&handler.body.body)
                })
            });
            leaves = leaves.or(caught);
        }
        if let Some(finalizer) = &statement.finalizer {
            let last = self.block(&finalizer.body);
            leaves = if last.is_sure { last } else { leaves.or(last) };
        }
        leaves
    }

    fn switch(&mut self, statement: &'a SwitchStatement<'a>) -> Leaves {
        self.expression(&statement.discriminant);
        let leaves = self.in_scope(|this| {
            for case in &statement.cases {
                this.hoist(&case.consequent);
            }
            let mut most = Leaves::NOTHING;
            for case in &statement.cases {
                if let Some(test) = &case.test {
                    this.expression(test);
                }
                let leaves = this.perhaps(|this| this.statements(&case.consequent));
                // A `break` leaves only the switch.
                if leaves.left != Left::Loop {
                    most = most.or(leaves);
                }
            }
            most
        });
        leaves.perhaps()
    }
}

/// A jump. With a label it may leave several loops.
fn leave(left: Left, has_label: bool) -> Leaves {
    if has_label {
        Leaves::surely(Left::Function).perhaps()
    } else {
        Leaves::surely(left)
    }
}
